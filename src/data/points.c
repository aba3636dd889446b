/* SPDX-License-Identifier: MIT */

/* Points in the plane, the classical sets whose decision boundary can be seen.
 *
 * A sample's difficulty says where it lies between the curve (or centre) of its own class and the nearest one of
 * another: 0 on its own, 1 half-way or nearer to the other, where the best classifier is wrong.
 */
#include <math.h>

#include "builtin.h"

#define TURN (2 * (float) G_PI)
#define INFO(NAME, SUMMARY, CLASSES, NETWORK)                                                                          \
  {                                                                                                                    \
    NAME, SUMMARY, { 1, 1, 2 }, CLASSES, 2000, NETWORK                                                                 \
  }

static const char *const two[] = { "A", "B", NULL }, *const three[] = { "A", "B", "C", NULL },
                         *const four[] = { "A", "B", "C", "D", NULL };

static float
difficulty (float own, float other)
{
  return own + other > 0 ? MIN (1, 2 * own / (own + other)) : 0;
}

/* ---- Spirals: three arms that wind once and a quarter around each other ---- */

#define WINDINGS 1.25f

static float
spirals_draw (KairosRandom *random, int label, gpointer out)
{
  float *point = out;
  float t = sqrtf (kairos_random_range (random, 0.02f, 1)); /* as many points on each piece of arm */
  float noise = 0.035f * kairos_random_normal (random);
  float angle = TURN * (WINDINGS * t + label / 3.0f), radius = t + noise;
  float gap = 1 / (3 * WINDINGS); /* from one arm out to the next */

  point[0] = radius * cosf (angle);
  point[1] = radius * sinf (angle);
  return difficulty (fabsf (noise), fabsf (gap - fabsf (noise)));
}

const KairosBuiltin kairos_builtin_spirals = { INFO ("spirals", "three spiral arms in the plane", 3, "mlp-64-64"),
                                               "Spirals", three, spirals_draw };

/* ---- Moons: two half circles that reach into each other ---- */

/* From (x, y) to the upper half of the unit circle. */
static float
distance_to_arc (float x, float y)
{
  return y >= 0 ? fabsf (hypotf (x, y) - 1) : hypotf (fabsf (x) - 1, y);
}

static float
moons_draw (KairosRandom *random, int label, gpointer out)
{
  float *point = out;
  float angle = TURN / 2 * kairos_random_float (random);
  float x = cosf (angle), y = sinf (angle), distances[2];

  point[0] = (label == 0 ? x : 1 - x) + 0.15f * kairos_random_normal (random);
  point[1] = (label == 0 ? y : 0.5f - y) + 0.15f * kairos_random_normal (random);
  distances[0] = distance_to_arc (point[0], point[1]);
  distances[1] = distance_to_arc (1 - point[0], 0.5f - point[1]);
  return difficulty (distances[label], distances[1 - label]);
}

const KairosBuiltin kairos_builtin_moons = {
  INFO ("moons", "two half circles that reach into each other", 2, "mlp-16-16"), "Moons", two, moons_draw
};

/* ---- Circles: one within the other ---- */

static float
circles_draw (KairosRandom *random, int label, gpointer out)
{
  static const float radii[] = { 0.5f, 1 };
  float *point = out;
  float angle = TURN * kairos_random_float (random), radius = radii[label] + 0.09f * kairos_random_normal (random);

  point[0] = radius * cosf (angle);
  point[1] = radius * sinf (angle);
  return difficulty (fabsf (radius - radii[label]), fabsf (radius - radii[1 - label]));
}

const KairosBuiltin kairos_builtin_circles = { INFO ("circles", "a circle within a circle", 2, "mlp-16-16"), "Circles",
                                               two, circles_draw };

/* ---- Exclusive or: opposite quadrants belong together ---- */

static float
xor_draw (KairosRandom *random, int label, gpointer out)
{
  float *point = out;
  float x = kairos_random_range (random, 0.05f, 1), y = kairos_random_range (random, 0.05f, 1);
  float side = kairos_random_below (random, 2) == 0 ? 1 : -1;

  x += 0.06f * kairos_random_normal (random);
  y += 0.06f * kairos_random_normal (random);
  point[0] = side * x;
  point[1] = side * (label == 0 ? y : -y);
  return CLAMP (1 - 2 * MIN (x, y), 0, 1);
}

const KairosBuiltin kairos_builtin_xor = {
  INFO ("xor", "opposite quadrants of the plane belong together", 2, "mlp-16-16"), "Exclusive or", two, xor_draw
};

/* ---- Blobs: four round clouds ---- */

static float
blobs_draw (KairosRandom *random, int label, gpointer out)
{
  static const float centres[4][2] = { { -0.7f, 0.6f }, { 0.75f, 0.7f }, { 0.55f, -0.65f }, { -0.6f, -0.75f } };
  float *point = out, own = 0, other = INFINITY;

  for (int i = 0; i < 2; i++)
    point[i] = centres[label][i] + 0.32f * kairos_random_normal (random);
  for (int i = 0; i < 4; i++) {
    float distance = hypotf (point[0] - centres[i][0], point[1] - centres[i][1]);

    if (i == label)
      own = distance;
    else
      other = MIN (other, distance);
  }
  return difficulty (own, other);
}

const KairosBuiltin kairos_builtin_blobs = { INFO ("blobs", "four round clouds in the plane", 4, "logistic"), "Blobs",
                                             four, blobs_draw };
