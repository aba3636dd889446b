/* SPDX-License-Identifier: MIT */

/* See the header.  A row holds one control: a spin button for numbers, a drop-down for choices, a switch, or an entry.
 */
#include "config.h"

#include "common/kairos-param-row.h"

#include <glib/gi18n.h>
#include <kairos/optimizer.h>
#include <math.h>

struct _KairosParamRow {
  AdwActionRow parent_instance;
  const KairosParam *param;
  GtkWidget *control;
  char **choices; /* CHOICE */
  char *text;
  gboolean valid;
  gboolean setting; /* a program sets the control: not an edit */
};

enum { PROP_0, PROP_TEXT, PROP_VALID, N_PROPS };
static GParamSpec *properties[N_PROPS];
static guint edited_signal;

G_DEFINE_FINAL_TYPE (KairosParamRow, kairos_param_row, ADW_TYPE_ACTION_ROW)

char *
kairos_param_title (const char *name)
{
  g_autofree char *title = g_strdelimit (g_strdup (name), "-", ' ');

  title[0] = g_ascii_toupper (title[0]);
  return g_strdup (g_dgettext (GETTEXT_PACKAGE, title));
}

/* ---- Value and control ---- */

static char *
number_text (double value)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  return g_strdup (g_ascii_formatd (buffer, sizeof buffer, "%.10g", value));
}

char *
kairos_param_default_rate (const char *optimizer)
{
  guint n;
  const KairosOptimizerInfo *infos = kairos_optimizer_infos (&n);

  for (guint i = 0; i < n; i++)
    if (g_str_equal (infos[i].name, optimizer))
      return number_text (infos[i].learning_rate);
  return g_strdup ("0");
}

static gboolean
in_range (const KairosParam *param, const char *text)
{
  char *end;
  double value = g_ascii_strtod (text, &end);

  return end != text && *end == '\0' && isfinite (value) && value >= param->min && value <= param->max;
}

static gboolean
text_is_valid (const KairosParam *param, const char *text)
{
  glong length = g_utf8_strlen (text, -1);

  switch (param->type) {
  case KAIROS_PARAM_INT:
  case KAIROS_PARAM_REAL: return in_range (param, text);
  case KAIROS_PARAM_TEXT: return length >= param->min && length <= param->max;
  case KAIROS_PARAM_BOOL:
  case KAIROS_PARAM_CHOICE:
  default: return TRUE;
  }
}

static void
take_text (KairosParamRow *self, char *text)
{
  gboolean valid = text_is_valid (self->param, text);

  if (g_strcmp0 (self->text, text) == 0) {
    g_free (text);
    return;
  }
  g_free (self->text);
  self->text = text;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TEXT]);
  if (valid != self->valid) {
    self->valid = valid;
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_VALID]);
  }
  if (!self->setting)
    g_signal_emit (self, edited_signal, 0);
}

static void
on_spin_changed (GtkSpinButton *spin, KairosParamRow *self)
{
  double value = gtk_spin_button_get_value (spin);

  take_text (self, number_text (self->param->type == KAIROS_PARAM_INT ? round (value) : value));
}

static void
on_drop_down_changed (GtkDropDown *drop_down, GParamSpec *pspec, KairosParamRow *self)
{
  guint selected = gtk_drop_down_get_selected (drop_down);

  if (selected != GTK_INVALID_LIST_POSITION)
    take_text (self, g_strdup (self->choices[selected]));
}

static void
on_switch_changed (GtkSwitch *toggle, GParamSpec *pspec, KairosParamRow *self)
{
  take_text (self, g_strdup (gtk_switch_get_active (toggle) ? "1" : "0"));
}

static void
on_entry_changed (GtkEditable *entry, KairosParamRow *self)
{
  take_text (self, g_strdup (gtk_editable_get_text (entry)));
}

