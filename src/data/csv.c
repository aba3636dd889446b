/* SPDX-License-Identifier: MIT */

/* CSV: a label column and numeric features.
 *
 * Cells are separated by tabs where the first row has one, else by semicolons, else by commas; quotes as in RFC 4180;
 * with semicolons a decimal comma is understood.  The first row is a header when it names the label column or holds no
 * number.  The label column is the one asked for, else one called label, class, target or y, else the last.  Labels may
 * be numbers or text; they are sorted and numbered. Where the other columns are called pixel0, pixel1, ... or 1x1, 1x2,
 * ..., make a square and hold 0 to 255, the rows are pictures.
 */
#include "csv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
  BUFFER = 1 << 16,
  MAX_ROW = 64 << 20,
  MAX_CLASSES = 1000,
  LOOK = 1000 /* rows between two looks at the cancel button */
};

/* ---- Rows of cells ---- */

typedef struct {
  KairosSource *source;
  char buffer[BUFFER];
  gsize at, end;
  char delimiter;
  guint32 row;     /* number of the present row, from 1 */
  GString *text;   /* its cells, each ended by a zero */
  GArray *offsets; /* guint32, of each cell in text */
  GError *error;   /* the first one; nothing more is read after it */
} Rows;

static void
rows_clear (Rows *rows)
{
  g_string_free (rows->text, TRUE);
  g_array_unref (rows->offsets);
  g_clear_error (&rows->error);
}

static void
refill (Rows *rows)
{
  gssize got = kairos_source_read (rows->source, rows->buffer, BUFFER, &rows->error);

  rows->at = 0;
  rows->end = MAX (got, 0);
}

/* The next character, not taken yet; -1 at the end and after an error. */
static inline int
peek (Rows *rows)
{
  if (rows->at == rows->end && !rows->error)
    refill (rows);
  return rows->at < rows->end && !rows->error ? (guchar) rows->buffer[rows->at] : -1;
}

static char
find_delimiter (const char *text, gsize n)
{
  gboolean semicolon = FALSE, quoted = FALSE;

  for (gsize i = 0; i < n && text[i] != '\n'; i++) {
    quoted ^= text[i] == '"';
    if (!quoted && text[i] == '\t')
      return '\t';
    semicolon |= !quoted && text[i] == ';';
  }
  return semicolon ? ';' : ',';
}

static void
rows_init (Rows *rows, KairosSource *source)
{
  rows->source = source;
  rows->text = g_string_new (NULL);
  rows->offsets = g_array_new (FALSE, FALSE, sizeof (guint32));
  refill (rows);
  if (rows->end >= 3 && memcmp (rows->buffer, "\xef\xbb\xbf", 3) == 0) /* byte order mark */
    rows->at = 3;
  rows->delimiter = find_delimiter (rows->buffer + rows->at, rows->end - rows->at);
}

static void
row_error (Rows *rows, const char *what)
{
  if (!rows->error)
    g_set_error (&rows->error, KAIROS_ERROR, KAIROS_ERROR_FORMAT, "%s, row %u: %s.", kairos_source_name (rows->source),
                 rows->row, what);
}

/* What stands between quotes, the opening one taken. */
static void
take_quoted (Rows *rows)
{
  int c;

  while ((c = peek (rows)) >= 0 && rows->text->len < MAX_ROW) {
    rows->at++;
    if (c == '"' && peek (rows) != '"')
      return;
    rows->at += c == '"';
    g_string_append_c (rows->text, c);
  }
  row_error (rows, "a quote is opened but not closed");
}

/* One cell, without the delimiter or line end after it. */
static void
take_cell (Rows *rows)
{
  guint32 offset = rows->text->len;
  int c;

  g_array_append_val (rows->offsets, offset);
  while ((c = peek (rows)) >= 0 && c != rows->delimiter && c != '\n' && c != '\r') {
    rows->at++;
    if (c == '"' && rows->text->len == offset)
      take_quoted (rows);
    else if (c == '\0')
      row_error (rows, "it holds a zero byte, so this is no text file");
    else if (c != ' ' || rows->text->len > offset)
      g_string_append_c (rows->text, c);
    if (rows->text->len > MAX_ROW)
      row_error (rows, "it is longer than 64 MiB");
  }
  g_string_append_c (rows->text, '\0');
}

/* The next row that is not blank.  FALSE at the end and after an error. */
static gboolean
next_row (Rows *rows)
{
  while (peek (rows) >= 0) {
    rows->row++;
    g_string_truncate (rows->text, 0);
    g_array_set_size (rows->offsets, 0);
    take_cell (rows);
    while (peek (rows) == rows->delimiter) {
      rows->at++;
      take_cell (rows);
    }
    rows->at += peek (rows) == '\r';
    rows->at += peek (rows) == '\n';
    if (rows->offsets->len > 1 || rows->text->str[0] != '\0')
      return !rows->error;
  }
  return FALSE;
}

