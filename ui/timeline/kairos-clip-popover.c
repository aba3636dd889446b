/* SPDX-License-Identifier: MIT */

/* A row a setting, made from the schema; above them, for a clip that changes pictures, one before and after.  Rows
 * follow the document's timeline; an edit goes to the document with a merge key of its row and of this opening, so that
 * a run of a spin button is one step to undo.
 */
#include "config.h"

#include "timeline/kairos-clip-popover.h"

#include <glib/gi18n.h>
#include <kairos/preview.h>
#include <math.h>

#include "common/kairos-param-row.h"
#include "timeline/kairos-before-after.h"
#include "timeline/kairos-branch-dialog.h"
#include "timeline/kairos-curve-editor.h"

enum { WIDTH = 400, MAX_HEIGHT = 420, MAX_HEIGHT_BELOW_CURVE = 220 };

struct _KairosClipPopover {
  GtkPopover parent_instance;
  GtkWidget *title, *summary, *pictures, *scrolled, *list, *note, *branch, *curve;
  KairosTimeline *refused; /* a change of the past that was asked for last */
  char *refused_description;
  KairosDocument *document;
  guint32 clip;
  guint opening;   /* counts */
  GPtrArray *rows; /* KairosParamRow, borrowed */
};

G_DEFINE_FINAL_TYPE (KairosClipPopover, kairos_clip_popover, GTK_TYPE_POPOVER)

static const KairosParam times[] = {
  { "from", KAIROS_PARAM_REAL, "epochs", 0, 1e6, 0, NULL, N_ ("When it begins") },
  { "to", KAIROS_PARAM_REAL, "epochs", 0, 1e6, 0, NULL, N_ ("When it ends") },
};
static const KairosParam event_times[] = {
  { "at", KAIROS_PARAM_REAL, "epochs", 0, 1e6, 0, NULL, N_ ("When it happens") },
};

static const KairosClip *
get_clip (KairosClipPopover *self)
{
  return self->document ? kairos_timeline_find (kairos_document_get_timeline (self->document), self->clip, NULL) : NULL;
}

static gboolean
is_time (const KairosClip *clip, const char *name)
{
  return clip->kind->event ? g_str_equal (name, "at") : g_str_equal (name, "from") || g_str_equal (name, "to");
}

/* The parameter of a row; a kind may have a setting that is called like a time of the other sort. */
static const KairosParam *
param_of (const KairosClip *clip, const char *name)
{
  return is_time (clip, name) ? NULL : kairos_params_find (clip->kind->params, clip->kind->n_params, name);
}

/* ---- Values as text: lists as "4, 9", points as "0: 0.1, 2.5: 0.01" ---- */

static void
append_element (GString *text, JsonNode *node)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  if (json_node_get_value_type (node) == G_TYPE_STRING)
    g_string_append (text, json_node_get_string (node));
  else
    g_string_append (text, g_ascii_formatd (buffer, sizeof buffer, "%.10g", json_node_get_double (node)));
}

static char *
list_text (JsonArray *list)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; list && i < json_array_get_length (list); i++) {
    JsonNode *node = json_array_get_element (list, i);

    g_string_append (text, i > 0 ? ", " : "");
    if (!JSON_NODE_HOLDS_ARRAY (node)) {
      append_element (text, node);
      continue;
    }
    append_element (text, json_array_get_element (json_node_get_array (node), 0));
    g_string_append (text, ": ");
    append_element (text, json_array_get_element (json_node_get_array (node), 1));
  }
  return g_string_free (text, FALSE);
}

static void
add_word (JsonArray *array, const char *word)
{
  char *end;
  double number = g_ascii_strtod (word, &end);

  if (end != word && *end == '\0' && number == floor (number))
    json_array_add_int_element (array, (gint64) number);
  else if (end != word && *end == '\0')
    json_array_add_double_element (array, number);
  else
    json_array_add_string_element (array, word);
}

