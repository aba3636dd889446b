/* SPDX-License-Identifier: MIT */

/* Colours and dashes of runs. */
#include "config.h"

#include "plots/kairos-run-palette.h"

#define RGB(rgb)                                                                                                       \
  {                                                                                                                    \
    ((rgb) >> 16 & 255) / 255.0, ((rgb) >> 8 & 255) / 255.0, ((rgb) &255) / 255.0, 1                                   \
  }
#define N_COLORS 6
#define N_DASHES 5 /* no common factor with the colours */

GdkRGBA
kairos_run_palette_color (guint color, gboolean dark)
{
  static const GdkRGBA colors[N_COLORS][2] = {
    { RGB (0xa71188), RGB (0xff36a1) }, /* magenta */
    { RGB (0x00734d), RGB (0x1ecd76) }, /* green */
    { RGB (0xa000ff), RGB (0xe0b0ff) }, /* violet */
    { RGB (0x544a02), RGB (0xf2ff8a) }, /* olive */
    { RGB (0xb4747f), RGB (0xd99aa0) }, /* dusty rose */
    { RGB (0x0026aa), RGB (0x72ffde) }, /* navy, aqua in the dark */
  };

  return colors[color % N_COLORS][dark ? 1 : 0];
}

GdkRGBA
kairos_run_palette_split_color (KairosSplit split, gboolean dark)
{
  static const GdkRGBA training[] = { { 0.208, 0.518, 0.894, 1 }, { 0.384, 0.627, 0.918, 1 } },
                       validation[] = { { 0.902, 0.380, 0.000, 1 }, { 1.000, 0.639, 0.282, 1 } };

  return (split == KAIROS_SPLIT_TRAIN ? training : validation)[dark ? 1 : 0];
}

const double *
kairos_run_palette_dashes (guint color, int *n)
{
  static const double dashes[N_DASHES][6] = {
    { 6, 3 }, { 2, 2 }, { 12, 4 }, { 9, 3, 2, 3 }, { 6, 2, 2, 2, 2, 2 },
  };
  static const int lengths[N_DASHES] = { 2, 2, 2, 4, 6 };

  *n = lengths[color % N_DASHES];
  return dashes[color % N_DASHES];
}

static void
draw_line (cairo_t *cr, GdkRGBA color, double x, double end, double y, double line_width)
{
  gdk_cairo_set_source_rgba (cr, &color);
  cairo_set_line_width (cr, line_width);
  cairo_move_to (cr, x, y);
  cairo_line_to (cr, end, y);
  cairo_stroke (cr);
}

void
kairos_run_palette_draw_sample (const KairosMetricsRun *run, gboolean dark, cairo_t *cr, double x, double y,
                                double width)
{
  double middle = x + width / 2;
  int n;

  cairo_save (cr);
  if (run->current) {
    draw_line (cr, kairos_run_palette_split_color (KAIROS_SPLIT_TRAIN, dark), x, middle, y, 2.5);
    draw_line (cr, kairos_run_palette_split_color (KAIROS_SPLIT_VALIDATION, dark), middle, x + width, y, 2.5);
  } else {
    const double *dashes = kairos_run_palette_dashes (run->color, &n);

    cairo_set_dash (cr, dashes, n, 0);
    draw_line (cr, kairos_run_palette_color (run->color, dark), x, x + width, y, 2);
  }
  cairo_restore (cr);
}
