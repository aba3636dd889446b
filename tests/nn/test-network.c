/* SPDX-License-Identifier: MIT */

/* What networks are made of: presets, parameter counts, JSON there and back, and one clear sentence for every mistake.
 */
#include "nets.h"

#include <math.h>

/* The published counts; all-cnn has no bias, as its peer. */
static const struct {
  const char *name;
  gsize n_parameters;
  double training_mflops; /* a sample */
} presets[] = {
  { "lenet-300-100", 266610, 1.6 }, { "lenet-5", 61706, 2.5 },    { "small-cnn", 141034, 174 },
  { "small-cnn-16", 35674, 33.2 },  { "resnet-20", 272474, 245 }, { "all-cnn-24", 102620, 132 },
  { "all-cnn-96", 1620020, 2070 },  { "logistic", 7850, 0.047 },
};

static void
test_presets (void)
{
  guint n;
  const KairosPreset *all = kairos_presets (&n);

  g_assert_cmpuint (n, ==, G_N_ELEMENTS (presets));
  for (guint i = 0; i < n; i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (KairosNetwork) network = kairos_network_new (all[i].name, all[i].input, 10, &error);
    gsize n_parameters;
    double mflops;

    g_assert_no_error (error);
    g_assert_cmpstr (all[i].name, ==, presets[i].name);
    kairos_network_parameters (network, &n_parameters);
    g_assert_cmpuint (n_parameters, ==, presets[i].n_parameters);
    mflops = 3e-6 * kairos_network_flops (network);
    g_assert_cmpfloat (fabs (mflops / presets[i].training_mflops - 1), <, 0.02);
  }
}

/* Tensors cover the parameter vector without gaps, and layers own what the tensors say. */
static void
test_tensors (void)
{
  g_autoptr (KairosNetwork) network = kairos_network_new ("resnet-20", (KairosShape){ 32, 32, 3 }, 10, NULL);
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  guint n_tensors, n_layers;
  const KairosTensorInfo *tensors = kairos_network_tensors (network, &n_tensors);
  const KairosLayerSummary *layers = kairos_network_layers (network, &n_layers);
  gsize offset = 0, of_layers = 0, n;

  for (guint i = 0; i < n_tensors; i++) {
    g_assert_cmpuint (tensors[i].offset, ==, offset);
    offset += tensors[i].n;
  }
  for (guint i = 0; i < n_layers; i++) {
    of_layers += layers[i].n_parameters;
    g_assert_true (g_hash_table_add (names, (gpointer) layers[i].name));
  }
  kairos_network_parameters (network, &n);
  g_assert_cmpuint (offset, ==, n);
  g_assert_cmpuint (of_layers, ==, n);
  g_assert_true (g_hash_table_contains (names, "residual10.skip.conv1"));
  g_assert_cmpstr (layers[0].text, ==, "conv 3x3, 16");
  kairos_network_buffers (network, &n);
  g_assert_cmpuint (n, ==, 2 * (7 * 16 + 7 * 32 + 7 * 64));
}

static void
test_json (void)
{
  guint n;
  const KairosPreset *all = kairos_presets (&n);

  for (guint i = 0; i < n; i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (KairosNetwork) first = kairos_network_new (all[i].name, all[i].input, 7, &error), second = NULL;
    g_autofree char *json = kairos_network_to_json (first), *again = NULL, *digest = NULL, *other = NULL;

    second = kairos_network_new (json, all[i].input, 7, &error);
    g_assert_no_error (error);
    again = kairos_network_to_json (second);
    g_assert_cmpstr (json, ==, again);
    g_assert_cmpstr (kairos_network_get_spec (second), ==, json);
    kairos_network_initialise (first, 5);
    kairos_network_initialise (second, 5);
    digest = kairos_network_digest (first);
    other = kairos_network_digest (second);
    g_assert_cmpstr (digest, ==, other);
    kairos_network_initialise (second, 6);
    g_free (other);
    other = kairos_network_digest (second);
    g_assert_cmpstr (digest, !=, other);
  }
}

