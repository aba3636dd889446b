/* SPDX-License-Identifier: MIT */

/* Compiles the operations of a network into stages of instructions: see program.h.
 *
 * Forward, in order: an operation runs in the first stage in which all its inputs are known; a batch normalisation
 * measures its input there and is known one stage later.  Cheap operations are left until somebody needs their value,
 * in whichever stage (need()). Backward, in reverse order: a gradient is complete when all readers of the value have
 * contributed; a batch normalisation measures it there and passes it on one stage later.  Gradients of the two summands
 * of a residual block are the gradient of the sum itself, so they share it.
 */
#include "program.h"

#include "network-private.h"

typedef struct {
  KairosProgram *program;
  GArray *values;      /* of KairosValue: those of operations first, then gradients */
  int *ready;          /* values of operations: the stage in which they are known */
  gboolean *lazy;      /* operations */
  GArray **gradients;  /* values of operations: their gradient is the sum of these values */
  GHashTable *present; /* (stage, value) that instructions of that stage have computed */
} Compiler;

enum { NONE = -1 };

static KairosLayer *
operation (const Compiler *compiler, int i)
{
  return compiler->program->operations->pdata[i];
}

static gboolean
runs_back (const Compiler *compiler)
{
  return compiler->program->mode != KAIROS_MODE_EVALUATE;
}

static KairosValue *
value_at (const Compiler *compiler, int value)
{
  return &g_array_index (compiler->values, KairosValue, value);
}

static int
new_value (Compiler *compiler, KairosShape shape)
{
  KairosValue value = { .size = kairos_shape_size (shape), .first = -1 };

  g_array_append_val (compiler->values, value);
  return (int) compiler->values->len - 1;
}

static gpointer
present_key (int stage, int value)
{
  return GSIZE_TO_POINTER ((gsize) stage << 24 | (gsize) value);
}

/* Marks that a stage reads or writes a value. */
static KairosOperand
touch (Compiler *compiler, int stage, int value)
{
  if (value > 0) {
    KairosValue *v = value_at (compiler, value);
    if (v->first < 0)
      v->first = stage;
    v->last = MAX (v->last, stage);
    if (!g_hash_table_contains (compiler->present, present_key (stage, value)))
      v->kept = TRUE; /* from another stage */
  }
  return (KairosOperand){ .value = value };
}

static KairosStage *
stage_at (Compiler *compiler, int stage)
{
  GArray *stages = compiler->program->stages;

  while ((int) stages->len <= stage) {
    KairosStage new_stage = { g_array_new (FALSE, TRUE, sizeof (KairosInstruction)), 1 };
    g_array_append_val (stages, new_stage);
  }
  return &g_array_index (stages, KairosStage, stage);
}

/* The values of an instruction. */
typedef struct {
  int x, extra, y, dy, dextra, out;
} Operands;

static void
emit (Compiler *compiler, int stage, KairosPass pass, int i, Operands o)
{
  KairosInstruction instruction = { .pass = pass, .operation = i };

  if (o.out > 0)
    g_hash_table_add (compiler->present, present_key (stage, o.out));
  instruction.x = touch (compiler, stage, o.x);
  instruction.extra = touch (compiler, stage, o.extra);
  instruction.y = touch (compiler, stage, o.y);
  instruction.dy = touch (compiler, stage, o.dy);
  instruction.dextra = touch (compiler, stage, o.dextra);
  instruction.out = touch (compiler, stage, o.out);
  if (o.out > 0)
    value_at (compiler, o.out)->complete = stage;
  g_array_append_val (stage_at (compiler, stage)->instructions, instruction);
}

static const Operands nothing = { NONE, NONE, NONE, NONE, NONE, NONE };

static void need (Compiler *compiler, int stage, int value);

static void
emit_forward (Compiler *compiler, int stage, int i)
{
  const KairosLayer *layer = operation (compiler, i);
  Operands o = nothing;

  need (compiler, stage, layer->input);
  need (compiler, stage, layer->extra);
  o.x = layer->input;
  o.extra = layer->extra;
  o.out = i + 1;
  emit (compiler, stage, KAIROS_PASS_FORWARD, i, o);
}

