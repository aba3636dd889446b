/* SPDX-License-Identifier: MIT */

/* The list of contents of a zip archive, as far as NPZ needs it: stored and deflated members, below 4 GiB. */
#pragma once

#include "source.h"

G_BEGIN_DECLS

typedef struct {
  char *name;
  guint64 offset, n_packed, n_unpacked; /* of the packed bytes in the file */
  KairosPacking packing;
} KairosZipMember;

void kairos_zip_member_free (gpointer member);
/* Of KairosZipMember, in the order of the archive. */
GPtrArray *kairos_zip_list (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
