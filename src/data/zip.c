/* SPDX-License-Identifier: MIT */

/* Zip archives: the directory at the end, and where each member's bytes begin. */
#include "zip.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#include "src/base/bytes.h"

enum {
  END_SIZE = 22,
  MAX_COMMENT = 65535,
  ENTRY_SIZE = 46,
  LOCAL_SIZE = 30,
  END_MAGIC = 0x06054b50,
  ENTRY_MAGIC = 0x02014b50,
  LOCAL_MAGIC = 0x04034b50,
  STORED = 0,
  DEFLATED = 8,
  MAX_DIRECTORY = 16 << 20,
};

void
kairos_zip_member_free (gpointer data)
{
  KairosZipMember *member = data;

  g_free (member->name);
  g_free (member);
}

static gboolean
damaged (const char *name, GError **error)
{
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
               "%s is truncated or no zip archive: its directory cannot be read; fetch the file again.", name);
  return FALSE;
}

static gboolean
read_at (FILE *file, guint64 offset, gpointer out, gsize n)
{
  return fseeko (file, (off_t) offset, SEEK_SET) == 0 && fread (out, 1, n, file) == n;
}

/* The directory; it ends where the end record begins, which a comment of any length may follow. */
static GBytes *
read_directory (FILE *file, const char *name, GError **error)
{
  g_autofree guint8 *tail = NULL, *directory = NULL;
  gsize n_tail, at, size = 0;
  off_t end;

  if (fseeko (file, 0, SEEK_END) != 0 || (end = ftello (file)) < END_SIZE)
    return damaged (name, error), NULL;
  n_tail = MIN (end, END_SIZE + MAX_COMMENT);
  tail = g_malloc (n_tail);
  if (!read_at (file, end - n_tail, tail, n_tail))
    return damaged (name, error), NULL;
  for (at = n_tail - END_SIZE; at > 0 && kairos_get_u32 (tail + at) != END_MAGIC; at--)
    ;
  size = kairos_get_u32 (tail + at + 12);
  if (kairos_get_u32 (tail + at) != END_MAGIC || size > MAX_DIRECTORY)
    return damaged (name, error), NULL;
  directory = g_malloc (MAX (size, 1));
  if (!read_at (file, kairos_get_u32 (tail + at + 16), directory, size))
    return damaged (name, error), NULL;
  return g_bytes_new_take (g_steal_pointer (&directory), size);
}

/* Where a member's bytes begin: after its local header, whose variable part differs from that of the directory. */
static gboolean
find_bytes (FILE *file, KairosZipMember *member, guint32 local)
{
  guint8 header[LOCAL_SIZE];

  if (!read_at (file, local, header, sizeof header) || kairos_get_u32 (header) != LOCAL_MAGIC)
    return FALSE;
  member->offset = (guint64) local + LOCAL_SIZE + kairos_get_u16 (header + 26) + kairos_get_u16 (header + 28);
  return TRUE;
}

static gboolean
check_entry (const guint8 *entry, const char *name, GError **error)
{
  guint method = kairos_get_u16 (entry + 10);

  if (kairos_get_u16 (entry + 8) & 1)
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_UNSUPPORTED, "%s is encrypted; unpack it first.", name);
  else if (method != STORED && method != DEFLATED)
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_UNSUPPORTED,
                 "%s is packed by a method (%u) that Kairos does not read; pack it with deflate.", name, method);
  else if (kairos_get_u32 (entry + 20) == G_MAXUINT32 || kairos_get_u32 (entry + 24) == G_MAXUINT32 ||
           kairos_get_u32 (entry + 42) == G_MAXUINT32)
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_UNSUPPORTED,
                 "%s holds members beyond 4 GiB; save the arrays as separate NPY files.", name);
  else
    return TRUE;
  return FALSE;
}

static GPtrArray *
list_directory (FILE *file, const guint8 *directory, gsize size, const char *name, GError **error)
{
  g_autoptr (GPtrArray) members = g_ptr_array_new_with_free_func (kairos_zip_member_free);

  for (gsize at = 0; at < size;) {
    const guint8 *entry = directory + at;
    KairosZipMember *member;
    gsize n_name;

    if (size - at < ENTRY_SIZE || kairos_get_u32 (entry) != ENTRY_MAGIC)
      return damaged (name, error), NULL;
    n_name = kairos_get_u16 (entry + 28);
    if (size - at - ENTRY_SIZE < n_name)
      return damaged (name, error), NULL;
    if (!check_entry (entry, name, error))
      return NULL;
    member = g_new0 (KairosZipMember, 1);
    g_ptr_array_add (members, member);
    member->name = g_utf8_make_valid ((const char *) entry + ENTRY_SIZE, n_name);
    member->n_packed = kairos_get_u32 (entry + 20);
    member->n_unpacked = kairos_get_u32 (entry + 24);
    member->packing = kairos_get_u16 (entry + 10) == STORED ? KAIROS_PACKING_STORED : KAIROS_PACKING_DEFLATE;
    if (!find_bytes (file, member, kairos_get_u32 (entry + 42)))
      return damaged (name, error), NULL;
    at += ENTRY_SIZE + n_name + kairos_get_u16 (entry + 30) + kairos_get_u16 (entry + 32);
  }
  return g_steal_pointer (&members);
}

GPtrArray *
kairos_zip_list (const char *path, GError **error)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autoptr (GBytes) directory = NULL;
  GPtrArray *members = NULL;
  FILE *file = g_fopen (path, "rb");

  if (!file) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_IO, "%s cannot be read: %s.", name, g_strerror (errno));
    return NULL;
  }
  directory = read_directory (file, name, error);
  if (directory)
    members = list_directory (file, g_bytes_get_data (directory, NULL), g_bytes_get_size (directory), name, error);
  fclose (file);
  return members;
}