/* Makes sure that a stage can read a value: computes a cheap one again; any other is kept by touch(). */
static void
need (Compiler *compiler, int stage, int value)
{
  if (value <= 0 || !compiler->lazy[value - 1] || g_hash_table_contains (compiler->present, present_key (stage, value)))
    return;
  emit_forward (compiler, stage, value - 1);
}

/* ---- forward ---- */

/* Cheap operations of one input, except where the whole batch will be read at once. */
static void
find_lazy (Compiler *compiler)
{
  GPtrArray *operations = compiler->program->operations;

  for (guint i = 0; i < operations->len; i++) {
    const KairosLayer *layer = operation (compiler, i);
    compiler->lazy[i] = layer->kind->cheap && layer->extra < 0 && !compiler->program->keeps;
    if (runs_back (compiler) && layer->kind->weights_by_rows)
      compiler->lazy[layer->input - 1] = FALSE;
  }
}

static void
compile_forward (Compiler *compiler)
{
  for (guint i = 0; i < compiler->program->operations->len; i++) {
    const KairosLayer *layer = operation (compiler, (int) i);
    int stage = compiler->ready[layer->input];

    if (runs_back (compiler) && layer->kind->whole_batch) {
      Operands o = nothing;
      need (compiler, stage, layer->input);
      o.x = layer->input;
      emit (compiler, stage, KAIROS_PASS_MEASURE, (int) i, o);
      stage++;
    }
    if (layer->extra >= 0)
      stage = MAX (stage, compiler->ready[layer->extra]);
    compiler->ready[i + 1] = stage;
    if (!compiler->lazy[i])
      emit_forward (compiler, stage, (int) i);
  }
}

/* ---- backward ---- */

static void
contribute (Compiler *compiler, int value, int gradient)
{
  if (!compiler->program->needs_gradient[value])
    return;
  g_array_append_val (compiler->gradients[value], gradient);
  value_at (compiler, gradient)->n_owners++;
}

/* The result of adding two gradients: in place of one that nobody else owns. */
static int
choose_target (Compiler *compiler, int a, int b, KairosShape shape)
{
  int target;

  if (value_at (compiler, a)->n_owners == 1)
    return a;
  if (b >= 0 && value_at (compiler, b)->n_owners == 1)
    return b;
  target = new_value (compiler, shape);
  value_at (compiler, target)->n_owners = 1; /* whoever asked */
  return target;
}

/* The contributions to a value's gradient, added up to at most `at_most` of them (1 or 2); the stage in which they are
 * all known. */
static int
gather (Compiler *compiler, int value, guint at_most, int parts[2], KairosShape shape)
{
  GArray *gradients = compiler->gradients[value];
  int stage = 0;

  for (guint i = 0; i < gradients->len; i++)
    stage = MAX (stage, value_at (compiler, g_array_index (gradients, int, i))->complete);
  parts[0] = g_array_index (gradients, int, 0);
  for (guint i = 1; i + at_most <= gradients->len; i++) {
    Operands o = nothing;
    o.dy = parts[0];
    o.dextra = g_array_index (gradients, int, i);
    o.out = parts[0] = choose_target (compiler, o.dy, o.dextra, shape);
    emit (compiler, stage, KAIROS_PASS_ADD, value - 1, o);
  }
  parts[1] = at_most == 2 && gradients->len >= 2 ? g_array_index (gradients, int, gradients->len - 1) : NONE;
  return stage;
}

static void
emit_backward_data (Compiler *compiler, int stage, int i, int dy)
{
  const KairosLayer *layer = operation (compiler, i);
  Operands o = nothing;

  if (!compiler->program->needs_gradient[layer->input])
    return;
  if (layer->kind->needs & KAIROS_NEEDS_X)
    need (compiler, stage, o.x = layer->input);
  if (layer->kind->needs & KAIROS_NEEDS_Y)
    need (compiler, stage, o.y = i + 1);
  o.dy = dy;
  o.out = new_value (compiler, layer->in);
  emit (compiler, stage, KAIROS_PASS_BACKWARD_DATA, i, o);
  contribute (compiler, layer->input, o.out);
}

