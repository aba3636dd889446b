/* SPDX-License-Identifier: MIT */

/* Fuzz target: a picture file and its EXIF data. */
#include "fuzz.h"

#define STBI_WRITE_NO_STDIO
#include <stb/stb_image_write.h>

#include "../../src/data/picture.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  KairosShape shape = { 16, 12, 3 };
  guint8 out[16 * 12 * 3];

  kairos_picture_decode (data, size, shape, FALSE, out, NULL);
  kairos_picture_decode (data, size, shape, TRUE, out, NULL);
  return 0;
}

static void
append_bytes (void *context, void *data, int size)
{
  g_byte_array_append (context, data, size);
}

GByteArray *
fuzz_seed (unsigned number)
{
  static const guint8 exif[] = { 0xff, 0xe1, 0,    34, 'E', 'x', 'i', 'f', 0, 0, 'I', 'I', 42, 0, 8, 0, 0, 0,
                                 1,    0,    0x12, 1,  3,   0,   1,   0,   0, 0, 6,   0,   0,  0, 0, 0, 0, 0 };
  GByteArray *bytes = number < 4 ? g_byte_array_new () : NULL;
  guint8 pixels[10 * 14 * 4];

  for (guint i = 0; i < sizeof pixels; i++)
    pixels[i] = i * 7;
  if (number == 0)
    stbi_write_png_to_func (append_bytes, bytes, 10, 14, 4, pixels, 40);
  else if (number == 1)
    stbi_write_bmp_to_func (append_bytes, bytes, 10, 14, 3, pixels);
  else if (number < 4)
    stbi_write_jpg_to_func (append_bytes, bytes, 10, 14, number == 2 ? 3 : 1, pixels, 80);
  if (number == 2) {
    g_autoptr (GByteArray) rest = g_byte_array_append (g_byte_array_new (), bytes->data + 2, bytes->len - 2);

    g_byte_array_set_size (bytes, 2);
    g_byte_array_append (bytes, exif, sizeof exif);
    g_byte_array_append (bytes, rest->data, rest->len);
  }
  return bytes;
}
