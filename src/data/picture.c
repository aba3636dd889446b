/* SPDX-License-Identifier: MIT */

/* Pictures: stb_image decodes, what follows is here.
 *
 * The resampling is separable with a triangle filter as wide as the reduction (bilinear when enlarging), so that a
 * photograph made small does not alias.  It runs over the source once, row by row, and holds no second copy of it.  The
 * EXIF turn is applied to the small result: crop and filter are symmetric, so it makes no difference and costs nothing.
 */
#include "picture.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "src/base/bytes.h"

#define STBI_NO_STDIO
#include <stb/stb_image.h>

#define MAX_POINTS 100e6
#define MAX_FILE (G_GINT64_CONSTANT (1) << 30)

/* ---- EXIF ---- */

typedef struct {
  const guint8 *data;
  gsize size;
  gboolean big_endian;
} Tiff;

static guint32
tiff_number (const Tiff *tiff, gsize offset, guint n)
{
  guint32 value = 0;

  if (offset > tiff->size || tiff->size - offset < n)
    return 0;
  for (guint i = 0; i < n; i++)
    value |= (guint32) tiff->data[offset + i] << 8 * (tiff->big_endian ? n - 1 - i : i);
  return value;
}

static int
tiff_orientation (Tiff *tiff)
{
  enum { ORIENTATION = 0x0112, ENTRY = 12 };
  gsize directory;
  guint n;

  if (tiff->size < 8)
    return 1;
  tiff->big_endian = tiff->data[0] == 'M';
  directory = tiff_number (tiff, 4, 4);
  n = tiff_number (tiff, directory, 2);
  for (guint i = 0; i < n; i++) {
    gsize entry = directory + 2 + (gsize) i * ENTRY;

    if (tiff_number (tiff, entry, 2) == ORIENTATION) {
      guint value = tiff_number (tiff, entry + 8, 2);

      return value >= 1 && value <= 8 ? value : 1;
    }
  }
  return 1;
}

int
kairos_picture_orientation (const guint8 *data, gsize size)
{
  enum { APP1 = 0xe1, START_OF_SCAN = 0xda };
  gsize at = 2;

  if (size < 4 || data[0] != 0xff || data[1] != 0xd8)
    return 1;
  while (at + 4 <= size && data[at] == 0xff && data[at + 1] != START_OF_SCAN) {
    gsize length = (gsize) data[at + 2] << 8 | data[at + 3];

    if (length < 2 || length > size - at - 2)
      return 1;
    if (data[at + 1] == APP1 && length > 8 && memcmp (data + at + 4, "Exif\0\0", 6) == 0)
      return tiff_orientation (&(Tiff){ .data = data + at + 10, .size = length - 8 });
    at += 2 + length;
  }
  return 1;
}

/* in is width x height; out is height x width for orientations 5 to 8. */
static void
turn (const float *in, int width, int height, int orientation, float *out)
{
  gboolean swap = orientation >= 5;
  int out_width = swap ? height : width, out_height = swap ? width : height;
  gboolean flip_x = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  gboolean flip_y = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;

  /* flip_x and flip_y speak of the stored picture: which way its columns and rows run. */
  for (int y = 0; y < out_height; y++)
    for (int x = 0; x < out_width; x++) {
      int from_x = swap ? y : x, from_y = swap ? x : y;

      from_x = flip_x ? width - 1 - from_x : from_x;
      from_y = flip_y ? height - 1 - from_y : from_y;
      memcpy (out + 3 * ((gsize) y * out_width + x), in + 3 * ((gsize) from_y * width + from_x), 3 * sizeof (float));
    }
}

/* ---- Resampling ---- */

/* Which source points make one output point, and with what weight. */
typedef struct {
  int first, n;
  float *weights;
} Tap;

static void
taps_free (Tap *taps)
{
  g_free (taps[0].weights);
  g_free (taps);
}

/* n_out output points over [begin, begin + length) of a line of n_in points. */
static Tap *
taps_new (int n_in, double begin, double length, int n_out)
{
  double scale = length / n_out, radius = MAX (scale, 1.0);
  int most = (int) ceil (2 * radius) + 2;
  Tap *taps = g_new (Tap, n_out);
  float *weights = g_new0 (float, (gsize) n_out *most);

  for (int i = 0; i < n_out; i++) {
    double centre = begin + (i + 0.5) * scale, sum = 0;
    int first = MAX (0, (int) floor (centre - radius)), last = MIN (n_in - 1, (int) ceil (centre + radius));
    Tap tap = { .first = first, .n = MIN (last - first + 1, most), .weights = weights + (gsize) i * most };

    for (int j = 0; j < tap.n; j++)
      sum += tap.weights[j] = MAX (0.0, 1 - fabs (first + j + 0.5 - centre) / radius);
    for (int j = 0; j < tap.n; j++)
      tap.weights[j] /= sum;
    taps[i] = tap;
  }
  return taps;
}

