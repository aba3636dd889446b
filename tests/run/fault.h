/* SPDX-License-Identifier: MIT */

/* Faults for SQLite, by number: the Nth write, read or allocation from now on fails.  A layer between SQLite and the
 * file system of the machine, and one between SQLite and its memory; both do nothing until they are armed.  Also, all
 * that is written happens at one and the same time, and nothing waits for a disk.  One thread at a time.
 */
#pragma once

#include <glib.h>

typedef enum {
  FAULT_WRITE,  /* half of it is written; also to sync, to cut, to make and to remove a file */
  FAULT_FULL,   /* the disk is full: nothing of it is written */
  FAULT_READ,   /* also to open, to lock, to measure and to look for a file */
  FAULT_MEMORY, /* an allocation */
  N_FAULT_KINDS
} FaultKind;

/* "write" */
const char *fault_kind_name (FaultKind kind);

/* Before anything uses SQLite. */
void fault_install (void);
/* The nth of its kind from now on fails, 1 the first; lasting: all after it, too. */
void fault_arm (FaultKind kind, guint n, gboolean lasting);
/* No more of that.  Returns whether it came to the fault. */
gboolean fault_disarm (void);