static void
compile_whole_batch (Compiler *compiler, int i)
{
  const KairosLayer *layer = operation (compiler, i);
  int parts[2], stage = gather (compiler, i + 1, 2, parts, layer->out);
  Operands o = nothing;
  int g = parts[0];

  need (compiler, stage, o.x = layer->input);
  if (layer->relu && layer->extra >= 0)
    need (compiler, stage, o.y = i + 1);
  o.dy = parts[0];
  o.dextra = parts[1];
  if (layer->relu || parts[1] >= 0)
    o.out = g = choose_target (compiler, parts[0], parts[1], layer->out);
  emit (compiler, stage, KAIROS_PASS_MEASURE_GRADIENT, i, o);
  if (layer->extra >= 0)
    contribute (compiler, layer->extra, g);
  emit_backward_data (compiler, stage + 1, i, g);
}

static void
compile_weights (Compiler *compiler, int stage, int i, int dy)
{
  const KairosLayer *layer = operation (compiler, i);
  Operands o = nothing;

  if (compiler->program->mode == KAIROS_MODE_INSPECT) {
    need (compiler, stage, o.x = layer->input);
    o.dy = dy;
    emit (compiler, stage, KAIROS_PASS_NORMS, i, o);
  }
  if (layer->kind->weights_by_rows) {
    KairosWeightJob job = { .operation = i, .x = { .value = layer->input }, .dy = { .value = dy } };
    g_array_append_val (compiler->program->weight_jobs, job);
  } else {
    need (compiler, stage, o.x = layer->input);
    o.dy = dy;
    emit (compiler, stage, KAIROS_PASS_BACKWARD_WEIGHTS, i, o);
  }
}

/* Operations inside a stage. */
static void
compile_plain (Compiler *compiler, int i)
{
  const KairosLayer *layer = operation (compiler, i);
  gboolean mask = layer->relu && layer->n_weight > 0;
  int parts[2], stage = gather (compiler, i + 1, mask ? 2 : 1, parts, layer->out), dy = parts[0];

  if (mask) {
    Operands o = nothing;
    o.y = i + 1;
    o.dy = parts[0];
    o.dextra = parts[1];
    o.out = dy = choose_target (compiler, parts[0], parts[1], layer->out);
    emit (compiler, stage, KAIROS_PASS_MASK, i, o);
  }
  if (layer->n_weight > 0)
    compile_weights (compiler, stage, i, dy);
  if (layer->kind == &kairos_layer_add) {
    value_at (compiler, dy)->n_owners--; /* handed on to the summands */
    contribute (compiler, layer->input, dy);
    contribute (compiler, layer->extra, dy);
  } else {
    emit_backward_data (compiler, stage, i, dy);
  }
}

static void
find_needs_gradient (Compiler *compiler)
{
  gboolean *needs = compiler->program->needs_gradient;

  needs[0] = compiler->program->keeps;
  for (guint i = 0; i < compiler->program->operations->len; i++) {
    const KairosLayer *layer = operation (compiler, (int) i);
    needs[i + 1] = layer->n_weight > 0 || needs[layer->input] || (layer->extra >= 0 && needs[layer->extra]);
  }
}

static void
compile_backward (Compiler *compiler)
{
  for (int i = (int) compiler->program->operations->len - 1; i >= 0; i--) {
    if (!compiler->program->needs_gradient[i + 1] || compiler->gradients[i + 1]->len == 0)
      continue;
    if (operation (compiler, i)->kind->whole_batch)
      compile_whole_batch (compiler, i);
    else
      compile_plain (compiler, i);
  }
}

