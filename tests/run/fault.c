/* SPDX-License-Identifier: MIT */

/* Faults for SQLite.  What is forwarded goes to the file system and the memory that SQLite would use without this. */
#include "fault.h"

#include "src/run/sql.h"

static struct {
  gboolean armed, lasting, came;
  FaultKind kind;
  guint n, so_far;
} fault;

const char *
fault_kind_name (FaultKind kind)
{
  static const char *const names[N_FAULT_KINDS] = { "write", "full", "read", "memory" };

  return names[kind];
}

void
fault_arm (FaultKind kind, guint n, gboolean lasting)
{
  fault.kind = kind;
  fault.n = n;
  fault.lasting = lasting;
  fault.so_far = 0;
  fault.came = FALSE;
  fault.armed = TRUE;
}

gboolean
fault_disarm (void)
{
  fault.armed = FALSE;
  return fault.came;
}

/* Whether this one fails. */
static gboolean
strikes (FaultKind kind)
{
  if (!fault.armed || fault.kind != kind)
    return FALSE;
  fault.so_far++;
  if (fault.so_far < fault.n || (fault.so_far > fault.n && !fault.lasting))
    return FALSE;
  fault.came = TRUE;
  return TRUE;
}

/* ---- Files ---- */

static sqlite3_vfs *real;

/* The real file follows it in memory. */
typedef struct {
  sqlite3_file base;
} File;

static sqlite3_file *
inner (sqlite3_file *file)
{
  return (sqlite3_file *) ((File *) file + 1);
}

#define CALL(file, method, ...) inner (file)->pMethods->method (inner (file), ##__VA_ARGS__)

static int
on_close (sqlite3_file *file)
{
  return CALL (file, xClose);
}

static int
on_read (sqlite3_file *file, void *data, int n, sqlite3_int64 offset)
{
  if (strikes (FAULT_READ))
    return SQLITE_IOERR_READ;
  return CALL (file, xRead, data, n, offset);
}

static int
on_write (sqlite3_file *file, const void *data, int n, sqlite3_int64 offset)
{
  if (strikes (FAULT_FULL))
    return SQLITE_FULL;
  if (!strikes (FAULT_WRITE))
    return CALL (file, xWrite, data, n, offset);
  CALL (file, xWrite, data, n / 2, offset);
  return SQLITE_IOERR_WRITE;
}

static int
on_truncate (sqlite3_file *file, sqlite3_int64 size)
{
  return strikes (FAULT_WRITE) ? SQLITE_IOERR_TRUNCATE : CALL (file, xTruncate, size);
}