typedef struct {
  const guint8 *pixels;
  int width, height, channels; /* as stb_image gives them: 1 grey, 2 grey and alpha, 3, 4 */
} Pixels;

/* One row as RGB, transparent points on white. */
static void
read_row (const Pixels *pixels, int y, float *out)
{
  const guint8 *in = pixels->pixels + (gsize) y * pixels->width * pixels->channels;
  gboolean colour = pixels->channels >= 3, alpha = pixels->channels % 2 == 0;

  for (int x = 0; x < pixels->width; x++, in += pixels->channels, out += 3)
    for (int c = 0; c < 3; c++) {
      float value = in[colour ? c : 0];

      out[c] = alpha ? 255 + (value - 255) * in[pixels->channels - 1] / 255.0f : value;
    }
}

static void
filter_row (const float *row, const Tap *taps, int n_out, float *out)
{
  for (int x = 0; x < n_out; x++, out += 3) {
    const float *in = row + 3 * (gsize) taps[x].first;
    float sum[3] = { 0 };

    for (int j = 0; j < taps[x].n; j++, in += 3)
      for (int c = 0; c < 3; c++)
        sum[c] += taps[x].weights[j] * in[c];
    memcpy (out, sum, sizeof sum);
  }
}

/* The region of the source, filtered to width x height, written to out with a stride of out_width points. */
static void
resample (const Pixels *pixels, double x0, double y0, double w, double h, int width, int height, float *out,
          int out_width)
{
  Tap *across = taps_new (pixels->width, x0, w, width), *down = taps_new (pixels->height, y0, h, height);
  g_autofree float *row = g_new (float, 3 * (gsize) pixels->width);
  g_autofree float *filtered = g_new (float, 3 * (gsize) width);
  int lowest = 0, last = down[height - 1].first + down[height - 1].n;

  for (int y = down[0].first; y < last; y++) {
    read_row (pixels, y, row);
    filter_row (row, across, width, filtered);
    while (lowest < height && down[lowest].first + down[lowest].n <= y)
      lowest++;
    for (int i = lowest; i < height && down[i].first <= y; i++)
      if (y < down[i].first + down[i].n)
        for (int k = 0; k < 3 * width; k++)
          out[3 * (gsize) i * out_width + k] += down[i].weights[y - down[i].first] * filtered[k];
  }
  taps_free (across);
  taps_free (down);
}

/* out starts as zeros: the black bars of a letterbox. */
static void
fit (const Pixels *pixels, gboolean letterbox, int width, int height, float *out)
{
  double scale_x = (double) pixels->width / width, scale_y = (double) pixels->height / height;

  if (letterbox) {
    double scale = MAX (scale_x, scale_y);
    int w = CLAMP (lround (pixels->width / scale), 1, width), h = CLAMP (lround (pixels->height / scale), 1, height);

    out += 3 * ((gsize) ((height - h) / 2) * width + (width - w) / 2);
    resample (pixels, 0, 0, pixels->width, pixels->height, w, h, out, width);
  } else {
    double scale = MIN (scale_x, scale_y), w = scale * width, h = scale * height;

    resample (pixels, (pixels->width - w) / 2, (pixels->height - h) / 2, w, h, width, height, out, width);
  }
}

/* ---- What stb_image does not check ---- */

/* stb_image before 2.28, which Debian 12 has, writes beyond its tables when a Huffman table of a JPEG claims more than
 * 256 codes. The segment begins at data + at with its length. */
static gboolean
huffman_tables_fit (const guint8 *data, gsize size, gsize at, gsize length)
{
  gsize end = MIN (size, at + length);

  for (at += 2; at + 17 <= end;) {
    guint n = 0;

    for (guint i = 1; i <= 16; i++)
      n += data[at + i];
    if (n > 256)
      return FALSE;
    at += 17 + n;
  }
  /* A table that is cut off would be read on beyond its segment. */
  return at == end;
}

/* Walks over all markers, between and within the scans. */
static gboolean
jpeg_is_safe (const guint8 *data, gsize size)
{
  enum { HUFFMAN = 0xc4, RESTART_0 = 0xd0, END = 0xd9, NO_SEGMENT = 0x01 };

  for (gsize at = 2; at + 1 < size;) {
    guint8 marker = data[at + 1];
    gsize length;

    if (data[at] != 0xff || marker == 0xff || marker == 0) {
      at += data[at] == 0xff && marker == 0 ? 2 : 1;
      continue;
    }
    at += 2;
    if (marker == END)
      return TRUE;
    if ((marker >= RESTART_0 && marker < END) || marker == NO_SEGMENT || at + 2 > size)
      continue;
    length = (gsize) data[at] << 8 | data[at + 1];
    if (marker == HUFFMAN && !huffman_tables_fit (data, size, at, length))
      return FALSE;
    at += MAX (length, 2);
  }
  return TRUE;
}

/* stb_image gives black points for what a truncated BMP lacks, after a long time where the header claims a large
 * picture. */