static JsonNode *
list_node (const char *text, gboolean points)
{
  g_auto (GStrv) words = g_strsplit (text, ",", -1);
  JsonArray *array = json_array_new ();
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);

  for (guint i = 0; words[i]; i++) {
    g_auto (GStrv) pair = g_strsplit (words[i], ":", 2);
    JsonArray *point;

    if (*g_strstrip (words[i]) == '\0')
      continue;
    if (!points || !pair[0] || !pair[1]) {
      add_word (array, words[i]);
      continue;
    }
    point = json_array_new ();
    add_word (point, g_strstrip (pair[0]));
    add_word (point, g_strstrip (pair[1]));
    json_array_add_array_element (array, point);
  }
  json_node_take_array (node, array);
  return node;
}

static char *
value_text (const KairosClip *clip, const KairosParam *param)
{
  const KairosKind *kind = clip->kind;
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  switch (param->type) {
  case KAIROS_PARAM_CHOICE:
  case KAIROS_PARAM_TEXT:
    return g_strdup (kairos_params_text (kind->params, kind->n_params, clip->params, param->name));
  case KAIROS_PARAM_LIST:
  case KAIROS_PARAM_POINTS:
    return list_text (kairos_params_list (kind->params, kind->n_params, clip->params, param->name));
  case KAIROS_PARAM_INT:
  case KAIROS_PARAM_REAL:
  case KAIROS_PARAM_BOOL:
  default:
    return g_strdup (g_ascii_formatd (buffer, sizeof buffer, "%.10g",
                                      kairos_params_number (kind->params, kind->n_params, clip->params, param->name)));
  }
}

static JsonNode *
value_node (const KairosParam *param, const char *text)
{
  JsonNode *node;

  if (param->type == KAIROS_PARAM_LIST || param->type == KAIROS_PARAM_POINTS)
    return list_node (text, param->type == KAIROS_PARAM_POINTS);
  node = json_node_new (JSON_NODE_VALUE);
  if (param->type == KAIROS_PARAM_INT)
    json_node_set_int (node, (gint64) g_ascii_strtod (text, NULL));
  else if (param->type == KAIROS_PARAM_REAL)
    json_node_set_double (node, g_ascii_strtod (text, NULL));
  else if (param->type == KAIROS_PARAM_BOOL)
    json_node_set_boolean (node, g_ascii_strtod (text, NULL) != 0);
  else
    json_node_set_string (node, text);
  return node;
}

/* ---- From the person to the document ---- */

/* Whoever chooses a shape for a drawn curve, or types points for one that follows a shape, wants that instead of what
 * excludes it. */
static KairosTimeline *
set_param (KairosTimeline *timeline, const KairosClip *clip, const char *name, JsonNode *node, GError **error)
{
  KairosTimeline *value = kairos_timeline_set_param (timeline, clip->id, name, node, error);
  g_autoptr (KairosTimeline) swapped = NULL;
  g_autoptr (GArray) points = NULL;

  if (value || !kairos_kind_points (clip->kind))
    return value;
  points = kairos_clip_points (clip, NULL);
  if (points->len > 0)
    g_array_set_size (points, 0);
  else {
    g_array_unref (points);
    points = kairos_clip_trace (clip);
  }
  swapped =
      kairos_timeline_set_points (timeline, clip->id, (const KairosPoint *) (gpointer) points->data, points->len, NULL);
  value = swapped ? kairos_timeline_set_param (swapped, clip->id, name, node, NULL) : NULL;
  if (value)
    g_clear_error (error);
  return value;
}

static KairosTimeline *
edited (KairosClipPopover *self, const KairosClip *clip, const char *name, const char *text, GError **error)
{
  KairosTimeline *timeline = kairos_document_get_timeline (self->document);
  double time = g_ascii_strtod (text, NULL);
  const KairosParam *param = param_of (clip, name);
  JsonNode *node;
  KairosTimeline *value;

  if (g_str_equal (name, "at") && !param)
    return kairos_timeline_move (timeline, clip->id, time, -1, error);
  if (!param)
    return kairos_timeline_trim (timeline, clip->id, g_str_equal (name, "from") ? time : clip->from,
                                 g_str_equal (name, "to") ? time : clip->to, error);
  node = value_node (param, text);
  value = set_param (timeline, clip, name, node, error);
  json_node_unref (node);
  return value;
}

