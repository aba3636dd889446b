/* SPDX-License-Identifier: MIT */

/* The error domain. */
#include "kairos/error.h"

G_DEFINE_QUARK (kairos - error - quark, kairos_error)
