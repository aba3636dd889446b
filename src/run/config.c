/* SPDX-License-Identifier: MIT */

/* Hyper-parameters.  The table below is all there is to know about each: its schema, where it lives in KairosConfig,
 * and whether it may change while training.  Everything else here walks over the table.
 */
#include "kairos/config.h"

#include <math.h>
#include <string.h>

#include "kairos/json.h"
#include "kairos/probe.h"

typedef struct {
  KairosParam param;
  gsize offset;
  gsize size; /* of the field: tells int from guint64 */
  gboolean live;
  char *(*choices) (void); /* for choices that are tables elsewhere */
  gboolean (*check) (const char *text, GError **error);
} Row;

/* "a|b|c" with fallback first, from a table whose rows begin with their name. */
static char *
join_names (gconstpointer rows, gsize row_size, guint n, const char *fallback)
{
  GString *text = g_string_new (fallback);

  for (guint i = 0; i < n; i++) {
    const char *name = *(const char *const *) ((const char *) rows + i * row_size);
    if (!g_str_equal (name, fallback))
      g_string_append_printf (text, "|%s", name);
  }
  return g_string_free (text, FALSE);
}

static char *
optimizer_choices (void)
{
  guint n;
  const KairosOptimizerInfo *infos = kairos_optimizer_infos (&n);

  return join_names (infos, sizeof *infos, n, "momentum");
}

static char *
schedule_choices (void)
{
  guint n;
  const KairosScheduleInfo *infos = kairos_schedule_infos (&n);

  return join_names (infos, sizeof *infos, n, "cosine");
}

static gboolean
check_probes (const char *text, GError **error)
{
  g_autoptr (GPtrArray) probes = kairos_probes_parse (text, error);

  return probes != NULL;
}

#define AT(field) G_STRUCT_OFFSET (KairosConfig, field), sizeof ((KairosConfig *) 0)->field

static const Row rows[] = {
  { { "data", KAIROS_PARAM_TEXT, NULL, 1, 4096, 0, "builtin:digits",
      "What to learn from: a file or folder, or builtin:NAME" },
    AT (data) },
  { { "network", KAIROS_PARAM_TEXT, NULL, 1, 1 << 20, 0, "small-cnn-16",
      "The network: the name of a preset, or a JSON list of layers" },
    AT (network) },
  { { "seed", KAIROS_PARAM_INT, NULL, 0, G_MAXINT32, 1, NULL,
      "Number that fixes every random draw; the same seed gives the same run" },
    AT (seed) },
  { { "batch", KAIROS_PARAM_INT, "samples", 1, 4096, 64, NULL,
      "Samples the network looks at before each change of its weights" },
    AT (batch) },
  { { "epochs", KAIROS_PARAM_INT, "epochs", 1, 10000, 10, NULL, "How often to go through all training samples" },
    AT (epochs),
    TRUE },
  { { "limit", KAIROS_PARAM_INT, "samples", 0, G_MAXINT32, 0, NULL,
      "Training samples to keep, drawn evenly over the classes; 0 keeps all" },
    AT (limit) },
  { { "side", KAIROS_PARAM_INT, "pixels", 8, 1024, 64, NULL,
      "Height and width to which a folder of pictures is resized" },
    AT (side) },
  { { "fit", KAIROS_PARAM_CHOICE, NULL, 0, 0, 0, "crop|letterbox",
      "How pictures of other proportions are made square: cut off or padded" },
    AT (fit) },
  { { "optimizer", KAIROS_PARAM_CHOICE, NULL, 0, 0, 0, NULL, "The rule that changes the weights" },
    AT (optimizer),
    FALSE,
    optimizer_choices },
  { { "learning-rate", KAIROS_PARAM_REAL, NULL, 0, 1000, 0, NULL,
      "How far each change of the weights goes; 0 takes the optimizer's own rate" },
    AT (learning_rate),
    TRUE },
  { { "momentum", KAIROS_PARAM_REAL, NULL, 0, 0.9999, 0.9, NULL,
      "How much of the last change is carried on into the next" },
    AT (momentum),
    TRUE },
  { { "weight-decay", KAIROS_PARAM_REAL, NULL, 0, 1, 5e-4, NULL,
      "How strongly weights are pulled towards 0, against learning by heart" },
    AT (weight_decay),
    TRUE },
  { { "schedule", KAIROS_PARAM_CHOICE, NULL, 0, 0, 0, NULL, "How the learning rate goes over the run" },
    AT (schedule),
    TRUE,
    schedule_choices },
  { { "warm-up", KAIROS_PARAM_REAL, "epochs", 0, 10000, 1, NULL,
      "Time in which the learning rate grows from 0 to its value" },
    AT (warm_up),
    TRUE },
  { { "drop-every", KAIROS_PARAM_REAL, "epochs", 0.01, 10000, 5, NULL,
      "Schedule step: time between two drops of the learning rate" },
    AT (drop_every),
    TRUE },
  { { "drop-factor", KAIROS_PARAM_REAL, NULL, 0, 1, 0.5, NULL,
      "Schedules step and exponential: factor of a drop, or of an epoch" },
    AT (drop_factor),
    TRUE },
  { { "loss", KAIROS_PARAM_CHOICE, NULL, 0, 0, 0, "cross-entropy|squared-error", "What training makes small" },
    AT (loss) },
  { { "label-smoothing", KAIROS_PARAM_REAL, NULL, 0, 1, 0, NULL,
      "Share of each label that is spread evenly over all classes" },
    AT (label_smoothing),
    TRUE },
  { { "checkpoints", KAIROS_PARAM_INT, "checkpoints", 2, 1000, 4, NULL,
      "Checkpoints of a run that stay, close together near the end; those kept by hand stay besides" },
    AT (checkpoints),
    TRUE },
  { { "probes", KAIROS_PARAM_TEXT, NULL, 0, 1000, 0, "fisher",
      "What is measured inside the network while it trains: names with commas between; empty for nothing" },
    AT (probes),
    TRUE,
    .check = check_probes },
  { { "probe-budget", KAIROS_PARAM_REAL, NULL, 0, 1, 0.05, NULL,
      "Part of the training time that may go into these measurements; 0 is off" },
    AT (probe_budget),
    TRUE },
};

