/* SPDX-License-Identifier: MIT */

/* Numbers as bytes: known bytes, at any place, and back. */
#include "src/base/bytes.h"

#include <math.h>

static const guint8 expected[] = {
  0x34, 0x12,                                     /* u16 */
  0x78, 0x56, 0x34, 0x12,                         /* u32 */
  0xef, 0xcd, 0xab, 0x89, 0x67, 0x45, 0x23, 0x01, /* u64 */
  0x00, 0x00, 0xc0, 0xbf,                         /* -1.5 as f32 */
  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xf8, 0xbf, /* -1.5 as f64 */
};

static void
test_append (void)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  kairos_put_u16 (bytes, 0x1234);
  kairos_put_u32 (bytes, 0x12345678);
  kairos_put_u64 (bytes, G_GUINT64_CONSTANT (0x0123456789abcdef));
  kairos_put_f32 (bytes, -1.5f);
  kairos_put_f64 (bytes, -1.5);
  g_assert_cmpmem (bytes->data, bytes->len, expected, sizeof expected);
}

/* At every offset from a place that is aligned: a sanitizer sees a read that supposes more. */
static void
test_in_place (void)
{
  guint8 room[8 + sizeof expected];

  for (guint offset = 0; offset < 8; offset++) {
    guint8 *at = room + offset;
    kairos_set_u16 (at, 0x1234);
    kairos_set_u32 (at + 2, 0x12345678);
    kairos_set_u64 (at + 6, G_GUINT64_CONSTANT (0x0123456789abcdef));
    kairos_set_f32 (at + 14, -1.5f);
    kairos_set_f64 (at + 18, -1.5);
    g_assert_cmpmem (at, sizeof expected, expected, sizeof expected);
    g_assert_cmpuint (kairos_get_u16 (at), ==, 0x1234);
    g_assert_cmpuint (kairos_get_u32 (at + 2), ==, 0x12345678);
    g_assert_true (kairos_get_u64 (at + 6) == G_GUINT64_CONSTANT (0x0123456789abcdef));
    g_assert_cmpfloat (kairos_get_f32 (at + 14), ==, -1.5f);
    g_assert_cmpfloat (kairos_get_f64 (at + 18), ==, -1.5);
  }
}

/* Not a number, with its bits, and zero with its sign. */
static void
test_bits (void)
{
  guint8 at[8];

  kairos_set_f32 (at, -0.0f);
  g_assert_true (signbit (kairos_get_f32 (at)));
  kairos_set_u64 (at, G_GUINT64_CONSTANT (0x7ff8000000001234));
  g_assert_true (isnan (kairos_get_f64 (at)));
  kairos_set_f64 (at, kairos_get_f64 (at));
  g_assert_true (kairos_get_u64 (at) == G_GUINT64_CONSTANT (0x7ff8000000001234));
}

static void
test_floats (void)
{
  const float from[] = { 1, 2, 3 };
  float to[] = { 0, 0, 0 };

  kairos_copy_floats (NULL, NULL, 0);
  kairos_copy_floats (to, from, 2);
  kairos_copy_floats (to, to, 3);
  g_assert_cmpfloat (to[0] + 10 * to[1] + 100 * to[2], ==, 21);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bytes/append", test_append);
  g_test_add_func ("/bytes/in-place", test_in_place);
  g_test_add_func ("/bytes/bits", test_bits);
  g_test_add_func ("/bytes/floats", test_floats);
  return g_test_run ();
}
