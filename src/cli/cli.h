/* SPDX-License-Identifier: MIT */

/* What the commands of kairosctl share: the table of commands, output as text or JSON lines, errors and interruption.
 *
 * Exit status: 0 done, 1 an error (one sentence on standard error), 2 wrong usage, 130 interrupted with Ctrl-C
 * (everything is saved).
 */
#pragma once

#include <gio/gio.h>
#include <kairos/error.h>
#include <kairos/runner.h>

G_BEGIN_DECLS

enum { CLI_OK = 0, CLI_ERROR = 1, CLI_USAGE = 2, CLI_INTERRUPTED = 130 };

typedef struct {
  const char *name, *usage, *summary;
  int (*run) (const char *usage, const char *summary, int argc, char **argv);
} CliCommand;

int cli_new (const char *usage, const char *summary, int argc, char **argv);
int cli_train (const char *usage, const char *summary, int argc, char **argv);
int cli_show (const char *usage, const char *summary, int argc, char **argv);
int cli_list (const char *usage, const char *summary, int argc, char **argv);
int cli_predict (const char *usage, const char *summary, int argc, char **argv);
int cli_kinds (const char *usage, const char *summary, int argc, char **argv);
int cli_timeline (const char *usage, const char *summary, int argc, char **argv);
int cli_branch (const char *usage, const char *summary, int argc, char **argv);
int cli_intervene (const char *usage, const char *summary, int argc, char **argv);
int cli_replay (const char *usage, const char *summary, int argc, char **argv);
int cli_runs (const char *usage, const char *summary, int argc, char **argv);
int cli_run (const char *usage, const char *summary, int argc, char **argv);
int cli_probe (const char *usage, const char *summary, int argc, char **argv);
int cli_bench (const char *usage, const char *summary, int argc, char **argv);

/* Parses options; the arguments that remain are counted against min and max.  FALSE: *status is what to exit with (0
 * after --help). */
gboolean cli_parse (const char *usage, const char *summary, const GOptionEntry *entries, int min, int max, int *argc,
                    char ***argv, int *status);
/* Prints the sentence on standard error; returns CLI_ERROR, or CLI_INTERRUPTED for KAIROS_ERROR_CANCELLED. */
int cli_fail (const GError *error);
int cli_usage_error (const char *usage, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* TRUE, and a sentence is printed, when a value of a whole-number option is outside its range. */
gboolean cli_out_of_range (const char *option, int value, int min, int max);

/* Ctrl-C and SIGTERM set a flag instead of ending the process. */
void cli_catch_interrupts (void);
const volatile gint *cli_interrupted (void);
GCancellable *cli_cancellable (void); /* cancelled soon after an interrupt; owned by the library */

/* A line of progress on standard error, when that is a terminal; rewritten in place, at most ten times a second. */
void cli_progress (double fraction, const char *format, ...) G_GNUC_PRINTF (2, 3);
void cli_progress_clear (void);
void cli_progress_func (double fraction, const char *phrase, gpointer user_data); /* a KairosProgressFunc */

/* One JSON object a line, members in the order they are added; numbers as short as they can be read back to the given
 * digits. */
typedef GString CliLine;
CliLine *cli_line_new (void);
void cli_line_text (CliLine *line, const char *name, const char *value);          /* NULL value: null */
void cli_line_number (CliLine *line, const char *name, double value, int digits); /* not finite: null */
void cli_line_int (CliLine *line, const char *name, gint64 value);
void cli_line_bool (CliLine *line, const char *name, gboolean value);
void cli_line_raw (CliLine *line, const char *name, const char *json); /* json: already JSON */
/* A member a measure that every epoch ends with, as kairos_measures() lists them. */
void cli_line_measures (CliLine *line, const KairosEpochRecord *record);
void cli_line_print (CliLine *line);   /* prints it with a newline, flushes and frees */
char *cli_line_finish (CliLine *line); /* the object as text instead; caller frees */
/* Lines for a JSON array; each element is taken over. */
char *cli_join (GPtrArray *objects);

/* A timeline from a file in its file form; the error names the file. */
KairosTimeline *cli_read_timeline (const char *path, GError **error);
/* Opens a session for a change of a run's timeline, 0 the current run; returns the exit status. */
int cli_edit_timeline (const char *path, gint64 run,
                       gboolean (*edit) (KairosRunner *runner, gpointer data, GError **error), gpointer data);

/* Opens a session and, where dataset is not NULL, its data set with progress. */
KairosSession *cli_open_session (const char *path, KairosDataset **dataset, GError **error);
/* A run of a session, 0 the current one. */
KairosRunLog *cli_open_log (KairosSession *session, gint64 run, GError **error);
/* The trainer of a run with the weights of its newest checkpoint, or of the newest at or before a time in epochs; at 0
 * with those it began with.  Nothing is written. */
KairosTrainer *cli_load_trainer (KairosRunLog *log, KairosDataset *dataset, KairosPool *pool, double at,
                                 GError **error);
/* A reading as JSON; caller frees. */
char *cli_reading_to_json (const KairosReading *reading, gint64 run, KairosTrainer *trainer);
/* The option --run of all commands that are about one run. */
#define CLI_RUN_OPTION(run)                                                                                            \
  {                                                                                                                    \
    "run", 0, 0, G_OPTION_ARG_INT64, run, N_ ("Another run than the current one; \"kairosctl runs\" lists them"), "ID" \
  }

G_END_DECLS
