/* SPDX-License-Identifier: MIT */

/* Saving and restoring a trainer.  restore looks at everything before it changes anything. */
#include "trainer-private.h"

#include <string.h>

#include "checkpoint.h"
#include "src/base/bytes.h"

#define TAG(a, b, c, d) ((guint32) (a) | (guint32) (b) << 8 | (guint32) (c) << 16 | (guint32) (d) << 24)

enum {
  CONFIG = TAG ('C', 'O', 'N', 'F'),     /* hyper-parameters, JSON */
  NETWORK = TAG ('N', 'E', 'T', 'W'),    /* hexadecimal SHA-256 of the network's layers and shapes */
  DATA = TAG ('D', 'A', 'T', 'A'),       /* the data set's checksum */
  STEPS = TAG ('S', 'T', 'E', 'P'),      /* steps of the trainer, of the optimiser: u64 each */
  PARAMETERS = TAG ('P', 'A', 'R', 'A'), /* floats, as are the following */
  BUFFERS = TAG ('B', 'U', 'F', 'F'),
  NORMALISATION = TAG ('N', 'O', 'R', 'M'), /* mean, then deviation */
  OPTIMIZER = TAG ('O', 'P', 'T', 'I'),
  FACTS = TAG ('F', 'A', 'C', 'T'), /* kairos_facts_to_bytes() */
  /* Of a timeline; left out where there is nothing to say. */
  PLAN = TAG ('P', 'L', 'A', 'N'),     /* kairos_plan_save() */
  MASK = TAG ('M', 'A', 'S', 'K'),     /* a byte a parameter, 0 is pruned */
  HAPPENED = TAG ('H', 'A', 'P', 'P'), /* step u64, then ids u32: events that happened before the step to come */
  /* weights to rewind to: three sections each, with tags that count up: name, parameters, buffers */
  KEPT = TAG ('K', 'P', 'T', 0),
};

/* The vectors of floats, all alike. */
typedef struct {
  guint32 tag;
  const char *name;
  float *values;
  gsize n;
} Vector;

enum { N_VECTORS = 3 };

static void
list_vectors (KairosTrainer *trainer, Vector vectors[N_VECTORS])
{
  vectors[0] = (Vector){ PARAMETERS, "weights" };
  vectors[0].values = kairos_network_parameters (trainer->network, &vectors[0].n);
  vectors[1] = (Vector){ BUFFERS, "statistics" };
  vectors[1].values = kairos_network_buffers (trainer->network, &vectors[1].n);
  vectors[2] = (Vector){ OPTIMIZER, "optimizer state" };
  vectors[2].values = kairos_optimizer_state (trainer->optimizer, &vectors[2].n);
}

static char *
network_identity (KairosTrainer *trainer)
{
  g_autofree char *layers = kairos_network_to_json (trainer->network);
  KairosShape shape = kairos_network_get_input (trainer->network);
  g_autofree char *text = g_strdup_printf ("%d %d %d %d %s", shape.height, shape.width, shape.channels,
                                           kairos_network_get_outputs (trainer->network), layers);

  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
}

static void
put_text (KairosCheckpointWriter *writer, guint32 tag, const char *text)
{
  kairos_checkpoint_put (writer, tag, text, strlen (text));
}

static void
put_happened (KairosTrainer *trainer, KairosCheckpointWriter *writer)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  if (trainer->happened->len == 0 || trainer->happened_at != trainer->step)
    return;
  kairos_put_u64 (bytes, trainer->happened_at);
  for (guint i = 0; i < trainer->happened->len; i++)
    kairos_put_u32 (bytes, g_array_index (trainer->happened, guint32, i));
  kairos_checkpoint_put (writer, HAPPENED, bytes->data, bytes->len);
}

