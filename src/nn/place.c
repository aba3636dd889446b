/* SPDX-License-Identifier: MIT */

/* Places the values of a program: how many samples a tile has, and where each value lies.
 *
 * Two values may share memory when no stage, or inside a stage no instruction, needs both.  Each gets the lowest free
 * place; the large batch values are placed in the order in which they come to life.
 */
#include "program.h"

enum {
  CACHE = 640 << 10, /* bytes that a tile may touch: most of a second-level cache of 1 MB */
  ALIGN = 16,        /* floats */
};

/* A block of memory in use from first to last (stages or instructions). */
typedef struct {
  int first, last;
  gsize offset, size;
} Block;

static gsize
align (gsize n)
{
  return (n + ALIGN - 1) / ALIGN * ALIGN;
}

static gboolean
lifetimes_meet (const Block *a, const Block *b)
{
  return a->first <= b->last && b->first <= a->last;
}

/* The lowest offset at which a block collides with none that lives at the same time. */
static gsize
find_room (const GArray *blocks, const Block *block)
{
  gsize offset = 0;
  gboolean moved = TRUE;

  while (moved) {
    moved = FALSE;
    for (guint i = 0; i < blocks->len; i++) {
      const Block *other = &g_array_index (blocks, Block, i);
      if (lifetimes_meet (block, other) && offset < other->offset + other->size &&
          other->offset < offset + block->size) {
        offset = other->offset + other->size;
        moved = TRUE;
      }
    }
  }
  return offset;
}

/* Adds a block and returns its offset; end: the extent of all. */
static gsize
add_block (GArray *blocks, int first, int last, gsize size, gsize *end)
{
  Block block = { first, last, 0, align (size) };

  block.offset = find_room (blocks, &block);
  *end = MAX (*end, block.offset + block.size);
  g_array_append_val (blocks, block);
  return block.offset;
}

/* ---- the arena of the batch ---- */

static void
place_kept (KairosProgram *program, GArray *values)
{
  g_autoptr (GArray) blocks = g_array_new (FALSE, FALSE, sizeof (Block));

  for (int stage = 0; stage <= (int) program->stages->len; stage++)
    for (guint i = 1; i < values->len; i++) {
      KairosValue *value = &g_array_index (values, KairosValue, i);
      if (value->kept && value->first == stage)
        value->offset =
            add_block (blocks, value->first, value->last, value->size * program->max_batch, &program->batch_size);
    }
}

/* ---- the tiles of a stage ---- */

typedef KairosOperand *Operands[6];

static void
list_operands (KairosInstruction *instruction, Operands operands)
{
  KairosOperand *const all[] = { &instruction->x,  &instruction->extra,  &instruction->y,
                                 &instruction->dy, &instruction->dextra, &instruction->out };

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    operands[i] = all[i];
}

/* Bytes a sample of the largest instruction's operands. */
static gsize
bytes_per_sample (const KairosStage *stage, const GArray *values)
{
  gsize most = 0;

  for (guint i = 0; i < stage->instructions->len; i++) {
    Operands operands;
    gsize sum = 0;
    list_operands (&g_array_index (stage->instructions, KairosInstruction, i), operands);
    for (guint j = 0; j < G_N_ELEMENTS (operands); j++)
      if (operands[j]->value >= 0)
        sum += g_array_index (values, KairosValue, operands[j]->value).size * sizeof (float);
    most = MAX (most, sum);
  }
  return most;
}

/* Bytes of the weights that the stage has gradients of. */
static gsize
bytes_of_gradients (const KairosProgram *program, const KairosStage *stage)
{
  gsize most = 0;

  for (guint i = 0; i < stage->instructions->len; i++) {
    const KairosInstruction *instruction = &g_array_index (stage->instructions, KairosInstruction, i);
    const KairosLayer *layer = program->operations->pdata[instruction->operation];
    if (instruction->pass == KAIROS_PASS_BACKWARD_WEIGHTS)
      most = MAX (most, layer->n_weight * sizeof (float));
  }
  return most;
}

/* As many samples as fit into the cache, a power of two.  More where a tile adds to weight gradients that are larger
 * than the tile itself. */
static int
choose_tile (const KairosProgram *program, const KairosStage *stage, const GArray *values)
{
  gsize bytes = MAX (bytes_per_sample (stage, values), 1), room = MAX (CACHE, 8 * bytes_of_gradients (program, stage));
  int tile = 1;

  while (tile * 2 <= program->max_lane && tile * 2 * bytes <= room)
    tile *= 2;
  return tile;
}

/* First and last instruction of each value that lives in this stage alone. */
static void
find_lifetimes (KairosStage *stage, const GArray *values, int *first, int *last)
{
  for (guint i = 0; i < values->len; i++)
    first[i] = last[i] = -1;
  for (guint i = 0; i < stage->instructions->len; i++) {
    Operands operands;
    list_operands (&g_array_index (stage->instructions, KairosInstruction, i), operands);
    for (guint j = 0; j < G_N_ELEMENTS (operands); j++) {
      int value = operands[j]->value;
      if (value <= 0 || g_array_index (values, KairosValue, value).kept)
        continue;
      if (first[value] < 0)
        first[value] = (int) i;
      last[value] = (int) i;
    }
  }
}

static void
place_operand (KairosOperand *operand, const GArray *values, const gsize *offsets)
{
  const KairosValue *value;

  if (operand->value < 0)
    return;
  value = &g_array_index (values, KairosValue, operand->value);
  operand->size = value->size;
  operand->place = operand->value == 0 ? KAIROS_INPUT : value->kept ? KAIROS_BATCH : KAIROS_TILE;
  operand->offset = operand->place == KAIROS_TILE ? offsets[operand->value] : value->offset;
}

static void
place_stage (KairosProgram *program, KairosStage *stage, GArray *values)
{
  g_autoptr (GArray) blocks = g_array_new (FALSE, FALSE, sizeof (Block));
  g_autofree int *first = g_new (int, values->len), *last = g_new (int, values->len);
  g_autofree gsize *offsets = g_new0 (gsize, values->len);

  stage->tile = choose_tile (program, stage, values);
  program->max_tile = MAX (program->max_tile, stage->tile);
  find_lifetimes (stage, values, first, last);
  for (guint i = 0; i < stage->instructions->len; i++)
    for (guint v = 0; v < values->len; v++)
      if (first[v] == (int) i)
        offsets[v] = add_block (blocks, first[v], last[v], g_array_index (values, KairosValue, v).size * stage->tile,
                                &program->scratch_size);
  for (guint i = 0; i < stage->instructions->len; i++) {
    Operands operands;
    list_operands (&g_array_index (stage->instructions, KairosInstruction, i), operands);
    for (guint j = 0; j < G_N_ELEMENTS (operands); j++)
      place_operand (operands[j], values, offsets);
  }
}

void
kairos_program_place (KairosProgram *program, GArray *values)
{
  place_kept (program, values);
  for (guint i = 0; i < program->stages->len; i++)
    place_stage (program, &g_array_index (program->stages, KairosStage, i), values);
  for (guint i = 0; i < program->weight_jobs->len; i++) {
    KairosWeightJob *job = &g_array_index (program->weight_jobs, KairosWeightJob, i);
    place_operand (&job->x, values, NULL);
    place_operand (&job->dy, values, NULL);
  }
  for (guint i = 0; i < program->kept->len; i++)
    place_operand (&g_array_index (program->kept, KairosOperand, i), values, NULL);
}