/* Which layer each one follows, through blocks, skips and what only reshapes. */
static void
test_inputs (void)
{
  static const char spec[] = "[{\"layer\":\"conv\",\"filters\":4,\"kernel\":1},{\"layer\":\"residual\",\"layers\":"
                             "[{\"layer\":\"conv\",\"filters\":2,\"kernel\":1},{\"layer\":\"relu\"}],\"skip\":"
                             "[{\"layer\":\"conv\",\"filters\":2,\"kernel\":1}]},{\"layer\":\"flatten\"},"
                             "{\"layer\":\"dense\",\"units\":3}]";
  static const struct {
    const char *name, *input;
  } expected[] = { { "conv1", NULL },
                   { "residual2", "residual2.relu2" },
                   { "residual2.conv1", "conv1" },
                   { "residual2.relu2", "residual2.conv1" },
                   { "residual2.skip.conv1", "conv1" },
                   { "flatten3", "residual2" },
                   { "dense4", "residual2" } };
  g_autoptr (KairosNetwork) network = kairos_network_new (spec, (KairosShape){ 2, 2, 1 }, 3, NULL);
  guint n;
  const KairosLayerSummary *layers = kairos_network_layers (network, &n);

  g_assert_cmpuint (n, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < n; i++) {
    g_assert_cmpstr (layers[i].name, ==, expected[i].name);
    g_assert_cmpstr (layers[i].input >= 0 ? layers[layers[i].input].name : NULL, ==, expected[i].input);
  }
}

static void
test_mlp (void)
{
  g_autoptr (KairosNetwork) mlp = kairos_network_new ("mlp-300-100", (KairosShape){ 28, 28, 1 }, 10, NULL);
  g_autoptr (KairosNetwork) lenet = kairos_network_new ("lenet-300-100", (KairosShape){ 28, 28, 1 }, 10, NULL);
  g_autofree char *a = kairos_network_to_json (mlp), *b = kairos_network_to_json (lenet);

  g_assert_cmpstr (a, ==, b);
}

/* SHA-256 of one parameter vector, worked out elsewhere: 1.0f, 1.0f, 0.0f as little-endian bytes. */
static void
test_digest (void)
{
  g_autoptr (KairosNetwork) network =
      kairos_network_new ("[{\"layer\":\"dense\",\"units\":1}]", (KairosShape){ 1, 1, 2 }, 1, NULL);
  const guint8 bytes[] = { 0, 0, 0x80, 0x3f, 0, 0, 0x80, 0x3f, 0, 0, 0, 0 };
  g_autofree char *expected = g_compute_checksum_for_data (G_CHECKSUM_SHA256, bytes, sizeof bytes), *digest = NULL;
  float *parameters = kairos_network_parameters (network, NULL);

  parameters[0] = parameters[1] = 1;
  parameters[2] = 0;
  digest = kairos_network_digest (network);
  g_assert_cmpstr (digest, ==, expected);
}

static void
check_spread (KairosNetwork *network, guint index, double deviation, double limit)
{
  guint n;
  const KairosTensorInfo *tensor = &kairos_network_tensors (network, &n)[index];
  const float *p = kairos_network_parameters (network, NULL) + tensor->offset;
  double sum = 0, squares = 0, most = 0;

  for (gsize i = 0; i < tensor->n; i++) {
    sum += p[i];
    squares += p[i] * p[i];
    most = fmax (most, fabsf (p[i]));
  }
  g_assert_cmpfloat (fabs (sum / tensor->n), <, 5 * deviation / sqrt (tensor->n));
  g_assert_cmpfloat (fabs (sqrt (squares / tensor->n) / deviation - 1), <, 0.05);
  g_assert_cmpfloat (most, <=, limit);
}

static void
test_initialisers (void)
{
  const char *spec = "[{\"layer\":\"dense\",\"units\":120},{\"layer\":\"batch-norm\"},{\"layer\":\"relu\"},"
                     "{\"layer\":\"dense\",\"units\":90},{\"layer\":\"tanh\"},"
                     "{\"layer\":\"dense\",\"units\":80,\"initialiser\":\"he-uniform\"},"
                     "{\"layer\":\"dense\",\"units\":70,\"initialiser\":\"glorot-normal\"}]";
  g_autoptr (KairosNetwork) network = kairos_network_new (spec, (KairosShape){ 10, 10, 1 }, 70, NULL);
  const float *p;

  kairos_network_initialise (network, 1);
  p = kairos_network_parameters (network, NULL);
  check_spread (network, 0, sqrt (2.0 / 100), INFINITY);
  check_spread (network, 4, sqrt (2.0 / 210), sqrt (6.0 / 210));
  check_spread (network, 6, sqrt (2.0 / 90), sqrt (6.0 / 90));
  check_spread (network, 8, sqrt (2.0 / 150), INFINITY);
  g_assert_cmpfloat (p[12000], ==, 0);       /* bias */
  g_assert_cmpfloat (p[12000 + 120], ==, 1); /* gamma */
  g_assert_cmpfloat (p[12000 + 240], ==, 0); /* beta */
}