static const char *
cell (Rows *rows, guint column)
{
  return rows->text->str + g_array_index (rows->offsets, guint32, column);
}

/* ---- Numbers ---- */

/* Digits, and digits after a point: by far the most there is, without the cost of a general conversion.  Up to 15
 * digits the result is exact. */
static gboolean
simple_number (const char *text, double *value)
{
  static const double powers[] = { 1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15 };
  gboolean negative = *text == '-';
  const char *at = text + negative, *point = NULL;
  guint64 digits = 0;
  guint n = 0;

  for (; *at != '\0'; at++)
    if (g_ascii_isdigit (*at) && n < 15) {
      digits = digits * 10 + (*at - '0');
      n++;
    } else if (*at == '.' && !point)
      point = at;
    else
      return FALSE;
  if (n == 0)
    return FALSE;
  *value = digits / powers[point ? at - point - 1 : 0];
  *value = negative ? -*value : *value;
  return TRUE;
}

static gboolean
to_number (const char *text, char delimiter, double *value)
{
  g_autofree char *copy = NULL;
  char *end;

  if (simple_number (text, value))
    return TRUE;
  copy = g_strchomp (g_strdup (text));
  if (delimiter == ';')
    g_strdelimit (copy, ",", '.');
  *value = g_ascii_strtod (copy, &end);
  return *copy != '\0' && *end == '\0';
}

/* ---- The table ---- */

typedef struct {
  KairosReadContext *context;
  Rows *rows;
  GStrv names; /* of the columns; NULL without a header */
  guint n_columns, label_column;
  float *features;
  gsize n_values, room;
  GArray *labels;         /* gint32, classes numbered as they come */
  GArray *row_numbers;    /* guint32 */
  GHashTable *classes;    /* name -> number */
  GPtrArray *class_names; /* by number; owned by classes */
} Table;

static void
table_clear (Table *table)
{
  g_strfreev (table->names);
  g_free (table->features);
  g_array_unref (table->labels);
  g_array_unref (table->row_numbers);
  g_hash_table_unref (table->classes);
  g_ptr_array_unref (table->class_names);
}

static int
find_column (Table *table, GStrv names, const char *name)
{
  for (guint i = 0; i < table->n_columns; i++)
    if (g_ascii_strcasecmp (names[i], name) == 0)
      return i;
  return -1;
}

/* The label column, where the cells of the first row name it; else -1. */
static int
find_named_label (Table *table, GStrv names)
{
  static const char *const usual[] = { "label", "class", "target", "y" };
  const char *wanted = table->context->options->label_column;
  int column = wanted ? find_column (table, names, wanted) : -1;

  for (guint i = 0; i < G_N_ELEMENTS (usual) && !wanted && column < 0; i++)
    column = find_column (table, names, usual[i]);
  return column;
}

static gboolean
has_number (Table *table, GStrv cells)
{
  double value;

  for (guint i = 0; i < table->n_columns; i++)
    if (to_number (cells[i], table->rows->delimiter, &value))
      return TRUE;
  return FALSE;
}

/* A label column given by its number, or the last one where none was asked for. */
static gboolean
number_label_column (Table *table, GError **error)
{
  const char *wanted = table->context->options->label_column;
  g_autofree char *columns = NULL;
  guint64 number;

  table->label_column = table->n_columns - 1;
  if (!wanted)
    return TRUE;
  if (g_ascii_string_to_unsigned (wanted, 10, 1, table->n_columns, &number, NULL)) {
    table->label_column = number - 1;
    return TRUE;
  }
  columns = table->names ? g_strjoinv (", ", table->names) : g_strdup ("it has no header");
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_MISSING,
               "%s has no column \"%s\" for the labels; choose a number from 1 to %u or a name (%.300s%s).",
               kairos_source_name (table->rows->source), wanted, table->n_columns, columns,
               strlen (columns) > 300 ? " …" : "");
  return FALSE;
}

/* Looks at the first row; *is_header whether it holds names. */
static gboolean
read_first_row (Table *table, gboolean *is_header, GError **error)
{
  Rows *rows = table->rows;
  g_auto (GStrv) cells = NULL;
  int named;

  table->n_columns = rows->offsets->len;
  if (table->n_columns < 2 || table->n_columns > KAIROS_MAX_FEATURES) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
                 "%s has %u columns; expected 2 to %d, separated by commas, semicolons or tabs.",
                 kairos_source_name (rows->source), table->n_columns, KAIROS_MAX_FEATURES);
    return FALSE;
  }
  cells = g_new0 (char *, table->n_columns + 1);
  for (guint i = 0; i < table->n_columns; i++)
    cells[i] = g_strchomp (g_utf8_make_valid (cell (rows, i), -1));
  named = find_named_label (table, cells);
  *is_header = !has_number (table, cells) || (named >= 0 && !g_ascii_isdigit (cells[named][0]));
  if (*is_header)
    table->names = g_steal_pointer (&cells);
  if (!*is_header || named < 0)
    return number_label_column (table, error);
  table->label_column = named;
  return TRUE;
}

