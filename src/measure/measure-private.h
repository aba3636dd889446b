/* SPDX-License-Identifier: MIT */

/* How measures come into the registry. */
#pragma once

#include "kairos/probe.h"

#include <glib/gi18n.h>

G_BEGIN_DECLS

extern const KairosMeasureSet kairos_measures_training;

G_END_DECLS
