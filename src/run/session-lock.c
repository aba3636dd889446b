/* SPDX-License-Identifier: MIT */

/* The training lock: at most one process trains on a session file.
 *
 * It is an advisory lock on FILE-lock beside the session; never on the session itself, since closing any descriptor of
 * that file would make the kernel drop the locks that SQLite holds on it.  The lock file is removed when the lock is
 * given up; after a crash an unlocked one stays and is reused.  What stands under that name is written to, so it has to
 * be what we would have made: a regular file of our own with one name.  A link there, which somebody else may have put,
 * is refused rather than followed.
 */
#include "session-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* The file at path is still the one that was opened: another process may have removed it in between. */
static gboolean
is_current (int fd, const char *path)
{
  struct stat opened, there;

  return fstat (fd, &opened) == 0 && lstat (path, &there) == 0 && opened.st_dev == there.st_dev &&
         opened.st_ino == there.st_ino;
}

static gboolean
refuse (KairosSession *session, int fd, int problem, GError **error)
{
  char owner[32] = "";

  if (fd >= 0 && pread (fd, owner, sizeof owner - 1, 0) < 0)
    owner[0] = '\0';
  if (problem == EWOULDBLOCK)
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_IO,
                 "%s is being trained already (process %s); close it there first, or save a copy.", session->path,
                 *owner ? owner : "unknown");
  else
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_IO, "%s could not be locked for training: %s.", session->path,
                 g_strerror (problem));
  if (fd >= 0)
    close (fd);
  return FALSE;
}

static gboolean
is_ours (int fd)
{
  struct stat info;

  return fstat (fd, &info) == 0 && S_ISREG (info.st_mode) && info.st_nlink <= 1 && info.st_uid == geteuid ();
}

/* Open, or -1 with an error.  O_NONBLOCK: a pipe under that name must not make us wait. */
static int
open_lock (KairosSession *session, const char *path, GError **error)
{
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);

  if (fd >= 0 && is_ours (fd))
    return fd;
  if (fd < 0 && errno != ELOOP && errno != ENXIO && errno != EISDIR) {
    refuse (session, fd, errno, error);
    return -1;
  }
  if (fd >= 0)
    close (fd);
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_IO,
               "%s cannot be locked for training because %s is not a lock that this user made; move that away first.",
               session->path, path);
  return -1;
}

gboolean
kairos_session_lock (KairosSession *session, GError **error)
{
  if (session->read_only) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_IO,
                 "%s is read-only; save a copy where you may write, and train that.", session->path);
    return FALSE;
  }
  if (session->lock >= 0) {
    session->n_locks++;
    return TRUE;
  }
  g_autofree char *real = realpath (session->path, NULL);
  g_autofree char *path = g_strconcat (real ? real : session->path, "-lock", NULL);
  for (;;) {
    int fd = open_lock (session, path, error);
    if (fd < 0)
      return FALSE;
    if (flock (fd, LOCK_EX | LOCK_NB) != 0)
      return refuse (session, fd, errno, error);
    if (is_current (fd, path)) {
      g_autofree char *owner = g_strdup_printf ("%d", (int) getpid ());
      if (ftruncate (fd, 0) != 0 || pwrite (fd, owner, strlen (owner), 0) < 0)
        g_debug ("the lock's owner could not be noted"); /* it is only for the sentence above */
      session->lock = fd;
      session->n_locks = 1;
      session->lock_path = g_steal_pointer (&path);
      return TRUE;
    }
    close (fd);
  }
}

void
kairos_session_drop_lock (KairosSession *session)
{
  if (session->lock < 0)
    return;
  g_unlink (session->lock_path);
  close (session->lock);
  session->lock = -1;
  session->n_locks = 0;
  g_clear_pointer (&session->lock_path, g_free);
}

void
kairos_session_unlock (KairosSession *session)
{
  if (session->lock >= 0 && --session->n_locks == 0)
    kairos_session_drop_lock (session);
}