static char *
column_title (Table *table, guint column)
{
  return table->names ? g_strdup_printf ("%u (%s)", column + 1, table->names[column])
                      : g_strdup_printf ("%u", column + 1);
}

static gboolean
add_feature (Table *table, guint column, GError **error)
{
  const char *text = cell (table->rows, column);
  g_autofree char *title = NULL, *shown = NULL;
  double value;

  if (to_number (text, table->rows->delimiter, &value) && fabs (value) <= G_MAXFLOAT) {
    if (table->n_values == table->room) {
      table->room = MAX (2 * table->room, 1024);
      table->features = g_renew (float, table->features, table->room);
    }
    table->features[table->n_values++] = value;
    return TRUE;
  }
  title = column_title (table, column);
  shown = g_utf8_make_valid (text, MIN (strlen (text), 60));
  if (*text == '\0')
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT, "%s, row %u, column %s is empty; a number was expected.",
                 kairos_source_name (table->rows->source), table->rows->row, title);
  else
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
                 "%s, row %u, column %s: \"%s\" is not a finite number; every column but the label must hold numbers "
                 "(labels are read from column %u).",
                 kairos_source_name (table->rows->source), table->rows->row, title, shown, table->label_column + 1);
  return FALSE;
}

static gboolean
add_label (Table *table, GError **error)
{
  g_autofree char *name = g_strchomp (g_utf8_make_valid (cell (table->rows, table->label_column), -1));
  gpointer known;
  gint32 number;

  if (*name == '\0') {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT, "%s, row %u: the label in column %u is empty.",
                 kairos_source_name (table->rows->source), table->rows->row, table->label_column + 1);
    return FALSE;
  }
  if (!g_hash_table_lookup_extended (table->classes, name, NULL, &known)) {
    known = GUINT_TO_POINTER (table->class_names->len);
    g_ptr_array_add (table->class_names, name);
    g_hash_table_insert (table->classes, g_steal_pointer (&name), known);
  }
  number = GPOINTER_TO_INT (known);
  g_array_append_val (table->labels, number);
  if (table->class_names->len <= MAX_CLASSES)
    return TRUE;
  g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT,
               "%s: column %u has more than %d different values, so it is no class; name the label column.",
               kairos_source_name (table->rows->source), table->label_column + 1, MAX_CLASSES);
  return FALSE;
}

static gboolean
add_row (Table *table, GError **error)
{
  Rows *rows = table->rows;

  if (rows->offsets->len != table->n_columns) {
    g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT, "%s, row %u has %u columns; the first row has %u.",
                 kairos_source_name (rows->source), rows->row, rows->offsets->len, table->n_columns);
    return FALSE;
  }
  for (guint i = 0; i < table->n_columns; i++)
    if (i != table->label_column && !add_feature (table, i, error))
      return FALSE;
  g_array_append_val (table->row_numbers, rows->row);
  return add_label (table, error);
}

static gboolean
read_rows (Table *table, GError **error)
{
  Rows *rows = table->rows;
  gboolean is_header = FALSE, first = TRUE;

  for (; next_row (rows); first = FALSE) {
    if (first && !read_first_row (table, &is_header, error))
      return FALSE;
    if (!(first && is_header) && !add_row (table, error))
      return FALSE;
    if (rows->row % LOOK == 0 && !kairos_read_progress (table->context, kairos_source_fraction (rows->source), error,
                                                        "reading row %u", rows->row))
      return FALSE;
  }
  if (!rows->error)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&rows->error));
  return FALSE;
}

/* ---- From the table to a data set ---- */

