/* SPDX-License-Identifier: MIT */

/* The search language: a text becomes a tree, the tree is asked about every sample.
 *
 *   query       = conjunction { "|" conjunction }
 *   conjunction = word { word }
 *   word        = [ "-" ] ( "(" query ")" | set ":" name { "," name } | number-name comparison number | flag | text )
 *
 * Names of flags, sets and numbers are table rows; to add one, write its function and add a line.
 */
#include "kairos/query.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 64 };

/* What a word is asked about. */
typedef struct {
  KairosDataset *dataset;
  KairosSplits *splits;
  const KairosFact *facts;
  float hard[KAIROS_SPLIT_UNUSED + 1]; /* the loss from which on a sample of a split is hard */
} Context;

typedef enum { ALL_OF, ANY_OF, NOT, FLAG, SET, NUMBER, TEXT } NodeKind;
typedef enum { LESS, LESS_EQUAL, GREATER, GREATER_EQUAL, EQUAL } Comparison;

typedef struct _Node Node;
struct _Node {
  NodeKind kind;
  GPtrArray *children; /* ALL_OF, ANY_OF, NOT */
  guint row;           /* FLAG, SET, NUMBER: of its table */
  GArray *members;     /* SET: gint32 */
  Comparison comparison;
  double number;
  char *text;      /* TEXT: in lower case */
  guint8 *classes; /* TEXT: whether the class with that index matches */
};

struct _KairosQuery {
  Node *root;
  gboolean live, needs_hard;
};

static void
node_free (gpointer data)
{
  Node *node = data;

  g_clear_pointer (&node->children, g_ptr_array_unref);
  g_clear_pointer (&node->members, g_array_unref);
  g_free (node->text);
  g_free (node->classes);
  g_free (node);
}

static Node *
node_new (NodeKind kind)
{
  Node *node = g_new0 (Node, 1);

  node->kind = kind;
  if (kind == ALL_OF || kind == ANY_OF || kind == NOT)
    node->children = g_ptr_array_new_with_free_func (node_free);
  return node;
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Node, node_free)

/* ---- The words ---- */

static gboolean
is_wrong (const Context *context, guint32 id)
{
  gint32 prediction = context->facts[id].prediction;

  return prediction >= 0 && prediction != kairos_dataset_get_labels (context->dataset)[id];
}

static gboolean
is_correct (const Context *context, guint32 id)
{
  return context->facts[id].prediction == kairos_dataset_get_labels (context->dataset)[id];
}

static gboolean
is_seen (const Context *context, guint32 id)
{
  return context->facts[id].seen > 0;
}

static gboolean
is_unseen (const Context *context, guint32 id)
{
  return context->facts[id].seen == 0;
}

static gboolean
is_forgotten (const Context *context, guint32 id)
{
  return context->facts[id].forgotten > 0;
}

static gboolean
is_hard (const Context *context, guint32 id)
{
  return context->facts[id].loss >= context->hard[kairos_splits_get (context->splits, id)];
}

static const struct {
  KairosQueryWord word;
  gboolean (*holds) (const Context *context, guint32 id);
} FLAGS[] = {
  { { "wrong", "the network's answer differs from the label" }, is_wrong },
  { { "correct", "the network's answer is the label" }, is_correct },
  { { "seen", "trained on at least once" }, is_seen },
  { { "unseen", "not yet trained on" }, is_unseen },
  { { "forgotten", "was answered correctly and then wrongly again" }, is_forgotten },
  { { "hard", "among the tenth of its split with the highest loss" }, is_hard },
};

static gint32
label_of (const Context *context, guint32 id)
{
  return kairos_dataset_get_labels (context->dataset)[id];
}

static gint32
prediction_of (const Context *context, guint32 id)
{
  return context->facts[id].prediction;
}

static gint32
split_of (const Context *context, guint32 id)
{
  return kairos_splits_get (context->splits, id);
}

static int
find_split (KairosDataset *dataset, const char *name)
{
  for (int split = KAIROS_SPLIT_TRAIN; split <= KAIROS_SPLIT_UNUSED; split++)
    if (g_ascii_strcasecmp (kairos_split_name (split), name) == 0)
      return split;
  return -1;
}

