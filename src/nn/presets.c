/* SPDX-License-Identifier: MIT */

/* The presets.  A new one is a row of the table; its last dense or convolution layer gets as many outputs as the data
 * has classes.  Laid out by hand, since a layer is best seen on a line. */
#include <kairos/network.h>

/* clang-format off */
#define RELU "{\"layer\":\"relu\"}"
#define POOL "{\"layer\":\"max-pool\"}"
#define FLATTEN "{\"layer\":\"flatten\"}"
#define MEAN "{\"layer\":\"global-average-pool\"}"
#define DENSE(units) "{\"layer\":\"dense\",\"units\":" #units "}"
#define CONV(filters, kernel, stride, padding) \
  "{\"layer\":\"conv\",\"filters\":" #filters ",\"kernel\":" #kernel ",\"stride\":" #stride \
  ",\"padding\":" #padding ",\"bias\":false}"
#define NORM "{\"layer\":\"batch-norm\"}"
#define CONV_NORM(filters, kernel, stride, padding) CONV (filters, kernel, stride, padding) "," NORM
#define CONV_NORM_RELU(filters, kernel, stride, padding) CONV_NORM (filters, kernel, stride, padding) "," RELU
#define C3(filters) CONV_NORM_RELU (filters, 3, 1, 1)

/* Two 3x3 convolutions beside an identity, or, where the picture is halved, beside a 1x1 convolution. */
#define BLOCK(filters) "{\"layer\":\"residual\",\"layers\":[" C3 (filters) "," CONV_NORM (filters, 3, 1, 1) "]}," RELU
#define HALVING_BLOCK(filters) \
  "{\"layer\":\"residual\",\"layers\":[" CONV_NORM_RELU (filters, 3, 2, 1) "," CONV_NORM (filters, 3, 1, 1) \
  "],\"skip\":[" CONV_NORM (filters, 1, 2, 0) "]}," RELU

#define ALL_CNN(narrow, wide) \
  "[" C3 (narrow) "," C3 (narrow) "," CONV_NORM_RELU (wide, 3, 2, 1) "," C3 (wide) "," C3 (wide) "," \
  CONV_NORM_RELU (wide, 3, 2, 1) "," C3 (wide) "," CONV_NORM_RELU (wide, 1, 1, 0) "," CONV_NORM_RELU (10, 1, 1, 0) \
  "," MEAN "," FLATTEN "]"

static const KairosPreset presets[] = {
  { "lenet-300-100", "Two hidden dense layers of 300 and 100 units, for small grey pictures.",
    "[" FLATTEN "," DENSE (300) "," RELU "," DENSE (100) "," RELU "," DENSE (10) "]", { 28, 28, 1 }, 128 },
  { "lenet-5", "The classic small convolutional network for digits (LeCun et al. 1998).",
    "[{\"layer\":\"conv\",\"filters\":6,\"kernel\":5,\"padding\":2}," RELU "," POOL
    ",{\"layer\":\"conv\",\"filters\":16,\"kernel\":5}," RELU "," POOL "," FLATTEN
    "," DENSE (120) "," RELU "," DENSE (84) "," RELU "," DENSE (10) "]", { 28, 28, 1 }, 64 },
  { "small-cnn", "Five convolutions with batch normalisation, for small colour pictures.",
    "[" C3 (32) "," C3 (32) "," POOL "," C3 (64) "," C3 (64) "," POOL "," C3 (128) "," MEAN
    "," FLATTEN "," DENSE (10) "]",
    { 32, 32, 3 }, 128 },
  { "small-cnn-16", "The same half as wide, for small grey pictures: quick, and still better than most.",
    "[" C3 (16) "," C3 (16) "," POOL "," C3 (32) "," C3 (32) "," POOL "," C3 (64) "," MEAN
    "," FLATTEN "," DENSE (10) "]",
    { 28, 28, 1 }, 0 },
  { "resnet-20", "A residual network of 20 layers (He et al. 2016).",
    "[" C3 (16) "," BLOCK (16) "," BLOCK (16) "," BLOCK (16) "," HALVING_BLOCK (32) "," BLOCK (32) "," BLOCK (32)
    "," HALVING_BLOCK (64) "," BLOCK (64) "," BLOCK (64) "," MEAN "," FLATTEN "," DENSE (10) "]", { 32, 32, 3 }, 128 },
  { "all-cnn-24", "Convolutions alone (Springenberg et al. 2015), a quarter as wide as published.",
    ALL_CNN (24, 48), { 32, 32, 3 }, 128 },
  { "all-cnn-96", "Convolutions alone (Springenberg et al. 2015), as wide as published; slow.",
    ALL_CNN (96, 192), { 32, 32, 3 }, 128 },
  { "logistic", "Logistic regression: one dense layer.", "[" FLATTEN "," DENSE (10) "]", { 28, 28, 1 }, 0 },
};
/* clang-format on */

const KairosPreset *
kairos_presets (guint *n)
{
  *n = G_N_ELEMENTS (presets);
  return presets;
}