/* A sentence that wraps asks for the height of one that does not, unless it is told. */
static void
give_label_height (GtkWidget *label)
{
  int natural;

  gtk_widget_set_size_request (label, -1, -1);
  gtk_widget_measure (label, GTK_ORIENTATION_VERTICAL, WIDTH, NULL, &natural, NULL, NULL);
  gtk_widget_set_size_request (label, -1, natural);
}

/* Says why a change was not taken, and offers a run of its own where the reason is that the past is locked.  error
 * NULL: it was taken. */
static void
note_refusal (KairosClipPopover *self, KairosTimeline *value, const char *description, const GError *error)
{
  gboolean past = value && g_error_matches (error, KAIROS_ERROR, KAIROS_ERROR_CHANGED);

  g_clear_pointer (&self->refused, kairos_timeline_unref);
  g_free (self->refused_description);
  self->refused = past ? kairos_timeline_ref (value) : NULL;
  self->refused_description = g_strdup (description);
  gtk_label_set_text (GTK_LABEL (self->note), error ? error->message : "");
  give_label_height (self->note);
  gtk_widget_set_visible (self->note, error != NULL);
  gtk_widget_set_visible (self->branch, past);
}

static void
on_edited (KairosClipPopover *self, KairosParamRow *row)
{
  const KairosClip *clip = get_clip (self);
  const char *name = kairos_param_row_get_name (row);
  g_autofree char *merge_key = g_strdup_printf ("set %u %s %u", self->clip, name, self->opening), *title = NULL,
                  *description = NULL;
  g_autoptr (KairosTimeline) value = NULL;
  g_autoptr (GError) error = NULL;

  if (!clip || !kairos_param_row_get_valid (row))
    return;
  title = kairos_param_title (name);
  description = g_strdup_printf (_ ("Set %s"), title);
  value = edited (self, clip, name, kairos_param_row_get_text (row), &error);
  if (value)
    kairos_document_edit_timeline (self->document, value, description, merge_key, &error);
  note_refusal (self, value, description, error);
}

static void
on_curve_edit (KairosClipPopover *self, KairosTimeline *value, const char *description, const char *merge_key)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *key = merge_key ? g_strdup_printf ("%s %u", merge_key, self->opening) : NULL;

  if (!self->document)
    return;
  kairos_document_edit_timeline (self->document, value, description, key, &error);
  /* there is a way, on a line that is under way */
  if (g_error_matches (error, KAIROS_ERROR, KAIROS_ERROR_CHANGED)) {
    g_autofree char *text =
        g_strdup_printf (_ ("%s. Or split the clip at the playhead to draw the rest of it anew."), error->message);

    g_free (error->message);
    error->message = g_steal_pointer (&text);
  }
  note_refusal (self, value, description, error);
}

/* The change that was refused, in a run of its own. */
static void
on_branch (KairosClipPopover *self)
{
  g_autoptr (KairosTimeline) value = g_steal_pointer (&self->refused);
  g_autoptr (KairosDocument) document = self->document ? g_object_ref (self->document) : NULL;

  gtk_popover_popdown (GTK_POPOVER (self));
  if (value && document)
    kairos_branch_dialog_present (GTK_WIDGET (self), document, value, INFINITY, self->refused_description);
}

/* ---- From the document to the rows ---- */

static double
get_now (KairosClipPopover *self)
{
  KairosStatus status;

  kairos_document_get_status (self->document, &status);
  return status.epoch;
}

static void
on_status_changed (KairosClipPopover *self)
{
  kairos_curve_editor_set_now (KAIROS_CURVE_EDITOR (self->curve), get_now (self));
}

static void
show_curve (KairosClipPopover *self)
{
  kairos_curve_editor_set_clip (KAIROS_CURVE_EDITOR (self->curve), kairos_document_get_timeline (self->document),
                                self->clip, get_now (self));
}