static const struct {
  const char *spec, *message;
} mistakes[] = {
  { "resnet-21", "there is no network \"resnet-21\"; there are lenet-300-100, *" },
  { "", "there is no network \"\"; *" },
  { "mlp-", "the network \"mlp-\": after mlp- come the sizes *" },
  { "mlp-3-x", "the network \"mlp-3-x\": *" },
  { "mlp-3--4", "the network *" },
  { "mlp-99999999999999999999", "the network *" },
  { "[", "the list of layers is not valid JSON: *" },
  { "{}", "the list of layers must be a JSON list *" },
  { "[]", "the network has nothing to learn; *" },
  { "[3]", "layer 1: must be an object with a known \"layer\"*" },
  { "[{\"layer\":\"spam\"}]", "layer 1: *, not spam" },
  { "[{\"layer\":7}]", "layer 1: must be*" },
  { "[{\"layer\":\"relu\",\"units\":3}]", "layer 1 (relu): there is no setting \"units\"; it takes no settings" },
  { "[{\"layer\":\"relu\"},{\"layer\":\"dense\",\"units\":0}]",
    "layer 2 (dense): \"units\" is 0, but must be a whole number from 1 to 65536" },
  { "[{\"layer\":\"dense\",\"units\":\"many\"}]", "layer 1 (dense): \"units\" is \"many\"*" },
  { "[{\"layer\":\"max-pool\"},{\"layer\":\"relu\"},{\"layer\":\"conv\",\"kernel\":5}]",
    "layer 3 (conv 5x5): its input is 4x4, smaller than the kernel" },
  { "[{\"layer\":\"conv\",\"kernel\":3,\"padding\":3}]",
    "layer 1 (conv 3x3): its padding of 3 must be smaller than the kernel" },
  { "[{\"layer\":\"max-pool\",\"size\":9}]", "layer 1 (max-pool 9x9): its input is 8x8, smaller than the kernel" },
  { "[{\"layer\":\"dense\",\"units\":9}]",
    "the last layer gives 9 values a sample (1x1x9), but there are 10 classes; end the list with *" },
  { "[{\"layer\":\"residual\"}]", "layer 1 (residual): needs \"layers\"*" },
  { "[{\"layer\":\"residual\",\"layers\":5}]", "layer 1 (residual): \"layers\" must be a list of layers" },
  { "[{\"layer\":\"residual\",\"layers\":[{\"layer\":\"max-pool\"}]}]",
    "layer 1 (residual): its layers give 4x4x3 but what is added to that is 8x8x3; *" },
  { "[{\"layer\":\"residual\",\"layers\":[{\"layer\":\"conv\",\"kernel\":9}]}]",
    "layer 1 (residual), layer 1 (conv 9x9): its input is 8x8, *" },
  { "[{\"layer\":\"residual\",\"layers\":[],\"skip\":[{\"layer\":\"conv\",\"kernel\":9}]}]",
    "layer 1 (residual), skip layer 1 (conv 9x9): *" },
  { "mlp-65536-65536-65536-65536-65536-65536-65536-65536-65536-65536-65536-65536",
    "training the network (* million parameters, batches of 1) would take about * GB of memory, and this machine has "
    "*" },
};

static void
test_mistakes (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (mistakes); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (KairosNetwork) network = kairos_network_new (mistakes[i].spec, (KairosShape){ 8, 8, 3 }, 10, &error);

    if (network)
      g_error ("%s is accepted", mistakes[i].spec);
    g_assert_true (error->domain == KAIROS_ERROR);
    if (!g_pattern_match_simple (mistakes[i].message, error->message))
      g_error ("%s\nsays    %s\nexpected %s", mistakes[i].spec, error->message, mistakes[i].message);
  }
}