static const struct {
  KairosQueryWord word;
  gint32 (*member) (const Context *context, guint32 id);
  int (*find) (KairosDataset *dataset, const char *name);
  gboolean live;
} SETS[] = {
  { { "class:", "labelled as one of these classes: class:4,9" }, label_of, kairos_dataset_find_class, FALSE },
  { { "predicted:", "the network's answer is one of these classes: predicted:7" },
    prediction_of,
    kairos_dataset_find_class,
    TRUE },
  { { "split:", "in this split: train, validation, test or unused" }, split_of, find_split, FALSE },
};

static double
loss_of (const Context *context, guint32 id)
{
  return context->facts[id].loss;
}

static double
confidence_of (const Context *context, guint32 id)
{
  return context->facts[id].confidence;
}

static double
truth_of (const Context *context, guint32 id)
{
  return context->facts[id].truth;
}

static double
el2n_of (const Context *context, guint32 id)
{
  return context->facts[id].el2n;
}

static double
margin_of (const Context *context, guint32 id)
{
  return context->facts[id].margin;
}

static double
aum_of (const Context *context, guint32 id)
{
  return context->facts[id].aum;
}

static double
difficulty_of (const Context *context, guint32 id)
{
  const float *difficulty = kairos_dataset_get_difficulty (context->dataset);

  return difficulty ? difficulty[id] : NAN;
}

static double
forgotten_of (const Context *context, guint32 id)
{
  return context->facts[id].forgotten;
}

static double
seen_of (const Context *context, guint32 id)
{
  return context->facts[id].seen;
}

static double
id_of (const Context *context, guint32 id)
{
  return id;
}

static const struct {
  KairosQueryWord word;
  double (*value) (const Context *context, guint32 id); /* NaN, not known, fails every comparison */
  gboolean live;
} NUMBERS[] = {
  { { "loss", "the loss: loss>2" }, loss_of, TRUE },
  { { "confidence", "probability of the network's answer, 0 to 1: confidence<0.6" }, confidence_of, TRUE },
  { { "truth", "probability the network gives to the label, 0 to 1" }, truth_of, TRUE },
  { { "el2n", "length of the error vector, 0 to 1.41" }, el2n_of, TRUE },
  { { "margin", "how far the label's logit is above the next: margin<0" }, margin_of, TRUE },
  { { "aum", "the margin averaged over training" }, aum_of, TRUE },
  { { "difficulty", "true difficulty of built-in data, 0 to 1" }, difficulty_of, FALSE },
  { { "forgotten", "how often it was forgotten: forgotten>=2" }, forgotten_of, TRUE },
  { { "seen", "how often it was trained on: seen<3" }, seen_of, TRUE },
  { { "id", "number of the sample: id<100" }, id_of, FALSE },
};

static KairosQueryWord all_words[G_N_ELEMENTS (FLAGS) + G_N_ELEMENTS (SETS) + G_N_ELEMENTS (NUMBERS)];

static void
collect_words (void)
{
  guint at = 0;

  for (guint i = 0; i < G_N_ELEMENTS (SETS); i++)
    all_words[at++] = SETS[i].word;
  for (guint i = 0; i < G_N_ELEMENTS (FLAGS); i++)
    all_words[at++] = FLAGS[i].word;
  for (guint i = 0; i < G_N_ELEMENTS (NUMBERS); i++)
    all_words[at++] = NUMBERS[i].word;
}

const KairosQueryWord *
kairos_query_words (guint *n)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;

  pthread_once (&once, collect_words);
  *n = G_N_ELEMENTS (all_words);
  return all_words;
}

/* ---- Parsing ---- */

typedef struct {
  const char *at;
  KairosDataset *dataset;
  KairosQuery *query;
  int depth;
} Parser;

static void
skip_space (Parser *parser)
{
  while (g_ascii_isspace (*parser->at))
    parser->at++;
}

/* Up to white space or one of the stop characters; quotes keep both, and are dropped.  Sets *quoted when there were
 * any. */
