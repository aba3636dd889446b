/* SPDX-License-Identifier: MIT */

/* A picture file for the pad.  It is decoded twice: exactly as a sample of the data set is, and larger, so that it can
 * be shown and, scaled by what is on it, still be sharp. */
#include "sketch-private.h"

#include "dataset-private.h"
#include "picture.h"

#define FINE 320      /* points of the larger side of what is shown */
#define FAINTEST 0.1f /* of the strongest difference from the border; less is noise */
#define NOTHING 0.05f /* a strongest difference of less than this is none */

typedef gboolean (*Decode) (gconstpointer source, KairosShape shape, gboolean letterbox, guint8 *out, GError **error);

typedef struct {
  const guint8 *data;
  gsize size;
} Contents;

static gboolean
decode_contents (gconstpointer source, KairosShape shape, gboolean letterbox, guint8 *out, GError **error)
{
  const Contents *contents = source;

  return kairos_picture_decode (contents->data, contents->size, shape, letterbox, out, error);
}

static gboolean
decode_file (gconstpointer source, KairosShape shape, gboolean letterbox, guint8 *out, GError **error)
{
  return kairos_picture_read (source, source, shape, letterbox, out, error);
}

static float
luminance (const guint8 *rgb)
{
  return (0.299f * rgb[0] + 0.587f * rgb[1] + 0.114f * rgb[2]) / 255;
}

static float
border_luminance (const guint8 *rgb, KairosShape shape)
{
  double sum = 0;
  guint n = 0;

  for (int y = 0; y < shape.height; y++)
    for (int x = 0; x < shape.width; x++, rgb += 3)
      if (y == 0 || x == 0 || y == shape.height - 1 || x == shape.width - 1) {
        sum += luminance (rgb);
        n++;
      }
  return (float) (sum / n);
}

static cairo_surface_t *
colour_surface (const guint8 *rgb, KairosShape shape)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, shape.width, shape.height);
  int stride = cairo_image_surface_get_stride (surface);
  guint8 *rows = cairo_image_surface_get_data (surface);

  for (int y = 0; y < shape.height; y++)
    for (int x = 0; x < shape.width; x++, rgb += 3)
      ((guint32 *) (void *) (rows + (gsize) y * stride))[x] = (guint32) rgb[0] << 16 | (guint32) rgb[1] << 8 | rgb[2];
  cairo_surface_mark_dirty (surface);
  return surface;
}

/* Light on dark or dark on light: what is drawn is what differs from the border. */
static cairo_surface_t *
ink_surface (const guint8 *rgb, KairosShape shape)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_A8, shape.width, shape.height);
  int stride = cairo_image_surface_get_stride (surface);
  guint8 *rows = cairo_image_surface_get_data (surface);
  float border = border_luminance (rgb, shape), strongest = 0;

  for (gsize i = 0; i < (gsize) shape.width * shape.height; i++)
    strongest = MAX (strongest, ABS (luminance (rgb + 3 * i) - border));
  for (int y = 0; y < shape.height && strongest > NOTHING; y++)
    for (int x = 0; x < shape.width; x++) {
      float ink = ABS (luminance (rgb + 3 * ((gsize) y * shape.width + x)) - border) / strongest;

      rows[(gsize) y * stride + x] = ink < FAINTEST ? 0 : (guint8) (255 * ink + 0.5f);
    }
  cairo_surface_mark_dirty (surface);
  return surface;
}

static KairosSketchPicture *
make_picture (KairosDataset *dataset, Decode decode, gconstpointer source, GError **error)
{
  KairosShape shape = dataset->shape;
  int scale = CLAMP (FINE / MAX (shape.height, shape.width), 1, FINE);
  KairosShape fine = { shape.height * scale, shape.width * scale, 3 };
  gsize size = kairos_shape_size (shape);
  g_autofree guint8 *bytes = g_malloc (size), *rgb = g_malloc (kairos_shape_size (fine));
  KairosSketchPicture *picture;

  if (!decode (source, shape, dataset->letterbox, bytes, error) ||
      !decode (source, fine, dataset->letterbox, rgb, error))
    return NULL;
  picture = g_new0 (KairosSketchPicture, 1);
  picture->values = g_new (float, size);
  for (gsize i = 0; i < size; i++)
    picture->values[i] = bytes[i] * (1.0f / 255.0f);
  picture->colours = colour_surface (rgb, fine);
  picture->ink = ink_surface (rgb, fine);
  picture->stroke = border_luminance (rgb, fine) < 0.5f ? 1 : 0;
  return picture;
}

static gboolean
check_dataset (KairosDataset *dataset, GError **error)
{
  if (!dataset->is_image)
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_UNSUPPORTED,
                 "This network was trained on numbers, not on pictures, so it cannot judge a picture.");
  return dataset->is_image;
}

KairosSketchPicture *
kairos_sketch_picture_read (KairosDataset *dataset, const char *path, GError **error)
{
  return check_dataset (dataset, error) ? make_picture (dataset, decode_file, path, error) : NULL;
}

KairosSketchPicture *
kairos_sketch_picture_decode (KairosDataset *dataset, const guint8 *data, gsize size, GError **error)
{
  Contents contents = { data, size };

  return check_dataset (dataset, error) ? make_picture (dataset, decode_contents, &contents, error) : NULL;
}

void
kairos_sketch_picture_free (KairosSketchPicture *picture)
{
  if (!picture)
    return;
  cairo_surface_destroy (picture->colours);
  cairo_surface_destroy (picture->ink);
  g_free (picture->values);
  g_free (picture);
}
