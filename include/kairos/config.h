/* SPDX-License-Identifier: MIT */

/* The hyper-parameters of a session.
 *
 *   g_autoptr (KairosConfig) config = kairos_config_new ();
 *   if (!kairos_config_set (config, "learning-rate", "0.05", &error))
 *     g_printerr ("%s\n", error->message);
 *   g_autofree char *text = kairos_config_to_text (config);
 *
 * One table, kairos_config_params(), carries name, unit, range, default and help of each; the options of `kairosctl
 * new`, the set-up page of the window, the JSON in the session file and the range checks are all derived from it.
 */
#pragma once

#include <kairos/dataset.h>
#include <kairos/param.h>
#include <kairos/regime.h>

G_BEGIN_DECLS

struct _KairosConfig {
  char *data;                              /* "data": path or builtin:NAME */
  char *network;                           /* "network": preset or JSON list of layers */
  guint64 seed;                            /* "seed", 0 .. 2^31-1 */
  int batch;                               /* "batch", 1 .. 4096 */
  int epochs;                              /* "epochs", 1 .. 10000 */
  int limit;                               /* "limit": training samples kept, 0 all */
  int side;                                /* "side": folders of pictures are resized to this, 8 .. 1024 */
  char *fit;                               /* "fit": "crop" or "letterbox" */
  char *optimizer;                         /* "optimizer": row name */
  double learning_rate;                    /* "learning-rate": base rate; 0 the optimiser's own */
  double momentum;                         /* "momentum"; for adam and adamw the first decay rate, beta 1 */
  double weight_decay;                     /* "weight-decay" */
  char *schedule;                          /* "schedule": row name */
  double warm_up, drop_every, drop_factor; /* "warm-up" epochs, "drop-every" epochs, "drop-factor" */
  char *loss;                              /* "loss": "cross-entropy" or "squared-error" */
  double label_smoothing;                  /* "label-smoothing" */
  int checkpoints;                         /* "checkpoints": how many of a run stay, 2 .. 1000 */
  char *probes;                            /* "probes": names with commas between, see kairos_probes() */
  double probe_budget;                     /* "probe-budget": part of the training time, 0 .. 1; 0 is off */
};

const KairosParam *kairos_config_params (guint *n);
/* Defaults for everything, data "builtin:digits", network "small-cnn-16". */
KairosConfig *kairos_config_new (void);
/* Missing members get defaults; unknown ones and values out of range are refused in one sentence. */
KairosConfig *kairos_config_from_json (JsonObject *object, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Sets one by name from text, as on the command line.  FALSE: unknown, not understood or out of range; config is then
 * as before. */
gboolean kairos_config_set (KairosConfig *config, const char *name, const char *text, GError **error);
JsonObject *kairos_config_to_json (const KairosConfig *config); /* caller unrefs */
/* The same as text, on one line.  length -1: up to the end of the text. */
char *kairos_config_to_text (const KairosConfig *config); /* caller frees */
KairosConfig *kairos_config_from_text (const char *text, gssize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;
KairosConfig *kairos_config_copy (const KairosConfig *config);
void kairos_config_free (KairosConfig *config);
/* The value of one by name, as text that kairos_config_set() reads back to the same bits; NULL if there is none. Caller
 * frees. */
char *kairos_config_get (const KairosConfig *config, const char *name);
/* Whether it may change while training: it is part of the regime rather than of the trainer's make-up. */
gboolean kairos_config_is_live (const char *name);
/* The settings in force at a time in epochs.  origin: when the schedule of the rate began, 0 unless it was restarted.
 */
KairosRegime kairos_config_regime (const KairosConfig *config, double epoch, double origin);
KairosOpenOptions kairos_config_open_options (const KairosConfig *config);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KairosConfig, kairos_config_free)

G_END_DECLS
