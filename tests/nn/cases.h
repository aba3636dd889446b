/* SPDX-License-Identifier: MIT */

/* Networks of every layer kind, of odd shapes, alone and next to each other. */
#pragma once

#include "nets.h"

typedef struct {
  const char *name, *spec;
  KairosShape input;
  int outputs;
} Case;

/* clang-format off */
#define LAYER(name) "{\"layer\":\"" name "\"}"
#define RELU LAYER ("relu")
#define TANH LAYER ("tanh")
#define NORM LAYER ("batch-norm")
#define POOL LAYER ("max-pool")
#define MEAN LAYER ("global-average-pool")
#define DENSE(units) "{\"layer\":\"dense\",\"units\":" #units "}"
#define CONV(filters) "{\"layer\":\"conv\",\"filters\":" #filters ",\"kernel\":3,\"padding\":1}"
#define CONV1(filters) "{\"layer\":\"conv\",\"filters\":" #filters ",\"kernel\":1,\"bias\":false}"
#define RESIDUAL(layers) "{\"layer\":\"residual\",\"layers\":[" layers "]}"
#define RESIDUAL_SKIP(layers, skip) "{\"layer\":\"residual\",\"layers\":[" layers "],\"skip\":[" skip "]}"
#define HEAD LAYER ("flatten") "," DENSE (3)
#define BEHIND_CONV(text) "[" CONV (5) "," text "," HEAD "]"
#define CONV_NORM CONV (5) "," NORM
#define DENSE_NORMS "[" DENSE (17) "," NORM "," RELU "," DENSE (5) "," NORM "," LAYER ("dropout") "," DENSE (3) "]"
#define TWO_BRANCHES                                                                                                   \
  RESIDUAL (CONV_NORM "," RELU "," CONV_NORM) "," RELU "," RESIDUAL_SKIP (CONV (4) "," NORM, CONV (4) "," NORM)
#define SMALL { 4, 4, 2 }, 3

static const Case cases[] = {
  { "logistic", "logistic", { 3, 4, 2 }, 3 },
  { "dense", "mlp-7-5", { 2, 3, 1 }, 4 },
  { "dense-without-bias", "[{\"layer\":\"dense\",\"units\":6,\"bias\":false}," TANH "," DENSE (3) "]", { 1, 1, 9 }, 3 },
  { "conv", "[" CONV (4) "," HEAD "]", { 5, 6, 2 }, 3 },
  { "conv-stride", BEHIND_CONV ("{\"layer\":\"conv\",\"filters\":5,\"kernel\":3,\"stride\":2}"), { 8, 7, 1 }, 3 },
  { "conv-1x1", "[" CONV (4) "," CONV1 (3) "," MEAN "]", SMALL },
  { "conv-16", "[" CONV (16) "," RELU "," CONV (16) "," RELU "," CONV (16) "," HEAD "]", { 6, 6, 3 }, 3 },
  { "relu", BEHIND_CONV (RELU), SMALL },
  { "leaky-relu", BEHIND_CONV ("{\"layer\":\"leaky-relu\",\"slope\":0.2}"), SMALL },
  { "elu", BEHIND_CONV ("{\"layer\":\"elu\",\"alpha\":0.7}"), SMALL },
  { "softplus", BEHIND_CONV (LAYER ("softplus")), SMALL },
  { "tanh", BEHIND_CONV (TANH), SMALL },
  { "max-pool", BEHIND_CONV (POOL), { 4, 6, 2 }, 3 },
  { "max-pool-uneven", BEHIND_CONV (POOL), { 5, 7, 2 }, 3 },
  { "max-pool-overlapping", BEHIND_CONV ("{\"layer\":\"max-pool\",\"size\":3,\"stride\":2}"), { 7, 7, 2 }, 3 },
  { "relu-max-pool", BEHIND_CONV (RELU "," POOL), { 6, 6, 2 }, 3 },
  { "average-pool", BEHIND_CONV (LAYER ("average-pool")), { 5, 6, 2 }, 3 },
  { "average-pool-overlapping", BEHIND_CONV ("{\"layer\":\"average-pool\",\"size\":3,\"stride\":1}"), { 5, 6, 2 }, 3 },
  { "global-average-pool", "[" CONV (3) "," TANH "," MEAN "]", { 5, 3, 2 }, 3 },
  { "dropout", BEHIND_CONV ("{\"layer\":\"dropout\",\"rate\":0.4}"), SMALL },
  { "batch-norm", BEHIND_CONV (NORM), SMALL },
  { "batch-norm-relu", BEHIND_CONV (NORM "," RELU), SMALL },
  { "batch-norm-pool", BEHIND_CONV (NORM "," RELU "," POOL "," CONV (6) "," NORM), { 6, 6, 2 }, 3 },
  { "batch-norm-first", "[" NORM "," CONV (5) "," HEAD "]", { 4, 4, 3 }, 3 },
  { "batch-norm-last", "[" DENSE (3) "," NORM "]", { 4, 4, 1 }, 3 },
  { "batch-norm-dense", DENSE_NORMS, { 4, 4, 1 }, 3 },
  { "batch-norm-twice", BEHIND_CONV (NORM "," NORM "," RELU), SMALL },
  { "residual", BEHIND_CONV (RESIDUAL (CONV (5) "," TANH)), SMALL },
  { "residual-empty", BEHIND_CONV (RESIDUAL ("")), SMALL },
  { "residual-first", "[" RESIDUAL (CONV (2)) "," HEAD "]", SMALL },
  { "residual-skip", BEHIND_CONV (RESIDUAL_SKIP (CONV (6) "," LAYER ("elu"), CONV1 (6)) "," TANH), SMALL },
  { "residual-relu-inside",
    BEHIND_CONV (NORM "," RESIDUAL (CONV_NORM "," RELU) "," RESIDUAL (CONV_NORM "," RELU)), SMALL },
  { "residual-norm", BEHIND_CONV (NORM "," RELU "," TWO_BRANCHES "," RELU), SMALL },
  { "residual-nested", BEHIND_CONV (RESIDUAL_SKIP (RESIDUAL (CONV_NORM) "," NORM, RESIDUAL ("")) "," TANH), SMALL },
  { "resnet", "resnet-20", { 8, 8, 3 }, 3 },
  { "all-cnn", "all-cnn-24", { 8, 8, 1 }, 4 },
  { "lenet-5", "lenet-5", { 28, 28, 1 }, 10 },
  { "small-cnn", "small-cnn", { 8, 8, 3 }, 3 },
};
/* clang-format on */
