/* SPDX-License-Identifier: MIT */

/* The inside of a network: shared by spec.c, which builds it, network.c, and program.c, which reads its operations. */
#pragma once

#include "layer.h"

G_BEGIN_DECLS

struct _KairosNetwork {
  char *spec;
  JsonNode *root; /* the list of layers, outputs filled in */
  KairosShape input;
  int outputs;

  GPtrArray *operations; /* of KairosLayer */
  GArray *summaries;     /* of KairosLayerSummary */
  GArray *tensors;       /* of KairosTensorInfo */
  GStringChunk *names;

  float *parameters, *buffers, *mean, *deviation;
  gsize n_parameters, n_buffers;
};

G_END_DECLS
