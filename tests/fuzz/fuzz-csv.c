/* SPDX-License-Identifier: MIT */

/* Fuzz target: CSV. */
#include "fuzz.h"

#include <string.h>

#include "../../src/data/csv.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  KairosReadContext context = fuzz_context ();
  KairosSource *source = kairos_source_new_memory (data, size, "fuzz.csv");

  fuzz_use (kairos_csv_parse (&context, source, NULL));
  kairos_source_free (source);
  return 0;
}

GByteArray *
fuzz_seed (unsigned number)
{
  static const char *const texts[] = {
    "a,b,class\n1,2,x\n-3.5,4e2,\"y, z\"\n5,6,x\n",
    "label;u\n1;2,5\n2;3\n",
    ("label\tpixel0\tpixel1\tpixel2\tpixel3\tpixel4\tpixel5\tpixel6\tpixel7\tpixel8\tpixel9\tpixel10\tpixel11\tpixel12"
     "\tpixel13\tpixel14\tpixel15\n"
     "0\t1\t2\t3\t4\t5\t6\t7\t8\t9\t10\t11\t12\t13\t14\t15\t16\n1\t1\t2\t3\t4\t5\t6\t7\t8\t9\t10\t11\t12\t13\t14\t15\t1"
     "6\n"),
  };

  return number < G_N_ELEMENTS (texts)
             ? g_byte_array_append (g_byte_array_new (), (const guint8 *) texts[number], strlen (texts[number]))
             : NULL;
}
