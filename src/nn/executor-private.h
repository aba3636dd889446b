/* SPDX-License-Identifier: MIT */

/* What tests need besides the public executor. */
#pragma once

#include <kairos/network.h>

G_BEGIN_DECLS

/* implementation: of convolutions, as for kairos_conv_new(). */
KairosExecutor *kairos_executor_new_with (KairosNetwork *network, int max_batch, KairosPool *pool, gboolean training,
                                          const char *implementation);

G_END_DECLS
