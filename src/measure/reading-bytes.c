/* SPDX-License-Identifier: MIT */

/* Readings as they lie in a session: names, so that rows may be added to a probe later, and little-endian numbers.
 *
 *   version u16, probe, step u64, epoch f64, skipped u8, estimator, samples u32, draws u32, deviation f64,
 *   milliseconds f64, count u16, then of each measure: name, n u32, n + 1 values f64
 *
 * A text is its length u16, then its bytes.  Measures that this version does not know are passed over.
 */
#include "probe-private.h"

#include <string.h>

#include "src/base/bytes.h"

enum { VERSION = 1, MAX_COMPONENTS = 1 << 20 };

static void
put_text (GByteArray *bytes, const char *text)
{
  gsize length = text ? strlen (text) : 0;

  kairos_put_u16 (bytes, (guint16) length);
  g_byte_array_append (bytes, (const guint8 *) text, (guint) length);
}

GBytes *
kairos_reading_to_bytes (const KairosReading *reading)
{
  GByteArray *bytes = g_byte_array_new ();
  guint8 skipped = reading->skipped != FALSE;

  kairos_put_u16 (bytes, VERSION);
  put_text (bytes, reading->probe->name);
  kairos_put_u64 (bytes, reading->step);
  kairos_put_f64 (bytes, reading->epoch);
  g_byte_array_append (bytes, &skipped, 1);
  put_text (bytes, reading->estimator);
  kairos_put_u32 (bytes, reading->samples);
  kairos_put_u32 (bytes, reading->draws);
  kairos_put_f64 (bytes, reading->deviation);
  kairos_put_f64 (bytes, reading->milliseconds);
  kairos_put_u16 (bytes, (guint16) reading->measured->len);
  for (guint i = 0; i < reading->measured->len; i++) {
    const KairosMeasured *measured = &g_array_index (reading->measured, KairosMeasured, i);
    put_text (bytes, measured->measure->name);
    kairos_put_u32 (bytes, measured->n);
    for (guint k = 0; k <= measured->n; k++)
      kairos_put_f64 (bytes, measured->values[k]);
  }
  return g_byte_array_free_to_bytes (bytes);
}

/* Reads on as long as there are bytes; afterwards at is NULL where there were too few. */
typedef struct {
  const guint8 *at;
  gsize left;
} Source;

static const guint8 *
take (Source *source, gsize n)
{
  static const guint8 zeros[8];
  const guint8 *at = source->at;

  if (!at || source->left < n) {
    source->at = NULL;
    source->left = 0;
    return n <= sizeof zeros ? zeros : NULL;
  }
  source->at += n;
  source->left -= n;
  return at;
}

/* Caller frees; NULL for an empty one. */
static char *
take_text (Source *source)
{
  guint16 n = kairos_get_u16 (take (source, 2));
  const guint8 *at = n > 0 ? take (source, n) : NULL;

  return at && source->at ? g_strndup ((const char *) at, n) : NULL;
}

static const KairosMeasure *
find_measure (const KairosProbe *probe, const char *name)
{
  for (guint i = 0; name && i < probe->set.n_measures; i++)
    if (g_str_equal (probe->set.measures[i].name, name))
      return &probe->set.measures[i];
  return NULL;
}

static void
take_measured (Source *source, KairosReading *reading)
{
  g_autofree char *name = take_text (source);
  const KairosMeasure *measure = find_measure (reading->probe, name);
  guint32 n = kairos_get_u32 (take (source, 4));

  if (!source->at || n > MAX_COMPONENTS || source->left < 8 * ((gsize) n + 1)) {
    source->at = NULL;
    return;
  }
  double *values = measure ? kairos_reading_add (reading, measure, n) : NULL;
  for (guint32 k = 0; k <= n; k++) {
    double value = kairos_get_f64 (take (source, 8));
    if (values)
      values[k] = value;
  }
}

static KairosReading *
take_head (Source *source, GError **error)
{
  g_autofree char *name = take_text (source);
  const KairosProbe *probe = name ? kairos_probe_find (name) : NULL;
  guint64 step = kairos_get_u64 (take (source, 8));
  double epoch = kairos_get_f64 (take (source, 8));

  if (source->at && name && !probe) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING,
                 "A reading is of the probe \"%s\", which is not known here.", name);
    return NULL;
  }
  if (!source->at || !probe) {
    g_set_error_literal (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT, "A reading is damaged.");
    return NULL;
  }
  KairosReading *reading = kairos_reading_new (probe, step, epoch);
  reading->skipped = *take (source, 1) != 0;
  reading->estimator = take_text (source);
  reading->samples = kairos_get_u32 (take (source, 4));
  reading->draws = kairos_get_u32 (take (source, 4));
  reading->deviation = kairos_get_f64 (take (source, 8));
  reading->milliseconds = kairos_get_f64 (take (source, 8));
  return reading;
}

KairosReading *
kairos_reading_from_bytes (GBytes *bytes, GError **error)
{
  gsize size;
  Source source = { g_bytes_get_data (bytes, &size) };

  source.left = size;
  if (size < 2 || kairos_get_u16 (take (&source, 2)) != VERSION) {
    g_set_error_literal (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT, "A reading is damaged.");
    return NULL;
  }
  g_autoptr (KairosReading) reading = take_head (&source, error);
  if (!reading)
    return NULL;
  for (guint16 n = kairos_get_u16 (take (&source, 2)); source.at && n > 0; n--)
    take_measured (&source, reading);
  if (!source.at || source.left > 0) {
    g_set_error_literal (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT, "A reading is damaged.");
    return NULL;
  }
  return g_steal_pointer (&reading);
}