/* What the final jobs read must outlive all stages. */
static void
keep_for_weight_jobs (Compiler *compiler)
{
  GArray *jobs = compiler->program->weight_jobs;
  int end = (int) compiler->program->stages->len;

  for (guint i = 0; i < jobs->len; i++) {
    KairosWeightJob *job = &g_array_index (jobs, KairosWeightJob, i);
    touch (compiler, end, job->x.value);
    touch (compiler, end, job->dy.value);
  }
}

/* What is looked at afterwards. */
static void
keep_values (Compiler *compiler)
{
  KairosProgram *program = compiler->program;
  int end = (int) program->stages->len;

  if (!program->keeps)
    return;
  for (guint i = 0; i <= program->operations->len; i++) {
    const KairosOperand operand =
        touch (compiler, end, i > 0 ? (int) i : g_array_index (compiler->gradients[0], int, 0));
    g_array_append_val (program->kept, operand);
  }
}

static void
compile (Compiler *compiler)
{
  int last = (int) compiler->program->operations->len, stage;
  Operands o = nothing;

  find_lazy (compiler);
  find_needs_gradient (compiler);
  compile_forward (compiler);
  stage = compiler->ready[last];
  need (compiler, stage, o.x = last);
  if (runs_back (compiler)) {
    o.out = new_value (compiler, operation (compiler, last - 1)->out);
    contribute (compiler, last, o.out);
  }
  emit (compiler, stage, KAIROS_PASS_LOSS, last - 1, o);
  if (runs_back (compiler))
    compile_backward (compiler);
  keep_for_weight_jobs (compiler);
  keep_values (compiler);
}

/* ---- construction ---- */

static void
clear_stage (gpointer data)
{
  g_array_unref (((KairosStage *) data)->instructions);
}

static void
unref_array (gpointer data)
{
  g_array_unref (data);
}

KairosProgram *
kairos_program_new (KairosNetwork *network, KairosMode mode, gboolean keeps, int max_batch, int max_lane)
{
  KairosProgram *program = g_new0 (KairosProgram, 1);
  g_autoptr (GArray) values = g_array_new (FALSE, TRUE, sizeof (KairosValue));
  g_autoptr (GHashTable) present = g_hash_table_new (NULL, NULL);
  g_autoptr (GPtrArray) gradients = g_ptr_array_new_with_free_func (unref_array);
  g_autofree int *ready = NULL;
  g_autofree gboolean *lazy = NULL;
  Compiler compiler = { program, values };
  guint n;

  program->mode = mode;
  program->keeps = keeps;
  program->max_batch = max_batch;
  program->max_lane = max_lane;
  program->operations = kairos_fuse (network->operations, mode);
  program->stages = g_array_new (FALSE, TRUE, sizeof (KairosStage));
  g_array_set_clear_func (program->stages, clear_stage);
  program->weight_jobs = g_array_new (FALSE, TRUE, sizeof (KairosWeightJob));
  program->kept = g_array_new (FALSE, TRUE, sizeof (KairosOperand));

  n = program->operations->len;
  program->needs_gradient = g_new0 (gboolean, n + 1);
  compiler.ready = ready = g_new0 (int, n + 1);
  compiler.lazy = lazy = g_new0 (gboolean, n);
  compiler.present = present;
  new_value (&compiler, network->input);
  g_ptr_array_add (gradients, g_array_new (FALSE, FALSE, sizeof (int)));
  for (guint i = 0; i < n; i++) {
    new_value (&compiler, operation (&compiler, (int) i)->out);
    g_ptr_array_add (gradients, g_array_new (FALSE, FALSE, sizeof (int)));
  }
  compiler.gradients = (GArray **) gradients->pdata;
  compile (&compiler);
  kairos_program_place (program, values);
  return program;
}

void
kairos_program_free (KairosProgram *program)
{
  if (!program)
    return;
  g_ptr_array_unref (program->operations);
  g_array_unref (program->stages);
  g_array_unref (program->weight_jobs);
  g_array_unref (program->kept);
  g_free (program->needs_gradient);
  g_free (program);
}