static void
test_shapes (void)
{
  const KairosShape bad[] = { { 0, 1, 1 }, { 1, -1, 1 }, { 1, 1, 1 << 20 } };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_null (kairos_network_new ("logistic", bad[i], 10, &error));
    g_assert_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE);
  }
  g_assert_null (kairos_network_new ("logistic", (KairosShape){ 1, 1, 2 }, 0, NULL));
}

/* Nothing that somebody may type or damage crashes; what is accepted can be run. */
static void
mutate (GString *text, KairosRandom *random)
{
  static const char pieces[] = "[]{}:,\"0123456789-.ekxlayerfilters\\ \x80";
  int n = 1 + (int) kairos_random_below (random, 3);

  for (int i = 0; i < n && text->len > 0; i++) {
    gsize at = kairos_random_below (random, (guint32) text->len), n_erased = 1 + kairos_random_below (random, 12);
    switch (kairos_random_below (random, 3)) {
    case 0: g_string_erase (text, at, MIN (n_erased, text->len - at)); break;
    case 1: g_string_insert_c (text, at, pieces[kairos_random_below (random, sizeof pieces - 1)]); break;
    default: text->str[at] = pieces[kairos_random_below (random, sizeof pieces - 1)];
    }
  }
}

static void
test_mutations (void)
{
  g_autoptr (KairosPool) pool = kairos_pool_new (1);
  KairosRandom random = kairos_random (1, KAIROS_RANDOM_TEST, 0, 0);
  g_autofree float *input = random_floats (8 * 8 * 3 * 2, 0, 1, 1);
  guint n_presets, n_accepted = 0;
  const KairosPreset *all = kairos_presets (&n_presets);
  const gint32 labels[2] = { 1, 0 };
  const KairosTrainOptions options = { 0 };

  for (int i = 0; i < 3000; i++) {
    g_autoptr (GString) text = g_string_new (all[kairos_random_below (&random, n_presets)].layers);
    g_autoptr (GError) error = NULL;
    g_autoptr (KairosNetwork) network = NULL;

    mutate (text, &random);
    network = kairos_network_new (text->str, (KairosShape){ 8, 8, 3 }, 10, &error);
    g_assert_true ((!network) == (error != NULL));
    if (network && kairos_network_flops (network) < 3e7 && n_accepted++ < 40) {
      KairosExecutor *executor = kairos_executor_new (network, 2, pool);
      kairos_network_initialise (network, 1);
      kairos_executor_train (executor, &(KairosBatch){ .n = 2, .input = input, .labels = labels }, &options, NULL);
      kairos_executor_free (executor);
    }
  }
  g_assert_cmpuint (n_accepted, >, 10);
}

/* Deeply nested text must not exhaust the stack of the parser. */
static void
test_nesting (void)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (int i = 0; i < 100000; i++)
    g_string_append_c (text, '[');
  g_assert_null (kairos_network_new (text->str, (KairosShape){ 8, 8, 3 }, 10, NULL));
  g_string_truncate (text, 0);
  for (int i = 0; i < 20; i++)
    g_string_append (text, "[{\"layer\":\"residual\",\"layers\":");
  g_string_append (text, "[]");
  for (int i = 0; i < 20; i++)
    g_string_append (text, "}]");
  g_assert_null (kairos_network_new (text->str, (KairosShape){ 8, 8, 3 }, 10, NULL));
}

static void
test_infos (void)
{
  guint n;
  const KairosLayerInfo *infos = kairos_layer_infos (&n);

  g_assert_cmpuint (n, ==, 14);
  for (guint i = 0; i < n; i++) {
    g_assert_nonnull (infos[i].summary);
    g_assert_true (infos[i].n_params == 0 || infos[i].params);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/network/presets", test_presets);
  g_test_add_func ("/network/tensors", test_tensors);
  g_test_add_func ("/network/json", test_json);
  g_test_add_func ("/network/inputs", test_inputs);
  g_test_add_func ("/network/mlp", test_mlp);
  g_test_add_func ("/network/digest", test_digest);
  g_test_add_func ("/network/initialisers", test_initialisers);
  g_test_add_func ("/network/mistakes", test_mistakes);
  g_test_add_func ("/network/shapes", test_shapes);
  g_test_add_func ("/network/mutations", test_mutations);
  g_test_add_func ("/network/nesting", test_nesting);
  g_test_add_func ("/network/infos", test_infos);
  return g_test_run ();
}