static char *
take_name (Parser *parser, const char *stops, gboolean *quoted)
{
  GString *name = g_string_new (NULL);
  char quote = '\0';

  *quoted = FALSE;
  for (; *parser->at != '\0'; parser->at++) {
    char c = *parser->at;

    if (quote == '\0' && (g_ascii_isspace (c) || strchr (stops, c)))
      break;
    if (c == '"' || (quote != '\0' && c == quote)) {
      quote = quote == '\0' ? c : '\0';
      *quoted = TRUE;
    } else
      g_string_append_c (name, c);
  }
  return g_string_free (name, FALSE);
}

/* "0, 1, 2, ... (10 in all)" */
static char *
list_classes (KairosDataset *dataset)
{
  enum { MOST = 12 };
  guint n = kairos_dataset_get_n_classes (dataset);
  GString *list = g_string_new (NULL);

  for (guint i = 0; i < MIN (n, MOST); i++)
    g_string_append_printf (list, "%s%s", i > 0 ? ", " : "", kairos_dataset_get_class_name (dataset, i));
  if (n > MOST)
    g_string_append_printf (list, ", … (%u classes)", n);
  return g_string_free (list, FALSE);
}

static void
unknown_member (Parser *parser, guint row, const char *name, GError **error)
{
  g_autofree char *classes = list_classes (parser->dataset);

  if (*name == '\0')
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT, "After %s a name is missing; choose from: %s.",
                 SETS[row].word.word, SETS[row].find == find_split ? "train, validation, test, unused" : classes);
  else if (SETS[row].find == find_split)
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING,
                 "There is no split \"%s\"; choose from: train, validation, test, unused.", name);
  else
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING, "There is no class \"%s\"; choose from: %s.", name,
                 classes);
}

static Node *
parse_set (Parser *parser, guint row, GError **error)
{
  g_autoptr (Node) node = node_new (SET);

  node->row = row;
  node->members = g_array_new (FALSE, FALSE, sizeof (gint32));
  do {
    gboolean quoted;
    g_autofree char *name = NULL;
    gint32 member;

    parser->at++; /* the colon or comma */
    name = take_name (parser, ",|)", &quoted);
    member = SETS[row].find (parser->dataset, name);
    if (member < 0) {
      unknown_member (parser, row, name, error);
      return NULL;
    }
    g_array_append_val (node->members, member);
  } while (*parser->at == ',');
  parser->query->live |= SETS[row].live;
  return g_steal_pointer (&node);
}

static Comparison
take_comparison (Parser *parser)
{
  char c = *parser->at++;
  gboolean equal = c != '=' && *parser->at == '=';

  parser->at += equal;
  if (c == '<')
    return equal ? LESS_EQUAL : LESS;
  if (c == '>')
    return equal ? GREATER_EQUAL : GREATER;
  return EQUAL;
}

static Node *
parse_number (Parser *parser, guint row, GError **error)
{
  g_autoptr (Node) node = node_new (NUMBER);
  g_autofree char *text = NULL;
  gboolean quoted;
  char *end;

  node->row = row;
  node->comparison = take_comparison (parser);
  text = take_name (parser, "|)", &quoted);
  node->number = g_ascii_strtod (text, &end);
  if (*text == '\0' || *end != '\0' || isnan (node->number)) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
                 "\"%s\" is not a number; after %s and a comparison a number is expected, as in %s>0.5.", text,
                 NUMBERS[row].word.word, NUMBERS[row].word.word);
    return NULL;
  }
  /* Facts are float32: 0.2 is to equal the 0.2 that they hold. */
  if (node->number != floor (node->number))
    node->number = (float) node->number;
  parser->query->live |= NUMBERS[row].live;
  return g_steal_pointer (&node);
}

static Node *
flag_node (Parser *parser, guint row)
{
  Node *node = node_new (FLAG);

  node->row = row;
  parser->query->live = TRUE;
  parser->query->needs_hard |= FLAGS[row].holds == is_hard;
  return node;
}

static char *
lower_case (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  return g_utf8_strdown (valid, -1);
}