/* Each set of kept weights is a section of its own, with tags that count up. */
static void
put_kept (KairosTrainer *trainer, KairosCheckpointWriter *writer)
{
  gsize n, n_buffers;

  kairos_network_parameters (trainer->network, &n);
  kairos_network_buffers (trainer->network, &n_buffers);
  for (guint i = 0; i < trainer->kept->len; i++) {
    const KairosKept *kept = trainer->kept->pdata[i];
    kairos_checkpoint_put (writer, KEPT + 3 * i, kept->name, strlen (kept->name));
    kairos_checkpoint_put_floats (writer, KEPT + 3 * i + 1, kept->parameters, n);
    kairos_checkpoint_put_floats (writer, KEPT + 3 * i + 2, kept->buffers, n_buffers);
  }
}

static void
put_timeline (KairosTrainer *trainer, KairosCheckpointWriter *writer)
{
  g_autoptr (GBytes) plan = kairos_plan_save (trainer->plan);
  gsize n;

  kairos_network_parameters (trainer->network, &n);
  if (g_bytes_get_size (plan) > 8) /* more than a header */
    kairos_checkpoint_put (writer, PLAN, g_bytes_get_data (plan, NULL), g_bytes_get_size (plan));
  if (trainer->mask)
    kairos_checkpoint_put (writer, MASK, trainer->mask, n);
  put_happened (trainer, writer);
  put_kept (trainer, writer);
}

GBytes *
kairos_trainer_save (KairosTrainer *trainer)
{
  guint8 steps[2 * sizeof (guint64)];
  g_autofree char *config = kairos_config_to_text (trainer->config), *network = network_identity (trainer);
  g_autoptr (GBytes) facts = kairos_facts_to_bytes (trainer->facts);
  int channels = kairos_network_get_input (trainer->network).channels;
  const float *mean, *deviation;
  KairosCheckpointWriter writer;
  Vector vectors[N_VECTORS];

  list_vectors (trainer, vectors);
  kairos_checkpoint_begin (&writer, (vectors[0].n + vectors[1].n + vectors[2].n + 2 * channels) * sizeof (float) +
                                        g_bytes_get_size (facts));
  put_text (&writer, CONFIG, config);
  put_text (&writer, NETWORK, network);
  put_text (&writer, DATA, kairos_dataset_get_checksum (trainer->dataset));
  kairos_set_u64 (steps, trainer->step);
  kairos_set_u64 (steps + sizeof (guint64), kairos_optimizer_get_steps (trainer->optimizer));
  kairos_checkpoint_put (&writer, STEPS, steps, sizeof steps);
  for (guint i = 0; i < N_VECTORS; i++)
    kairos_checkpoint_put_floats (&writer, vectors[i].tag, vectors[i].values, vectors[i].n);
  kairos_network_get_normalisation (trainer->network, &mean, &deviation);
  g_autofree float *normalisation = g_new (float, 2 * channels);
  memcpy (normalisation, mean, channels * sizeof *mean);
  memcpy (normalisation + channels, deviation, channels * sizeof *deviation);
  kairos_checkpoint_put_floats (&writer, NORMALISATION, normalisation, 2 * channels);
  kairos_checkpoint_put (&writer, FACTS, g_bytes_get_data (facts, NULL), g_bytes_get_size (facts));
  put_timeline (trainer, &writer);
  return kairos_checkpoint_end (&writer);
}

/* ---- Restoring ---- */

static gboolean
text_is (GBytes *checkpoint, guint32 tag, const char *text)
{
  gsize size;
  const guint8 *content = kairos_checkpoint_get (checkpoint, tag, &size);

  return content && size == strlen (text) && memcmp (content, text, size) == 0;
}

static gboolean
refuse_foreign (GError **error, const char *what)
{
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_CHANGED,
               "The checkpoint was made with another %s; choose one of this session.", what);
  return FALSE;
}

static gboolean
refuse_damaged (GError **error, const char *what)
{
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
               "The checkpoint is damaged: its %s do not fit; choose an earlier one.", what);
  return FALSE;
}