static int
compare_text (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static int
compare_numbers (gconstpointer a, gconstpointer b)
{
  double x = g_ascii_strtod (*(char *const *) a, NULL), y = g_ascii_strtod (*(char *const *) b, NULL);

  return x < y ? -1 : x > y ? 1 : compare_text (a, b);
}

static gboolean
all_numbers (GPtrArray *names)
{
  double value;

  for (guint i = 0; i < names->len; i++)
    if (!to_number (names->pdata[i], ',', &value))
      return FALSE;
  return TRUE;
}

/* Numbers the classes in the order of their names and rewrites the labels. */
static void
sort_classes (Table *table, KairosDataset *dataset)
{
  guint n = table->class_names->len;
  g_autofree char **sorted = g_memdup2 (table->class_names->pdata, n * sizeof (char *));
  g_autofree gint32 *renumbered = g_new (gint32, n);

  qsort (sorted, n, sizeof *sorted, all_numbers (table->class_names) ? compare_numbers : compare_text);
  dataset->class_names = g_new0 (char *, n + 1);
  for (guint i = 0; i < n; i++) {
    renumbered[GPOINTER_TO_INT (g_hash_table_lookup (table->classes, sorted[i]))] = i;
    dataset->class_names[i] = g_strdup (sorted[i]);
  }
  for (guint i = 0; i < dataset->n; i++)
    dataset->labels[i] = renumbered[dataset->labels[i]];
  dataset->n_classes = n;
}

static gboolean
names_a_pixel (const char *name)
{
  gsize rows = strspn (name, "0123456789");

  if (g_ascii_strncasecmp (name, "pixel", 5) == 0)
    return TRUE;
  return rows > 0 && name[rows] == 'x' && name[rows + 1] != '\0' &&
         name[rows + 1 + strspn (name + rows + 1, "0123456789")] == '\0';
}

/* The side of the pictures that the rows are; 0 when they are none. */
static int
picture_side (Table *table)
{
  guint n = table->n_columns - 1;
  int side = (int) (sqrt (n) + 0.5);

  if (!table->names || (guint) (side * side) != n || side < 4)
    return 0;
  for (guint i = 0; i < table->n_columns; i++)
    if (i != table->label_column && !names_a_pixel (table->names[i]))
      return 0;
  for (gsize i = 0; i < table->n_values; i++)
    if (table->features[i] < 0 || table->features[i] > 255 || table->features[i] != floorf (table->features[i]))
      return 0;
  return side;
}

static void
take_features (Table *table, KairosDataset *dataset)
{
  int side = picture_side (table);

  dataset->is_image = side > 0;
  dataset->shape = side > 0 ? (KairosShape){ side, side, 1 } : (KairosShape){ 1, 1, table->n_columns - 1 };
  if (!dataset->is_image) {
    dataset->floats = g_renew (float, g_steal_pointer (&table->features), table->n_values);
    return;
  }
  dataset->bytes = g_malloc (table->n_values);
  for (gsize i = 0; i < table->n_values; i++)
    dataset->bytes[i] = table->features[i];
}

static KairosDataset *
table_to_dataset (Table *table)
{
  KairosDataset *dataset = kairos_dataset_new ();

  dataset->n = table->labels->len;
  dataset->labels = (gint32 *) g_array_steal (table->labels, NULL);
  dataset->rows = (guint32 *) g_array_steal (table->row_numbers, NULL);
  take_features (table, dataset);
  sort_classes (table, dataset);
  return dataset;
}

KairosDataset *
kairos_csv_parse (KairosReadContext *context, KairosSource *source, GError **error)
{
  g_autofree Rows *rows = g_new0 (Rows, 1);
  Table table = { .context = context, .rows = rows };
  KairosDataset *dataset = NULL;

  rows_init (rows, source);
  table.labels = g_array_new (FALSE, FALSE, sizeof (gint32));
  table.row_numbers = g_array_new (FALSE, FALSE, sizeof (guint32));
  table.classes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  table.class_names = g_ptr_array_new ();
  if (read_rows (&table, error)) {
    if (table.labels->len > 0)
      dataset = table_to_dataset (&table);
    else
      g_set_error (error, KAIROS_ERROR, KAIROS_ERROR_FORMAT, "%s holds no samples.", kairos_source_name (source));
  }
  table_clear (&table);
  rows_clear (rows);
  return dataset;
}

/* ---- The reader ---- */

static int
csv_probe (const char *path)
{
  static const struct {
    const char *suffix;
    int sure;
  } suffixes[] = {
    { ".csv", 80 }, { ".tsv", 80 }, { ".csv.gz", 80 }, { ".tsv.gz", 80 }, { ".data", 30 }, { ".txt", 30 }
  };
  g_autofree char *lower = g_ascii_strdown (path, -1);

  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    if (g_str_has_suffix (lower, suffixes[i].suffix) && g_file_test (path, G_FILE_TEST_IS_REGULAR))
      return suffixes[i].sure;
  return 0;
}

static KairosDataset *
csv_read (KairosReadContext *context, const char *path, GError **error)
{
  g_autoptr (KairosSource) source = kairos_source_open (path, error);

  return source ? kairos_csv_parse (context, source, error) : NULL;
}

const KairosReader kairos_reader_csv = {
  { "csv", "CSV with a label column and numeric features" },
  csv_probe,
  csv_read,
};