/* What a disk really holds is not looked at here. */
static int
on_sync (sqlite3_file *file, int flags)
{
  return strikes (FAULT_WRITE) ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

static int
on_file_size (sqlite3_file *file, sqlite3_int64 *size)
{
  return strikes (FAULT_READ) ? SQLITE_IOERR_FSTAT : CALL (file, xFileSize, size);
}

static int
on_lock (sqlite3_file *file, int level)
{
  return strikes (FAULT_READ) ? SQLITE_IOERR_LOCK : CALL (file, xLock, level);
}

static int
on_unlock (sqlite3_file *file, int level)
{
  return CALL (file, xUnlock, level);
}

static int
on_check_reserved_lock (sqlite3_file *file, int *is)
{
  return CALL (file, xCheckReservedLock, is);
}

static int
on_file_control (sqlite3_file *file, int operation, void *data)
{
  return CALL (file, xFileControl, operation, data);
}

static int
on_sector_size (sqlite3_file *file)
{
  return CALL (file, xSectorSize);
}

static int
on_device_characteristics (sqlite3_file *file)
{
  return CALL (file, xDeviceCharacteristics);
}

static int
on_shm_map (sqlite3_file *file, int page, int size, int extend, void volatile **memory)
{
  if (strikes (FAULT_READ))
    return SQLITE_IOERR_SHMMAP;
  return extend && strikes (FAULT_WRITE) ? SQLITE_IOERR_SHMSIZE : CALL (file, xShmMap, page, size, extend, memory);
}

static int
on_shm_lock (sqlite3_file *file, int offset, int n, int flags)
{
  return (flags & SQLITE_SHM_LOCK) && strikes (FAULT_READ) ? SQLITE_IOERR_SHMLOCK
                                                           : CALL (file, xShmLock, offset, n, flags);
}

static void
on_shm_barrier (sqlite3_file *file)
{
  CALL (file, xShmBarrier);
}

static int
on_shm_unmap (sqlite3_file *file, int remove)
{
  return CALL (file, xShmUnmap, remove);
}

/* Version 2: without mapping the file itself, so that every read is seen. */
static const sqlite3_io_methods methods = {
  .iVersion = 2,
  .xClose = on_close,
  .xRead = on_read,
  .xWrite = on_write,
  .xTruncate = on_truncate,
  .xSync = on_sync,
  .xFileSize = on_file_size,
  .xLock = on_lock,
  .xUnlock = on_unlock,
  .xCheckReservedLock = on_check_reserved_lock,
  .xFileControl = on_file_control,
  .xSectorSize = on_sector_size,
  .xDeviceCharacteristics = on_device_characteristics,
  .xShmMap = on_shm_map,
  .xShmLock = on_shm_lock,
  .xShmBarrier = on_shm_barrier,
  .xShmUnmap = on_shm_unmap,
};

/* ---- The file system ---- */

static int
on_open (sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *flags_out)
{
  file->pMethods = NULL;
  if (strikes (FAULT_READ) || ((flags & SQLITE_OPEN_CREATE) && strikes (FAULT_WRITE)))
    return SQLITE_CANTOPEN;
  int result = real->xOpen (real, name, inner (file), flags, flags_out);
  if (inner (file)->pMethods)
    file->pMethods = &methods;
  return result;
}

static int
on_delete (sqlite3_vfs *vfs, const char *name, int sync_folder)
{
  return strikes (FAULT_WRITE) ? SQLITE_IOERR_DELETE : real->xDelete (real, name, FALSE);
}

static int
on_access (sqlite3_vfs *vfs, const char *name, int flags, int *result)
{
  return strikes (FAULT_READ) ? SQLITE_IOERR_ACCESS : real->xAccess (real, name, flags, result);
}

static int
on_full_pathname (sqlite3_vfs *vfs, const char *name, int size, char *out)
{
  return real->xFullPathname (real, name, size, out);
}

static int
on_randomness (sqlite3_vfs *vfs, int size, char *out)
{
  return real->xRandomness (real, size, out);
}

static int
on_sleep (sqlite3_vfs *vfs, int microseconds)
{
  return real->xSleep (real, microseconds);
}

/* 2000-01-01 12:00, in days and in milliseconds */
static int
on_current_time (sqlite3_vfs *vfs, double *day)
{
  *day = 2451545;
  return SQLITE_OK;
}

static int
on_current_time_int64 (sqlite3_vfs *vfs, sqlite3_int64 *milliseconds)
{
  *milliseconds = G_GINT64_CONSTANT (2451545) * 86400000;
  return SQLITE_OK;
}

static int
on_get_last_error (sqlite3_vfs *vfs, int size, char *out)
{
  return real->xGetLastError (real, size, out);
}

static sqlite3_vfs shim = {
  .iVersion = 2,
  .zName = "fault",
  .xOpen = on_open,
  .xDelete = on_delete,
  .xAccess = on_access,
  .xFullPathname = on_full_pathname,
  .xRandomness = on_randomness,
  .xSleep = on_sleep,
  .xCurrentTime = on_current_time,
  .xGetLastError = on_get_last_error,
  .xCurrentTimeInt64 = on_current_time_int64,
};

/* ---- Memory ---- */

static sqlite3_mem_methods memory;

static void *
on_malloc (int size)
{
  return strikes (FAULT_MEMORY) ? NULL : memory.xMalloc (size);
}

static void *
on_realloc (void *data, int size)
{
  return strikes (FAULT_MEMORY) ? NULL : memory.xRealloc (data, size);
}

void
fault_install (void)
{
  g_assert_cmpint (sqlite3_config (SQLITE_CONFIG_GETMALLOC, &memory), ==, SQLITE_OK);
  sqlite3_mem_methods ours = memory;
  ours.xMalloc = on_malloc;
  ours.xRealloc = on_realloc;
  g_assert_cmpint (sqlite3_config (SQLITE_CONFIG_MALLOC, &ours), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_config (SQLITE_CONFIG_LOOKASIDE, 0, 0), ==, SQLITE_OK); /* so that every one is seen */
  real = sqlite3_vfs_find (NULL);
  shim.szOsFile = (int) sizeof (File) + real->szOsFile;
  shim.mxPathname = real->mxPathname;
  g_assert_cmpint (sqlite3_vfs_register (&shim, TRUE), ==, SQLITE_OK);
}
