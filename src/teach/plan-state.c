/* SPDX-License-Identifier: MIT */

/* What a plan resolved, as bytes and from one plan to the next.
 *
 *   u32 version 1, u32 states; a state: u32 origin, u32 hash of the kind, u64 first, latest, released, f64 threshold,
 * u32 n, u32 members[n]
 */
#include "plan-private.h"

#include "src/base/bytes.h"

enum { VERSION = 1, FIXED = 2 * 4 + 3 * 8 + 8 + 4 };

/* The kind of the clips that share a state. */
static const KairosKind *
kind_of (KairosPlan *plan, const KairosClipState *state)
{
  for (guint i = 0; i < plan->n_clips; i++)
    if (plan->clips[i].state == state)
      return plan->clips[i].clip->kind;
  return NULL;
}

static KairosClipState *
find (KairosPlan *plan, guint32 origin, guint32 hash)
{
  for (guint i = 0; i < plan->states->len; i++) {
    KairosClipState *state = plan->states->pdata[i];
    const KairosKind *kind = kind_of (plan, state);
    if (state->origin == origin && kind && g_str_hash (kind->name) == hash)
      return state;
  }
  return NULL;
}

/* ---- Saving ---- */

static void
put_state (GByteArray *bytes, KairosPlan *plan, const KairosClipState *state)
{
  kairos_put_u32 (bytes, state->origin);
  kairos_put_u32 (bytes, g_str_hash (kind_of (plan, state)->name));
  kairos_put_u64 (bytes, state->first);
  kairos_put_u64 (bytes, state->latest);
  kairos_put_u64 (bytes, state->released);
  kairos_put_f64 (bytes, state->threshold);
  kairos_put_u32 (bytes, state->n);
  for (guint i = 0; i < state->n; i++)
    kairos_put_u32 (bytes, state->members[i]);
}

GBytes *
kairos_plan_save (KairosPlan *plan)
{
  GByteArray *bytes = g_byte_array_new ();
  guint n = 0;

  for (guint i = 0; i < plan->states->len; i++)
    n += ((KairosClipState *) plan->states->pdata[i])->flags != NULL;
  kairos_put_u32 (bytes, VERSION);
  kairos_put_u32 (bytes, n);
  for (guint i = 0; i < plan->states->len; i++)
    if (((KairosClipState *) plan->states->pdata[i])->flags)
      put_state (bytes, plan, plan->states->pdata[i]);
  return g_byte_array_free_to_bytes (bytes);
}

/* ---- Restoring ---- */

/* The size of a state at this place; 0 where it does not fit or names samples that there are not. */
static gsize
measure (const guint8 *at, gsize left, guint n_train)
{
  if (left < FIXED)
    return 0;
  guint32 n = kairos_get_u32 (at + FIXED - 4);
  if (n > n_train || left - FIXED < (gsize) n * 4)
    return 0;
  for (guint32 i = 0; i < n; i++)
    if (kairos_get_u32 (at + FIXED + 4 * (gsize) i) >= n_train)
      return 0;
  return FIXED + (gsize) n * 4;
}

static gboolean
is_sound (const guint8 *data, gsize size, guint n_train)
{
  gsize at = 8;

  if (size < 8 || kairos_get_u32 (data) != VERSION)
    return FALSE;
  for (guint32 left = kairos_get_u32 (data + 4); left > 0; left--) {
    gsize length = measure (data + at, size - at, n_train);
    if (length == 0)
      return FALSE;
    at += length;
  }
  return at == size;
}

static void
take_state (KairosPlan *plan, const KairosLook *look, KairosClipState *state, const guint8 *at)
{
  guint32 n = kairos_get_u32 (at + FIXED - 4), *members = g_new (guint32, MAX (n, 1));

  for (guint32 i = 0; i < n; i++)
    members[i] = kairos_get_u32 (at + FIXED + 4 * (gsize) i);
  kairos_state_take (state, members, n, look, kairos_kind_row (kind_of (plan, state))->by_id);
  state->first = kairos_get_u64 (at + 8);
  state->latest = kairos_get_u64 (at + 16);
  state->released = kairos_get_u64 (at + 24);
  state->threshold = kairos_get_f64 (at + 32);
}

gboolean
kairos_plan_restore (KairosPlan *plan, GBytes *bytes, GError **error)
{
  const KairosLook look = kairos_plan_look (plan, 0, NULL);
  gsize size, at = 8;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  if (!is_sound (data, size, plan->n_train)) {
    g_set_error_literal (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
                         "The checkpoint is damaged: the samples chosen by clips do not fit; choose an earlier one.");
    return FALSE;
  }
  for (guint i = 0; i < plan->states->len; i++)
    kairos_state_forget (plan->states->pdata[i]);
  for (guint32 left = kairos_get_u32 (data + 4); left > 0; left--) {
    KairosClipState *state = find (plan, kairos_get_u32 (data + at), kairos_get_u32 (data + at + 4));
    if (state)
      take_state (plan, &look, state, data + at);
    at += measure (data + at, size - at, plan->n_train);
  }
  return TRUE;
}

void
kairos_plan_inherit (KairosPlan *plan, KairosPlan *before)
{
  g_autoptr (GBytes) state = kairos_plan_save (before);

  kairos_plan_restore (plan, state, NULL);
}