/* What the trainer was built from must be the same; where the data lies does not matter. */
static gboolean
check_config (KairosTrainer *trainer, const KairosConfig *config, GError **error)
{
  guint n;
  const KairosParam *params = kairos_config_params (&n);

  for (guint i = 0; i < n; i++) {
    g_autofree char *ours = kairos_config_get (trainer->config, params[i].name),
                    *theirs = kairos_config_get (config, params[i].name);
    if (kairos_config_is_live (params[i].name) || g_str_equal (params[i].name, "data") ||
        g_str_equal (params[i].name, "network"))
      continue;
    if (!g_str_equal (ours, theirs)) {
      g_autofree char *what = g_strdup_printf ("%s (%s, not %s)", params[i].name, theirs, ours);
      return refuse_foreign (error, what);
    }
  }
  return TRUE;
}

/* The hyper-parameters of the checkpoint as the trainer's, if they go together. */
static KairosConfig *
read_config (KairosTrainer *trainer, GBytes *checkpoint, GError **error)
{
  gsize size;
  const char *text = (const char *) kairos_checkpoint_get (checkpoint, CONFIG, &size);
  g_autoptr (KairosConfig) config = kairos_config_from_text (text ? text : "", size, error);

  if (!config || !check_config (trainer, config, error))
    return NULL;
  g_free (config->data);
  config->data = g_strdup (trainer->config->data);
  return g_steal_pointer (&config);
}

static gboolean
check_size (GBytes *checkpoint, guint32 tag, gsize expected, const char *name, GError **error)
{
  gsize size;

  kairos_checkpoint_get (checkpoint, tag, &size);
  return size == expected || refuse_damaged (error, name);
}

static gboolean
check_content (KairosTrainer *trainer, GBytes *checkpoint, GError **error)
{
  g_autofree char *network = network_identity (trainer);
  int channels = kairos_network_get_input (trainer->network).channels;
  Vector vectors[N_VECTORS];

  if (!text_is (checkpoint, NETWORK, network))
    return refuse_foreign (error, "network");
  if (!text_is (checkpoint, DATA, kairos_dataset_get_checksum (trainer->dataset)))
    return refuse_foreign (error, "data set");
  list_vectors (trainer, vectors);
  for (guint i = 0; i < N_VECTORS; i++)
    if (!check_size (checkpoint, vectors[i].tag, vectors[i].n * sizeof (float), vectors[i].name, error))
      return FALSE;
  return check_size (checkpoint, NORMALISATION, 2 * channels * sizeof (float), "normalisation constants", error) &&
         check_size (checkpoint, STEPS, 2 * sizeof (guint64), "steps", error);
}

static gboolean
check_kept (KairosTrainer *trainer, GBytes *checkpoint, GError **error)
{
  gsize n, n_buffers, size;

  kairos_network_parameters (trainer->network, &n);
  kairos_network_buffers (trainer->network, &n_buffers);
  for (guint32 tag = KEPT; kairos_checkpoint_get (checkpoint, tag, &size); tag += 3)
    if (!check_size (checkpoint, tag + 1, n * sizeof (float), "kept weights", error) ||
        !check_size (checkpoint, tag + 2, n_buffers * sizeof (float), "kept statistics", error))
      return FALSE;
  return TRUE;
}

/* What events left behind, and what clips resolved, in a new plan. */
static KairosPlan *
read_plan (KairosTrainer *trainer, GBytes *checkpoint, GError **error)
{
  gsize n, size;
  const guint8 *state = kairos_checkpoint_get (checkpoint, PLAN, &size);
  g_autoptr (KairosPlan) plan = kairos_trainer_plan (trainer, kairos_plan_get_timeline (trainer->plan), error);
  g_autoptr (GBytes) bytes = state ? g_bytes_new (state, size) : NULL;

  kairos_network_parameters (trainer->network, &n);
  if (!plan || (bytes && !kairos_plan_restore (plan, bytes, error)) || !check_kept (trainer, checkpoint, error))
    return NULL;
  if (kairos_checkpoint_get (checkpoint, MASK, &size) && !check_size (checkpoint, MASK, n, "pruned weights", error))
    return NULL;
  return g_steal_pointer (&plan);
}