/* ---- The table as schema ---- */

const KairosParam *
kairos_config_params (guint *n)
{
  static KairosParam params[G_N_ELEMENTS (rows)];
  static gsize ready;

  if (g_once_init_enter (&ready)) {
    for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
      params[i] = rows[i].param;
      if (rows[i].choices) {
        g_autofree char *choices = rows[i].choices ();
        params[i].choices = g_intern_string (choices);
      }
    }
    g_once_init_leave (&ready, 1);
  }
  *n = G_N_ELEMENTS (rows);
  return params;
}

/* The index of a row; -1 with an error that lists the names. */
static int
find_row (const char *name, GError **error)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    if (g_str_equal (rows[i].param.name, name))
      return i;
    g_string_append_printf (names, "%s%s", i ? ", " : "", rows[i].param.name);
  }
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING, "There is no hyper-parameter \"%s\"; there are: %s.", name,
               names->str);
  return -1;
}

gboolean
kairos_config_is_live (const char *name)
{
  int i = find_row (name, NULL);

  return i >= 0 && rows[i].live;
}

/* ---- Fields ---- */

static gboolean
is_text (const Row *row)
{
  return row->param.type == KAIROS_PARAM_CHOICE || row->param.type == KAIROS_PARAM_TEXT;
}

static gpointer
field (const KairosConfig *config, const Row *row)
{
  return (char *) config + row->offset;
}

static void
put_text (KairosConfig *config, const Row *row, const char *text)
{
  char **at = field (config, row);
  char *copy = g_strdup (text);

  g_free (*at);
  *at = copy;
}

static void
put_number (KairosConfig *config, const Row *row, double number)
{
  if (row->param.type == KAIROS_PARAM_REAL)
    *(double *) field (config, row) = number;
  else if (row->size == sizeof (guint64))
    *(guint64 *) field (config, row) = (guint64) number;
  else
    *(int *) field (config, row) = (int) number;
}

static double
get_number (const KairosConfig *config, const Row *row)
{
  if (row->param.type == KAIROS_PARAM_REAL)
    return *(double *) field (config, row);
  if (row->size == sizeof (guint64))
    return (double) *(guint64 *) field (config, row);
  return *(int *) field (config, row);
}

static const char *
get_text (const KairosConfig *config, const Row *row)
{
  return *(char **) field (config, row);
}

/* Every field from a JsonObject that was checked; missing members are defaults. */
static void
fill (KairosConfig *config, JsonObject *values)
{
  guint n;
  const KairosParam *params = kairos_config_params (&n);

  for (guint i = 0; i < n; i++)
    if (is_text (&rows[i]))
      put_text (config, &rows[i], kairos_params_text (params, n, values, params[i].name));
    else
      put_number (config, &rows[i], kairos_params_number (params, n, values, params[i].name));
}

/* What the schema cannot know. */
static gboolean
check_texts (const KairosConfig *config, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].check && !rows[i].check (get_text (config, &rows[i]), error))
      return FALSE;
  return TRUE;
}

/* ---- Whole configurations ---- */

KairosConfig *
kairos_config_new (void)
{
  g_autoptr (JsonObject) nothing = json_object_new ();
  KairosConfig *config = g_new0 (KairosConfig, 1);

  fill (config, nothing);
  return config;
}

void
kairos_config_free (KairosConfig *config)
{
  if (!config)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (is_text (&rows[i]))
      g_free (*(char **) field (config, &rows[i]));
  g_free (config);
}

KairosConfig *
kairos_config_copy (const KairosConfig *config)
{
  KairosConfig *copy = g_memdup2 (config, sizeof *config);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (is_text (&rows[i]))
      *(char **) field (copy, &rows[i]) = g_strdup (get_text (config, &rows[i]));
  return copy;
}

