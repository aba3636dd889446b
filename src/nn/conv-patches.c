/* SPDX-License-Identifier: MIT */

/* See conv-patches.h. */
#include "conv-patches.h"

#include <string.h>

KairosPatches
kairos_patches (const KairosConvShape *shape)
{
  return (KairosPatches){
    .shape = *shape,
    .out_height = kairos_conv_out (shape->in_height, shape->kernel, shape->stride, shape->padding),
    .out_width = kairos_conv_out (shape->in_width, shape->kernel, shape->stride, shape->padding),
    .taps = shape->kernel * shape->kernel * shape->in_channels,
    .is_product = shape->kernel == 1 && shape->stride == 1 && shape->padding == 0,
  };
}

/* The part [*from, *to) of a kernel's taps along one axis that lies inside the input, when the patch starts at `start`.
 */
static inline void
clip_taps (int start, int kernel, int size, int *from, int *to)
{
  *from = CLAMP (-start, 0, kernel);
  *to = CLAMP (size - start, *from, kernel);
}

/* One output position: where its patch starts in the input. */
typedef struct {
  gsize sample;
  int y, x;
} Position;

static inline Position
locate (const KairosPatches *patches, gsize row)
{
  gsize positions = (gsize) patches->out_height * patches->out_width;

  return (Position){
    .sample = row / positions,
    .y = (int) (row % positions / patches->out_width) * patches->shape.stride - patches->shape.padding,
    .x = (int) (row % patches->out_width) * patches->shape.stride - patches->shape.padding,
  };
}

static inline gsize
input_offset (const KairosConvShape *s, const Position *at, int ky, int kx)
{
  return ((at->sample * s->in_height + at->y + ky) * s->in_width + at->x + kx) * s->in_channels;
}

static void
gather_patch (const KairosPatches *patches, gsize row, const float *x, float *patch)
{
  const KairosConvShape *s = &patches->shape;
  const Position at = locate (patches, row);
  int top, bottom, left, right;

  clip_taps (at.y, s->kernel, s->in_height, &top, &bottom);
  clip_taps (at.x, s->kernel, s->in_width, &left, &right);
  if (bottom - top < s->kernel || right - left < s->kernel)
    memset (patch, 0, patches->taps * sizeof *patch);
  for (int ky = top; ky < bottom; ky++)
    if (right > left)
      memcpy (patch + (ky * s->kernel + left) * s->in_channels, x + input_offset (s, &at, ky, left),
              (gsize) (right - left) * s->in_channels * sizeof *patch);
}

void
kairos_patches_scatter (const KairosPatches *patches, gsize row, const float *patch, float *dx)
{
  const KairosConvShape *s = &patches->shape;
  const Position at = locate (patches, row);
  int top, bottom, left, right;

  clip_taps (at.y, s->kernel, s->in_height, &top, &bottom);
  clip_taps (at.x, s->kernel, s->in_width, &left, &right);
  for (int ky = top; ky < bottom; ky++) {
    const float *from = patch + (ky * s->kernel + left) * s->in_channels;
    float *to = dx + input_offset (s, &at, ky, left);
    for (int i = 0; i < (right - left) * s->in_channels; i++)
      to[i] += from[i];
  }
}

const float *
kairos_patches_gather (const KairosPatches *patches, gsize first_row, gsize n_rows, const float *x, float *room)
{
  if (patches->is_product)
    return x + first_row * patches->taps;
  for (gsize i = 0; i < n_rows; i++)
    gather_patch (patches, first_row + i, x, room + i * patches->taps);
  return room;
}