/* The last thing that can fail, and it does not change the facts when it does. */
static gboolean
take_facts (KairosTrainer *trainer, GBytes *checkpoint, GError **error)
{
  gsize size;
  const guint8 *content = kairos_checkpoint_get (checkpoint, FACTS, &size);

  if (!content)
    return refuse_damaged (error, "facts about samples");
  g_autoptr (GBytes) facts =
      g_bytes_new_from_bytes (checkpoint, content - (const guint8 *) g_bytes_get_data (checkpoint, NULL), size);
  return kairos_facts_from_bytes (trainer->facts, facts, error);
}

static void
take_content (KairosTrainer *trainer, GBytes *checkpoint)
{
  int channels = kairos_network_get_input (trainer->network).channels;
  g_autofree float *normalisation = g_new (float, 2 * channels);
  Vector vectors[N_VECTORS];
  gsize size;

  list_vectors (trainer, vectors);
  for (guint i = 0; i < N_VECTORS; i++)
    kairos_checkpoint_get_floats (checkpoint, vectors[i].tag, vectors[i].values);
  kairos_checkpoint_get_floats (checkpoint, NORMALISATION, normalisation);
  kairos_network_set_normalisation (trainer->network, normalisation, normalisation + channels);
  const guint8 *steps = kairos_checkpoint_get (checkpoint, STEPS, &size);
  trainer->step = kairos_get_u64 (steps);
  kairos_optimizer_set_steps (trainer->optimizer, kairos_get_u64 (steps + sizeof (guint64)));
}

static void
take_kept (KairosTrainer *trainer, GBytes *checkpoint)
{
  const guint8 *name;
  gsize size;

  for (guint32 tag = KEPT; (name = kairos_checkpoint_get (checkpoint, tag, &size)); tag += 3) {
    g_autofree char *text = g_strndup ((const char *) name, size);
    KairosKept *kept = kairos_trainer_keep (trainer, text);
    kairos_checkpoint_get_floats (checkpoint, tag + 1, kept->parameters);
    kairos_checkpoint_get_floats (checkpoint, tag + 2, kept->buffers);
  }
}

static void
take_timeline (KairosTrainer *trainer, GBytes *checkpoint, KairosPlan *plan)
{
  gsize size;
  const guint8 *mask = kairos_checkpoint_get (checkpoint, MASK, &size);

  kairos_trainer_forget_events (trainer);
  kairos_plan_free (trainer->plan);
  trainer->plan = plan;
  trainer->mask = mask ? g_memdup2 (mask, size) : NULL;
  const guint8 *happened = kairos_checkpoint_get (checkpoint, HAPPENED, &size);
  trainer->happened_at = trainer->step;
  for (gsize at = sizeof (guint64); happened && at + sizeof (guint32) <= size; at += sizeof (guint32)) {
    guint32 id = kairos_get_u32 (happened + at);
    g_array_append_val (trainer->happened, id);
  }
  take_kept (trainer, checkpoint);
}

gboolean
kairos_trainer_restore (KairosTrainer *trainer, GBytes *checkpoint, GError **error)
{
  if (!kairos_checkpoint_verify (checkpoint, error))
    return FALSE;
  g_autoptr (KairosConfig) config = read_config (trainer, checkpoint, error);
  if (!config || !check_content (trainer, checkpoint, error))
    return FALSE;
  g_autoptr (KairosPlan) plan = read_plan (trainer, checkpoint, error);
  if (!plan || !take_facts (trainer, checkpoint, error))
    return FALSE;
  take_content (trainer, checkpoint);
  take_timeline (trainer, checkpoint, g_steal_pointer (&plan));
  kairos_config_free (trainer->config);
  trainer->config = g_steal_pointer (&config);
  return TRUE;
}