void
kairos_param_row_set_text (KairosParamRow *self, const char *text)
{
  g_return_if_fail (KAIROS_IS_PARAM_ROW (self) && text);

  self->setting = TRUE;
  if (GTK_IS_SPIN_BUTTON (self->control))
    gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->control), g_ascii_strtod (text, NULL));
  else if (GTK_IS_SWITCH (self->control))
    gtk_switch_set_active (GTK_SWITCH (self->control), g_ascii_strtod (text, NULL) != 0);
  else if (GTK_IS_EDITABLE (self->control))
    gtk_editable_set_text (GTK_EDITABLE (self->control), text);
  else
    for (guint i = 0; self->choices && self->choices[i]; i++)
      if (g_str_equal (self->choices[i], text))
        gtk_drop_down_set_selected (GTK_DROP_DOWN (self->control), i);
  self->setting = FALSE;
}

/* ---- Spin buttons over several orders of magnitude ---- */

/* Shows "0.05" rather than "0.0500000000". */
static gboolean
on_spin_output (GtkSpinButton *spin, gpointer unused)
{
  g_autofree char *text = number_text (gtk_spin_button_get_value (spin));

  gtk_editable_set_text (GTK_EDITABLE (spin), text);
  return TRUE;
}

/* Takes a point and, where the language uses it, a comma. */
static int
on_spin_input (GtkSpinButton *spin, double *value, gpointer unused)
{
  g_autofree char *text = g_strdelimit (g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (spin)))), ",", '.');
  char *end;

  *value = g_ascii_strtod (text, &end);
  return end != text && *end == '\0' ? TRUE : GTK_INPUT_ERROR;
}

/* A step is one in the first digit, below a power of ten in the second: 0.3, 0.2, 0.1, 0.09, 0.08. */
static void
on_adapt_step (GtkAdjustment *adjustment, gpointer unused)
{
  double value = gtk_adjustment_get_value (adjustment);
  double step = value > 1e-9 ? pow (10, floor (log10 (value * 0.9999))) : 1e-4;

  gtk_adjustment_set_step_increment (adjustment, step);
  gtk_adjustment_set_page_increment (adjustment, 10 * step);
}

static GtkWidget *
number_new (KairosParamRow *self)
{
  const KairosParam *param = self->param;
  gboolean whole = param->type == KAIROS_PARAM_INT;
  GtkAdjustment *adjustment = gtk_adjustment_new (param->fallback, param->min, param->max, 1, 10, 0);
  GtkWidget *spin = gtk_spin_button_new (adjustment, 1, whole ? 0 : 10);

  if (!whole) {
    g_signal_connect (spin, "output", G_CALLBACK (on_spin_output), NULL);
    g_signal_connect (spin, "input", G_CALLBACK (on_spin_input), NULL);
    g_signal_connect (adjustment, "value-changed", G_CALLBACK (on_adapt_step), NULL);
    on_adapt_step (adjustment, NULL);
  }
  gtk_editable_set_width_chars (GTK_EDITABLE (spin), 8);
  gtk_spin_button_set_update_policy (GTK_SPIN_BUTTON (spin), GTK_UPDATE_IF_VALID);
  g_signal_connect_object (spin, "value-changed", G_CALLBACK (on_spin_changed), self, 0);
  self->text = number_text (param->fallback);
  return spin;
}

/* ---- The other controls ---- */

/* Choices are shown by their names in the tables: "adamw", "cross-entropy". */
static GtkWidget *
choice_new (KairosParamRow *self)
{
  GtkWidget *drop_down;

  self->choices = g_strsplit (self->param->choices, "|", -1);
  drop_down = gtk_drop_down_new_from_strings ((const char *const *) self->choices);
  g_signal_connect_object (drop_down, "notify::selected", G_CALLBACK (on_drop_down_changed), self, 0);
  self->text = g_strdup (self->choices[0]);
  return drop_down;
}