KairosConfig *
kairos_config_from_json (JsonObject *object, GError **error)
{
  guint n;
  const KairosParam *params = kairos_config_params (&n);

  if (!kairos_params_check (params, n, object, "hyper-parameters", NULL, error))
    return NULL;
  g_autoptr (KairosConfig) config = g_new0 (KairosConfig, 1);
  fill (config, object);
  return check_texts (config, error) ? g_steal_pointer (&config) : NULL;
}

JsonObject *
kairos_config_to_json (const KairosConfig *config)
{
  JsonObject *object = json_object_new ();

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    const Row *row = &rows[i];
    if (is_text (row))
      json_object_set_string_member (object, row->param.name, get_text (config, row));
    else if (row->param.type == KAIROS_PARAM_INT)
      json_object_set_int_member (object, row->param.name, (gint64) get_number (config, row));
    else
      json_object_set_double_member (object, row->param.name, get_number (config, row));
  }
  return object;
}

char *
kairos_config_to_text (const KairosConfig *config)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, kairos_config_to_json (config));
  return json_to_string (node, FALSE);
}

KairosConfig *
kairos_config_from_text (const char *text, gssize length, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (JsonNode) root = kairos_json_parse (text, length, &problem);

  if (root && JSON_NODE_HOLDS_OBJECT (root))
    return kairos_config_from_json (json_node_get_object (root), error);
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
               "The hyper-parameters are not a JSON object of names and values (%s); write them like {\"batch\": 64}.",
               problem ? problem->message : "it is another value");
  return NULL;
}

/* ---- One by name ---- */

/* The JSON value that a text means; NULL with an error when it is not a number. */
static JsonNode *
parse_value (const Row *row, const char *text, GError **error)
{
  if (is_text (row))
    return json_node_init_string (json_node_alloc (), text);

  char *end;
  double number = g_ascii_strtod (text, &end);
  if (end == text || *end || !isfinite (number)) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE, "%s: \"%s\" is not a number; expected one from %g to %g.",
                 row->param.name, text, row->param.min, row->param.max);
    return NULL;
  }
  if (number == floor (number) && fabs (number) < 1e15) /* shown without a point when it is refused */
    return json_node_init_int (json_node_alloc (), (gint64) number);
  return json_node_init_double (json_node_alloc (), number);
}

gboolean
kairos_config_set (KairosConfig *config, const char *name, const char *text, GError **error)
{
  guint n;
  const KairosParam *params = kairos_config_params (&n);
  int i = find_row (name, error);
  JsonNode *value = i < 0 ? NULL : parse_value (&rows[i], text, error);

  if (!value)
    return FALSE;
  g_autoptr (JsonObject) values = json_object_new ();
  json_object_set_member (values, name, value);
  if (!kairos_params_check (params, n, values, "hyper-parameters", NULL, error) ||
      (rows[i].check && !rows[i].check (text, error)))
    return FALSE;
  if (is_text (&rows[i]))
    put_text (config, &rows[i], text);
  else
    put_number (config, &rows[i], json_node_get_double (value));
  return TRUE;
}

char *
kairos_config_get (const KairosConfig *config, const char *name)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];
  int i = find_row (name, NULL);

  if (i < 0)
    return NULL;
  if (is_text (&rows[i]))
    return g_strdup (get_text (config, &rows[i]));
  /* The shortest text that reads back to the same bits: "0.1" rather than 17 digits. */
  double number = get_number (config, &rows[i]);
  g_ascii_formatd (buffer, sizeof buffer, "%.15g", number);
  return g_strdup (g_ascii_strtod (buffer, NULL) == number ? buffer : g_ascii_dtostr (buffer, sizeof buffer, number));
}

/* ---- What it means ---- */

static double
base_rate (const KairosConfig *config)
{
  guint n;
  const KairosOptimizerInfo *infos = kairos_optimizer_infos (&n);

  for (guint i = 0; i < n; i++)
    if (config->learning_rate == 0 && g_str_equal (infos[i].name, config->optimizer))
      return infos[i].learning_rate;
  return config->learning_rate;
}

KairosRegime
kairos_config_regime (const KairosConfig *config, double epoch, double origin)
{
  const KairosSchedule schedule = {
    .kind = config->schedule,
    .rate = base_rate (config),
    .warm_up = config->warm_up,
    .every = config->drop_every,
    .factor = config->drop_factor,
    .epochs = config->epochs - origin,
  };
  KairosRegime regime = { .optimizer = kairos_optimizer_settings_default () };

  regime.optimizer.learning_rate = kairos_schedule_rate (&schedule, epoch - origin);
  regime.optimizer.momentum = regime.optimizer.beta1 = config->momentum;
  regime.optimizer.weight_decay = config->weight_decay;
  regime.loss = g_str_equal (config->loss, "squared-error") ? KAIROS_LOSS_SQUARED_ERROR : KAIROS_LOSS_CROSS_ENTROPY;
  regime.label_smoothing = config->label_smoothing;
  return regime;
}

KairosOpenOptions
kairos_config_open_options (const KairosConfig *config)
{
  KairosOpenOptions options = kairos_open_options_default ();

  options.side = config->side;
  options.fit = config->fit;
  return options;
}