static Node *
text_node (Parser *parser, const char *text)
{
  guint n = kairos_dataset_get_n_classes (parser->dataset);
  Node *node = node_new (TEXT);

  node->text = lower_case (text);
  node->classes = g_new0 (guint8, n);
  for (guint i = 0; i < n; i++) {
    g_autofree char *name = lower_case (kairos_dataset_get_class_name (parser->dataset, i));

    node->classes[i] = strstr (name, node->text) != NULL;
  }
  return node;
}

static void
unknown_word (const char *name, char after, GError **error)
{
  if (after == ':')
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING,
                 "\"%s:\" is not understood; before a colon stands class, predicted or split.", name);
  else
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING,
                 "\"%s\" cannot be compared; before %c stands loss, confidence, truth, el2n, margin, aum, difficulty, "
                 "forgotten, seen or id.",
                 name, after);
}

static Node *parse_any_of (Parser *parser, GError **error);

static Node *
parse_group (Parser *parser, GError **error)
{
  g_autoptr (Node) node = NULL;

  parser->at++;
  node = parse_any_of (parser, error);
  if (!node)
    return NULL;
  if (*parser->at != ')') {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT, "A bracket is opened but not closed; add \")\".");
    return NULL;
  }
  parser->at++;
  return g_steal_pointer (&node);
}

/* A name and what follows it. */
static Node *
parse_term (Parser *parser, GError **error)
{
  gboolean quoted;
  g_autofree char *name = take_name (parser, ":<>=|)", &quoted);
  char after = *parser->at;

  if (after == ':')
    for (guint i = 0; i < G_N_ELEMENTS (SETS); i++)
      if (strncmp (SETS[i].word.word, name, strlen (name)) == 0 && SETS[i].word.word[strlen (name)] == ':')
        return parse_set (parser, i, error);
  if (after != '\0' && strchr ("<>=", after))
    for (guint i = 0; i < G_N_ELEMENTS (NUMBERS); i++)
      if (strcmp (NUMBERS[i].word.word, name) == 0)
        return parse_number (parser, i, error);
  if (after != '\0' && strchr (":<>=", after)) {
    unknown_word (name, after, error);
    return NULL;
  }
  for (guint i = 0; i < G_N_ELEMENTS (FLAGS) && !quoted; i++)
    if (strcmp (FLAGS[i].word.word, name) == 0)
      return flag_node (parser, i);
  return text_node (parser, name);
}

static Node *
parse_word (Parser *parser, GError **error)
{
  g_autoptr (Node) node = NULL;
  gboolean negated = *parser->at == '-';
  Node *inner;

  parser->at += negated;
  inner = *parser->at == '(' ? parse_group (parser, error) : parse_term (parser, error);
  /* A dash that nothing follows yet excludes nothing: the search runs while the person types. */
  if (!negated || !inner || (inner->kind == TEXT && *inner->text == '\0'))
    return inner;
  node = node_new (NOT);
  g_ptr_array_add (node->children, inner);
  return g_steal_pointer (&node);
}

static Node *
parse_all_of (Parser *parser, GError **error)
{
  g_autoptr (Node) node = node_new (ALL_OF);

  for (skip_space (parser); *parser->at != '\0' && *parser->at != '|' && *parser->at != ')'; skip_space (parser)) {
    Node *child = parse_word (parser, error);

    if (!child)
      return NULL;
    g_ptr_array_add (node->children, child);
  }
  return g_steal_pointer (&node);
}

static Node *
parse_any_of (Parser *parser, GError **error)
{
  g_autoptr (Node) node = node_new (ANY_OF);
  Node *child;
  gboolean more;

  if (++parser->depth > MAX_DEPTH) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_RANGE,
                 "The search has brackets within brackets beyond %d levels; make it simpler.", MAX_DEPTH);
    return NULL;
  }
  do {
    child = parse_all_of (parser, error);
    if (!child)
      return NULL;
    more = *parser->at == '|';
    /* Nothing after a bar adds nothing; nothing at all matches everything. */
    if (child->children->len > 0 || (!more && node->children->len == 0))
      g_ptr_array_add (node->children, child);
    else
      node_free (child);
    parser->at += more;
  } while (more);
  parser->depth--;
  return g_steal_pointer (&node);
}