static GtkWidget *
switch_new (KairosParamRow *self)
{
  GtkWidget *toggle = gtk_switch_new ();

  gtk_switch_set_active (GTK_SWITCH (toggle), self->param->fallback != 0);
  g_signal_connect_object (toggle, "notify::active", G_CALLBACK (on_switch_changed), self, 0);
  self->text = g_strdup (self->param->fallback != 0 ? "1" : "0");
  return toggle;
}

static GtkWidget *
entry_new (KairosParamRow *self)
{
  GtkWidget *entry = gtk_entry_new ();

  self->text = g_strdup (self->param->type == KAIROS_PARAM_TEXT && self->param->choices ? self->param->choices : "");
  gtk_editable_set_text (GTK_EDITABLE (entry), self->text);
  gtk_editable_set_width_chars (GTK_EDITABLE (entry), 20);
  g_signal_connect_object (entry, "changed", G_CALLBACK (on_entry_changed), self, 0);
  return entry;
}

static GtkWidget *
control_new (KairosParamRow *self)
{
  switch (self->param->type) {
  case KAIROS_PARAM_INT:
  case KAIROS_PARAM_REAL: return number_new (self);
  case KAIROS_PARAM_BOOL: return switch_new (self);
  case KAIROS_PARAM_CHOICE: return choice_new (self);
  case KAIROS_PARAM_TEXT:
  default: return entry_new (self);
  }
}

KairosParamRow *
kairos_param_row_new (const KairosParam *param)
{
  KairosParamRow *self = g_object_new (KAIROS_TYPE_PARAM_ROW, NULL);
  g_autofree char *title = kairos_param_title (param->name);

  self->param = param;
  self->control = control_new (self);
  self->valid = text_is_valid (param, self->text);
  gtk_widget_set_valign (self->control, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->control), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), title);
  if (param->unit) {
    GtkWidget *unit = gtk_label_new (g_dgettext (GETTEXT_PACKAGE, param->unit));
    gtk_widget_add_css_class (unit, "dim-label");
    adw_action_row_add_suffix (ADW_ACTION_ROW (self), unit);
  }
  adw_action_row_add_suffix (ADW_ACTION_ROW (self), self->control);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (self), self->control);
  kairos_param_row_set_note (self, NULL);
  return self;
}

/* ---- Reading ---- */

const char *
kairos_param_row_get_name (KairosParamRow *self)
{
  return self->param->name;
}

const char *
kairos_param_row_get_text (KairosParamRow *self)
{
  return self->text;
}

gboolean
kairos_param_row_get_valid (KairosParamRow *self)
{
  return self->valid;
}

void
kairos_param_row_set_note (KairosParamRow *self, const char *note)
{
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), note ? note : g_dgettext (GETTEXT_PACKAGE, self->param->help));
}

/* ---- The object ---- */

static void
kairos_param_row_finalize (GObject *object)
{
  KairosParamRow *self = KAIROS_PARAM_ROW (object);

  g_strfreev (self->choices);
  g_free (self->text);
  G_OBJECT_CLASS (kairos_param_row_parent_class)->finalize (object);
}

static void
kairos_param_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  KairosParamRow *self = KAIROS_PARAM_ROW (object);

  if (id == PROP_TEXT)
    g_value_set_string (value, self->text);
  else if (id == PROP_VALID)
    g_value_set_boolean (value, self->valid);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
kairos_param_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_TEXT)
    kairos_param_row_set_text (KAIROS_PARAM_ROW (object), g_value_get_string (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
kairos_param_row_class_init (KairosParamRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = kairos_param_row_finalize;
  object_class->get_property = kairos_param_row_get_property;
  object_class->set_property = kairos_param_row_set_property;
  properties[PROP_TEXT] = g_param_spec_string ("text", NULL, NULL, NULL,
                                               G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_VALID] = g_param_spec_boolean ("valid", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  edited_signal =
      g_signal_new ("edited", KAIROS_TYPE_PARAM_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
kairos_param_row_init (KairosParamRow *self)
{
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (self), FALSE);
}