static void
show_values (KairosClipPopover *self, const KairosClip *clip)
{
  show_curve (self);
  for (guint i = 0; i < self->rows->len; i++) {
    KairosParamRow *row = self->rows->pdata[i];
    const char *name = kairos_param_row_get_name (row);
    const KairosParam *param = param_of (clip, name);
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];
    g_autofree char *text = param ? value_text (clip, param)
                                  : g_strdup (g_ascii_formatd (buffer, sizeof buffer, "%.10g",
                                                               g_str_equal (name, "to") ? clip->to : clip->from));

    if (!gtk_widget_get_focus_child (GTK_WIDGET (row)) || !param || param->type == KAIROS_PARAM_INT ||
        param->type == KAIROS_PARAM_REAL)
      kairos_param_row_set_text (row, text);
  }
  kairos_before_after_show_clip (KAIROS_BEFORE_AFTER (self->pictures), clip);
}

static void
on_timeline_changed (KairosClipPopover *self)
{
  const KairosClip *clip = get_clip (self);

  if (!gtk_widget_get_visible (GTK_WIDGET (self)))
    return;
  if (!clip)
    gtk_popover_popdown (GTK_POPOVER (self));
  else
    show_values (self, clip);
}

static void
add_rows (KairosClipPopover *self, const KairosParam *params, guint n)
{
  for (guint i = 0; i < n; i++) {
    KairosParamRow *row = kairos_param_row_new (&params[i]);

    g_signal_connect_object (row, "edited", G_CALLBACK (on_edited), self, G_CONNECT_SWAPPED);
    gtk_list_box_append (GTK_LIST_BOX (self->list), GTK_WIDGET (row));
    g_ptr_array_add (self->rows, row);
  }
}

/* All rows where there is room: the scrolled window itself would ask as if no sentence in them had to wrap. */
static void
give_height (KairosClipPopover *self)
{
  GtkScrolledWindow *scrolled = GTK_SCROLLED_WINDOW (self->scrolled);
  int natural, most = gtk_widget_get_visible (self->curve) ? MAX_HEIGHT_BELOW_CURVE : MAX_HEIGHT;

  give_label_height (self->summary);
  gtk_widget_measure (self->list, GTK_ORIENTATION_VERTICAL, WIDTH, NULL, &natural, NULL, NULL);
  gtk_scrolled_window_set_min_content_height (scrolled, -1);
  gtk_scrolled_window_set_max_content_height (scrolled, most);
  gtk_scrolled_window_set_min_content_height (scrolled, MIN (natural, most));
}

static void
fill (KairosClipPopover *self, const KairosClip *clip)
{
  GtkWidget *child;

  g_ptr_array_set_size (self->rows, 0);
  while ((child = gtk_widget_get_first_child (self->list)))
    gtk_list_box_remove (GTK_LIST_BOX (self->list), child);
  if (clip->kind->event)
    add_rows (self, event_times, G_N_ELEMENTS (event_times));
  else
    add_rows (self, times, G_N_ELEMENTS (times));
  add_rows (self, clip->kind->params, clip->kind->n_params);
  gtk_label_set_text (GTK_LABEL (self->title), _ (clip->kind->title));
  gtk_label_set_text (GTK_LABEL (self->summary), _ (clip->kind->summary));
  note_refusal (self, NULL, NULL, NULL);
  show_values (self, clip);
  give_height (self);
}