KairosQuery *
kairos_query_new (const char *text, KairosDataset *dataset, GError **error)
{
  g_autoptr (KairosQuery) query = g_new0 (KairosQuery, 1);
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  Parser parser = { .at = valid, .dataset = dataset, .query = query };

  query->root = parse_any_of (&parser, error);
  if (!query->root)
    return NULL;
  if (*parser.at == ')') {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
                 "A bracket is closed but was not opened; remove \")\" or put the word in quotes.");
    return NULL;
  }
  return g_steal_pointer (&query);
}

void
kairos_query_free (KairosQuery *query)
{
  if (!query)
    return;
  g_clear_pointer (&query->root, node_free);
  g_free (query);
}

gboolean
kairos_query_is_live (KairosQuery *query)
{
  return query->live;
}

/* ---- Asking ---- */

static gboolean
matches_text (const Node *node, const Context *context, guint32 id)
{
  g_autofree char *name = NULL, *lower = NULL;

  if (node->classes[kairos_dataset_get_labels (context->dataset)[id]])
    return TRUE;
  name = kairos_dataset_describe_sample (context->dataset, id);
  lower = lower_case (name);
  return strstr (lower, node->text) != NULL;
}

static gboolean
is_member (const Node *node, const Context *context, guint32 id)
{
  gint32 member = SETS[node->row].member (context, id);

  for (guint i = 0; i < node->members->len; i++)
    if (g_array_index (node->members, gint32, i) == member)
      return TRUE;
  return FALSE;
}

static gboolean
compares (const Node *node, const Context *context, guint32 id)
{
  double value = NUMBERS[node->row].value (context, id);

  switch (node->comparison) {
  case LESS: return value < node->number;
  case LESS_EQUAL: return value <= node->number;
  case GREATER: return value > node->number;
  case GREATER_EQUAL: return value >= node->number;
  case EQUAL: return value == node->number;
  }
  return FALSE;
}

static gboolean
holds (const Node *node, const Context *context, guint32 id)
{
  switch (node->kind) {
  case ALL_OF:
    for (guint i = 0; i < node->children->len; i++)
      if (!holds (node->children->pdata[i], context, id))
        return FALSE;
    return TRUE;
  case ANY_OF:
    for (guint i = 0; i < node->children->len; i++)
      if (holds (node->children->pdata[i], context, id))
        return TRUE;
    return FALSE;
  case NOT: return !holds (node->children->pdata[0], context, id);
  case FLAG: return FLAGS[node->row].holds (context, id);
  case SET: return is_member (node, context, id);
  case NUMBER: return compares (node, context, id);
  case TEXT: return matches_text (node, context, id);
  }
  return FALSE;
}

static int
descending (gconstpointer a, gconstpointer b)
{
  float x = *(const float *) a, y = *(const float *) b;

  return x > y ? -1 : x < y;
}

/* The loss that a tenth of the split, at least one sample, reaches; samples not looked at yet do not count. */
static float
hard_from (const Context *context, KairosSplit split)
{
  guint n_ids, n = 0;
  const guint32 *ids = kairos_splits_ids (context->splits, split, &n_ids);
  g_autofree float *losses = g_new (float, MAX (n_ids, 1));

  for (guint i = 0; i < n_ids; i++)
    if (!isnan (context->facts[ids[i]].loss))
      losses[n++] = context->facts[ids[i]].loss;
  if (n == 0)
    return INFINITY;
  qsort (losses, n, sizeof *losses, descending);
  return losses[MAX (n / 10, 1) - 1];
}

guint
kairos_query_run (KairosQuery *query, KairosDataset *dataset, KairosSplits *splits, const KairosFact *facts,
                  guint32 *out)
{
  Context context = { .dataset = dataset, .splits = splits, .facts = facts };
  guint n = 0;

  for (int split = 0; query->needs_hard && split <= KAIROS_SPLIT_UNUSED; split++)
    context.hard[split] = hard_from (&context, split);
  for (guint id = 0; id < kairos_dataset_get_n_samples (dataset); id++)
    if (holds (query->root, &context, id))
      out[n++] = id;
  return n;
}
