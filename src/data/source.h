/* SPDX-License-Identifier: MIT */

/* Bytes of a data file, one after the other, unpacked on the way where the file is gzip or a member of a zip archive.
 *
 * Nothing is ever read ahead into memory as a whole: a reader checks what a header claims against
 * kairos_source_limit(), allocates once, and has the bytes written to their final place.
 */
#pragma once

#include <gio/gio.h>
#include <kairos/error.h>

G_BEGIN_DECLS

typedef struct _KairosSource KairosSource;

typedef enum { KAIROS_PACKING_STORED, KAIROS_PACKING_DEFLATE } KairosPacking;

/* A file; gzip is recognised by its first bytes. */
KairosSource *kairos_source_open (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* n_packed bytes of a file from offset on, n_unpacked bytes when unpacked; name is what errors call it. */
KairosSource *kairos_source_open_member (const char *path, guint64 offset, guint64 n_packed, guint64 n_unpacked,
                                         KairosPacking packing, const char *name,
                                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Borrowed bytes, for tests; gzip is recognised as in a file. */
KairosSource *kairos_source_new_memory (gconstpointer data, gsize size, const char *name) G_GNUC_WARN_UNUSED_RESULT;
void kairos_source_free (KairosSource *source); /* accepts NULL */

const char *kairos_source_name (KairosSource *source); /* file name without folders */
gboolean kairos_source_is_packed (KairosSource *source);
/* An upper bound of the bytes that can come out; exact when not packed. */
guint64 kairos_source_limit (KairosSource *source);
/* How much of the file has been taken, 0 .. 1. */
double kairos_source_fraction (KairosSource *source);
/* Up to n bytes; less only at the end.  -1 on error. */
gssize kairos_source_read (KairosSource *source, gpointer out, gsize n, GError **error);
/* Exactly n bytes of what ("the header"); a file that ends before is an error that says so. */
gboolean kairos_source_read_all (KairosSource *source, gpointer out, gsize n, const char *what, GError **error);
/* Refuses bytes that are left over; expected says what the file should have held ("60000 pictures of 28x28"). */
gboolean kairos_source_expect_end (KairosSource *source, const char *expected, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KairosSource, kairos_source_free)

G_END_DECLS