static void
set_document (KairosClipPopover *self, KairosDocument *document)
{
  if (self->document == document)
    return;
  if (self->document)
    g_signal_handlers_disconnect_by_data (self->document, self);
  g_set_object (&self->document, document);
  if (!document)
    return;
  g_signal_connect_object (document, "notify::timeline", G_CALLBACK (on_timeline_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (document, "status-changed", G_CALLBACK (on_status_changed), self, G_CONNECT_SWAPPED);
}

void
kairos_clip_popover_show (KairosClipPopover *self, KairosDocument *document, guint32 id)
{
  const KairosClip *clip;

  set_document (self, document);
  self->clip = id;
  self->opening++;
  clip = get_clip (self);
  if (!clip)
    return;
  kairos_before_after_set_document (KAIROS_BEFORE_AFTER (self->pictures), document);
  fill (self, clip);
  gtk_popover_popup (GTK_POPOVER (self));
}

const char *
kairos_clip_popover_get_note (KairosClipPopover *self)
{
  return gtk_label_get_text (GTK_LABEL (self->note));
}

static void
on_closed (KairosClipPopover *self)
{
  set_document (self, NULL);
  kairos_before_after_set_document (KAIROS_BEFORE_AFTER (self->pictures), NULL);
}

/* ---- The widget ---- */

static GtkWidget *
label_new (const char *class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 44);
  gtk_widget_add_css_class (label, class);
  return label;
}

static void
kairos_clip_popover_dispose (GObject *object)
{
  set_document (KAIROS_CLIP_POPOVER (object), NULL);
  G_OBJECT_CLASS (kairos_clip_popover_parent_class)->dispose (object);
}

static void
kairos_clip_popover_finalize (GObject *object)
{
  g_ptr_array_unref (KAIROS_CLIP_POPOVER (object)->rows);
  kairos_timeline_unref (KAIROS_CLIP_POPOVER (object)->refused);
  g_free (KAIROS_CLIP_POPOVER (object)->refused_description);
  G_OBJECT_CLASS (kairos_clip_popover_parent_class)->finalize (object);
}

static void
kairos_clip_popover_class_init (KairosClipPopoverClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = kairos_clip_popover_dispose;
  G_OBJECT_CLASS (klass)->finalize = kairos_clip_popover_finalize;
}

static void
kairos_clip_popover_init (KairosClipPopover *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);

  self->rows = g_ptr_array_new ();
  self->scrolled = gtk_scrolled_window_new ();
  self->curve = kairos_curve_editor_new ();
  self->title = label_new ("heading");
  self->summary = label_new ("dim-label");
  self->note = label_new ("error");
  self->branch = gtk_button_new_with_mnemonic (_ ("_Branch a New Run…"));
  gtk_widget_set_halign (self->branch, GTK_ALIGN_START);
  g_signal_connect_object (self->branch, "clicked", G_CALLBACK (on_branch), self, G_CONNECT_SWAPPED);
  self->pictures = kairos_before_after_new ();
  self->list = gtk_list_box_new ();
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (self->list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (self->list, "boxed-list");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Settings of the clip"), -1);
  gtk_widget_set_margin_start (self->list, 2);
  gtk_widget_set_margin_end (self->list, 2);
  gtk_widget_set_margin_top (self->list, 2);
  gtk_widget_set_margin_bottom (self->list, 2);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scrolled), self->list);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_widget_set_size_request (self->scrolled, WIDTH, -1);
  gtk_box_append (GTK_BOX (box), self->title);
  gtk_box_append (GTK_BOX (box), self->summary);
  gtk_box_append (GTK_BOX (box), self->pictures);
  gtk_box_append (GTK_BOX (box), self->note);
  gtk_box_append (GTK_BOX (box), self->branch);
  gtk_box_append (GTK_BOX (box), self->curve);
  gtk_box_append (GTK_BOX (box), self->scrolled);
  gtk_popover_set_child (GTK_POPOVER (self), box);
  gtk_popover_set_position (GTK_POPOVER (self), GTK_POS_TOP);
  gtk_widget_add_css_class (GTK_WIDGET (self), "clip-popover");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Clip"), -1);
  g_signal_connect_object (self->curve, "edit", G_CALLBACK (on_curve_edit), self, G_CONNECT_SWAPPED);
  g_signal_connect (self, "closed", G_CALLBACK (on_closed), NULL);
}

GtkWidget *
kairos_clip_popover_new (void)
{
  return g_object_new (KAIROS_TYPE_CLIP_POPOVER, NULL);
}