static gboolean
bmp_is_whole (const guint8 *data, gsize size, int width, int height)
{
  enum { HEADER = 30, CORE_HEADER = 12 };
  guint32 offset, bits;

  if (size < HEADER)
    return FALSE;
  offset = kairos_get_u32 (data + 10);
  bits = kairos_get_u16 (data + (data[14] == CORE_HEADER ? 24 : 28));
  return offset + (((guint64) width * bits + 31) / 32 * 4) * height <= size;
}

/* ---- Putting it together ---- */

static guint8
to_byte (float value)
{
  return (guint8) CLAMP (value + 0.5f, 0, 255);
}

static void
to_bytes (const float *rgb, KairosShape shape, guint8 *out)
{
  for (gsize i = 0; i < (gsize) shape.height * shape.width; i++, rgb += 3)
    if (shape.channels == 3)
      for (int c = 0; c < 3; c++)
        *out++ = to_byte (rgb[c]);
    else
      *out++ = to_byte (0.299f * rgb[0] + 0.587f * rgb[1] + 0.114f * rgb[2]);
}

/* Width and height as the header says.  Those of a PNG are read here because stb_image does not tell them when they are
 * too large for it. */
static gboolean
read_size (const guint8 *data, gsize size, Pixels *pixels)
{
  static const guint8 png[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13, 'I', 'H', 'D', 'R' };
  guint32 sides[2];

  if (size < sizeof png + sizeof sides || memcmp (data, png, sizeof png) != 0)
    return size <= G_MAXINT && stbi_info_from_memory (data, size, &pixels->width, &pixels->height, &pixels->channels);
  memcpy (sides, data + sizeof png, sizeof sides);
  pixels->width = MIN (GUINT32_FROM_BE (sides[0]), G_MAXINT);
  pixels->height = MIN (GUINT32_FROM_BE (sides[1]), G_MAXINT);
  return TRUE;
}

static guint8 *
decode_pixels (const guint8 *data, gsize size, Pixels *pixels, GError **error)
{
  gboolean is_jpeg = size >= 2 && data[0] == 0xff && data[1] == 0xd8,
           is_bmp = size >= 2 && data[0] == 'B' && data[1] == 'M';
  gboolean sound = !is_jpeg || jpeg_is_safe (data, size);
  guint8 *decoded = NULL;

  if (sound && !read_size (data, size, pixels)) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT, "not a PNG, JPEG or BMP picture");
    return NULL;
  }
  if (sound && (double) pixels->width * pixels->height > MAX_POINTS) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
                 "its size of %dx%d points is beyond the 100 million points that Kairos decodes; make it smaller",
                 pixels->width, pixels->height);
    return NULL;
  }
  if (sound && size <= G_MAXINT && (!is_bmp || bmp_is_whole (data, size, pixels->width, pixels->height)))
    decoded = stbi_load_from_memory (data, size, &pixels->width, &pixels->height, &pixels->channels, 0);
  if (!decoded)
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT, "damaged or truncated, it cannot be decoded");
  pixels->pixels = decoded;
  return decoded;
}

gboolean
kairos_picture_decode (const guint8 *data, gsize size, KairosShape shape, gboolean letterbox, guint8 *out,
                       GError **error)
{
  int orientation = kairos_picture_orientation (data, size);
  int width = orientation >= 5 ? shape.height : shape.width, height = orientation >= 5 ? shape.width : shape.height;
  gsize n = 3 * (gsize) width * height;
  g_autofree float *stored = NULL, *turned = NULL;
  Pixels pixels;
  guint8 *decoded = decode_pixels (data, size, &pixels, error);

  if (!decoded)
    return FALSE;
  stored = g_new0 (float, n);
  fit (&pixels, letterbox, width, height, stored);
  stbi_image_free (decoded);
  turned = g_new (float, n);
  turn (stored, width, height, orientation, turned);
  to_bytes (turned, shape, out);
  return TRUE;
}

/* Plain calls of the system: this runs on the threads of the pool. */
static gboolean
read_file (const char *path, char **data, gsize *size, GError **error)
{
  GStatBuf info;

  if (g_stat (path, &info) == 0 && (!S_ISREG (info.st_mode) || info.st_size > MAX_FILE)) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT, "not a picture file of at most 1 GiB");
    return FALSE;
  }
  return g_file_get_contents (path, data, size, error);
}

gboolean
kairos_picture_read (const char *path, const char *name, KairosShape shape, gboolean letterbox, guint8 *out,
                     GError **error)
{
  g_autofree char *data = NULL;
  g_autoptr (GError) reason = NULL;
  gsize size;

  if (read_file (path, &data, &size, &reason) &&
      kairos_picture_decode ((const guint8 *) data, size, shape, letterbox, out, &reason))
    return TRUE;
  g_set_error (error, KAIROS_ERROR, reason->domain == KAIROS_ERROR ? reason->code : KAIROS_ERROR_IO, "%s: %s", name,
               reason->message);
  return FALSE;
}
