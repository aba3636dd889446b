/* SPDX-License-Identifier: MIT */

/* See the header.  The rows are made from kairos_config_params(): those named in `at_once` in that order, all others
 * below "More". */
#include "config.h"

#include "window/kairos-setup-page.h"

#include <glib/gi18n.h>
#include <string.h>

#include "common/kairos-busy-page.h"
#include "common/kairos-format.h"
#include "common/kairos-param-row.h"
#include "common/kairos-preview.h"

enum { STRIP_WIDTH = 684, STRIP_HEIGHT = 56, POINTS_HEIGHT = 140 };

struct _KairosSetupPage {
  GtkWidget parent_instance;
  char *spec, *title;
  KairosDataset *dataset;
  KairosConfig *config; /* what the data suggests */
  GCancellable *cancellable;
  GPtrArray *rows;      /* KairosParamRow, borrowed */
  GPtrArray *networks;  /* names in the drop-down; NULL the last: a description of one's own */
  gboolean rate_is_own; /* the person chose a rate: another optimizer leaves it alone */

  GtkWidget *stack, *busy, *error_page, *scroller, *picture, *data_title, *data_facts, *problems_group, *problems,
      *network, *own_network, *training;
  GtkWidget *error, *start;
};

enum { PROP_0, PROP_TITLE, N_PROPS };
static GParamSpec *properties[N_PROPS];
enum { START, CANCELLED, N_SIGNALS };
static guint signals[N_SIGNALS];

static const char *const at_once[] = { "batch", "epochs", "learning-rate", "optimizer", "seed", NULL };
/* Chosen elsewhere on the page. */
static const char *const elsewhere[] = { "data", "network", NULL };
/* Only a folder of pictures leaves these to be chosen. */
static const char *const for_folders[] = { "side", "fit", NULL };

G_DEFINE_FINAL_TYPE (KairosSetupPage, kairos_setup_page, GTK_TYPE_WIDGET)

/* ---- Network ---- */

static const char *
chosen_network (KairosSetupPage *self)
{
  guint selected = adw_combo_row_get_selected (ADW_COMBO_ROW (self->network));
  const char *name = selected < self->networks->len ? g_ptr_array_index (self->networks, selected) : NULL;

  return name ? name : gtk_editable_get_text (GTK_EDITABLE (self->own_network));
}

static KairosParamRow *
find_row (KairosSetupPage *self, const char *name)
{
  for (guint i = 0; i < self->rows->len; i++)
    if (g_str_equal (kairos_param_row_get_name (g_ptr_array_index (self->rows, i)), name))
      return g_ptr_array_index (self->rows, i);
  return NULL;
}

/* The shape that training will see: folders of pictures are resized to "side". */
static KairosShape
training_shape (KairosSetupPage *self)
{
  KairosShape shape = kairos_dataset_get_shape (self->dataset);

  if (g_str_equal (kairos_dataset_get_reader (self->dataset), "folder"))
    shape.height = shape.width = (int) g_ascii_strtoll (kairos_param_row_get_text (find_row (self, "side")), NULL, 10);
  return shape;
}

static const char *
preset_summary (const char *name)
{
  guint n;
  const KairosPreset *presets = kairos_presets (&n);

  for (guint i = 0; i < n; i++)
    if (g_str_equal (presets[i].name, name))
      return g_dgettext (GETTEXT_PACKAGE, presets[i].summary);
  return _ ("Fully connected layers.");
}

/* Under the network's name: what it is and how large; or in one sentence why it cannot be. */
static void
check_network (KairosSetupPage *self)
{
  const char *spec = chosen_network (self);
  guint selected = adw_combo_row_get_selected (ADW_COMBO_ROW (self->network));
  gboolean own = selected + 1 >= self->networks->len;
  g_autoptr (GError) error = NULL;
  g_autoptr (KairosNetwork) network = NULL;
  g_autofree char *subtitle = NULL;

  if (!self->dataset)
    return;
  gtk_widget_set_visible (self->own_network, own);
  network = kairos_network_new (spec, training_shape (self), kairos_dataset_get_n_classes (self->dataset), &error);
  if (network) {
    gsize n;
    g_autofree char *weights = (kairos_network_parameters (network, &n), kairos_format_short (n));
    g_autofree char *work = kairos_format_short (kairos_network_flops (network));

    subtitle = g_strdup_printf (_ ("%s %s weights, %s operations a sample."),
                                own ? _ ("Fits this data.") : preset_summary (spec), weights, work);
  } else
    subtitle = own && spec[0] == '\0'
                   ? g_strdup (_ ("Write mlp-64-32 for layers of 64 and 32 units, or a JSON list of layers."))
                   : g_strdup (error->message);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->network), subtitle);
  if (network || (own && spec[0] == '\0'))
    gtk_widget_remove_css_class (self->network, "error");
  else
    gtk_widget_add_css_class (self->network, "error");
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "setup.start", network != NULL);
}

static void
add_network (KairosSetupPage *self, GtkStringList *names, const char *name)
{
  g_autoptr (KairosNetwork) network = NULL;

  for (guint i = 0; i < self->networks->len; i++)
    if (g_str_equal (g_ptr_array_index (self->networks, i), name))
      return;
  network = kairos_network_new (name, kairos_dataset_get_shape (self->dataset),
                                kairos_dataset_get_n_classes (self->dataset), NULL);
  if (!network)
    return; /* it does not fit this data */
  g_ptr_array_add (self->networks, g_strdup (name));
  gtk_string_list_append (names, name);
}

static void
list_networks (KairosSetupPage *self)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  guint n;
  const KairosPreset *presets = kairos_presets (&n);

  g_ptr_array_set_size (self->networks, 0);
  add_network (self, names, self->config->network);
  for (guint i = 0; i < n; i++)
    add_network (self, names, presets[i].name);
  add_network (self, names, "logistic");
  add_network (self, names, "mlp-32-32");
  g_ptr_array_add (self->networks, NULL);
  gtk_string_list_append (names, _ ("My own"));
  adw_combo_row_set_model (ADW_COMBO_ROW (self->network), G_LIST_MODEL (names));
  adw_combo_row_set_selected (ADW_COMBO_ROW (self->network), 0);
  check_network (self);
}

/* ---- The other settings ---- */

static void
show_default_rate (KairosSetupPage *self)
{
  g_autofree char *rate = kairos_param_default_rate (kairos_param_row_get_text (find_row (self, "optimizer")));

  kairos_param_row_set_text (find_row (self, "learning-rate"), rate);
}

static void
on_edited (KairosSetupPage *self, KairosParamRow *row)
{
  const char *name = kairos_param_row_get_name (row);

  if (g_str_equal (name, "learning-rate"))
    self->rate_is_own = TRUE;
  else if (g_str_equal (name, "optimizer") && !self->rate_is_own)
    show_default_rate (self);
  else if (g_str_equal (name, "side"))
    check_network (self);
}

static void
add_row (KairosSetupPage *self, const KairosParam *param, GtkWidget *more)
{
  KairosParamRow *row = kairos_param_row_new (param);

  g_signal_connect_object (row, "edited", G_CALLBACK (on_edited), self, G_CONNECT_SWAPPED);
  g_ptr_array_add (self->rows, row);
  if (more)
    adw_expander_row_add_row (ADW_EXPANDER_ROW (more), GTK_WIDGET (row));
  else
    adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->training), GTK_WIDGET (row));
}

static void
add_rows (KairosSetupPage *self)
{
  guint n;
  const KairosParam *params = kairos_config_params (&n);
  GtkWidget *more = adw_expander_row_new ();

  for (guint k = 0; at_once[k]; k++)
    for (guint i = 0; i < n; i++)
      if (g_str_equal (params[i].name, at_once[k]))
        add_row (self, &params[i], NULL);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (more), _ ("More"));
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (more),
                                 _ ("Schedule of the learning rate, weight decay, loss and so on: good as they are"));
  for (guint i = 0; i < n; i++)
    if (!g_strv_contains (at_once, params[i].name) && !g_strv_contains (elsewhere, params[i].name))
      add_row (self, &params[i], more);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->training), more);
}

static void
fill_rows (KairosSetupPage *self)
{
  gboolean folder = g_str_equal (kairos_dataset_get_reader (self->dataset), "folder");

  for (guint i = 0; i < self->rows->len; i++) {
    KairosParamRow *row = g_ptr_array_index (self->rows, i);
    g_autofree char *text = kairos_config_get (self->config, kairos_param_row_get_name (row));

    kairos_param_row_set_text (row, text);
    gtk_widget_set_visible (GTK_WIDGET (row),
                            folder || !g_strv_contains (for_folders, kairos_param_row_get_name (row)));
  }
  self->rate_is_own = FALSE;
  show_default_rate (self);
}

/* ---- What is in the data ---- */

static void
show_facts (KairosSetupPage *self)
{
  guint n = kairos_dataset_get_n_samples (self->dataset), n_classes = kairos_dataset_get_n_classes (self->dataset),
        n_test = 0;
  const guint8 *official = kairos_dataset_get_official (self->dataset);
  g_autofree char *shape = kairos_format_shape (kairos_dataset_get_shape (self->dataset)), *facts = NULL, *all = NULL,
                  *train = NULL, *test = NULL;

  for (guint i = 0; i < n; i++)
    n_test += official[i] == KAIROS_SPLIT_TEST;
  all = kairos_format_count (n);
  train = kairos_format_count (n - n_test);
  test = kairos_format_count (n_test);
  if (n_test > 0)
    facts =
        g_strdup_printf (_ ("%s samples to train on, %s to test on · %s · %u classes"), train, test, shape, n_classes);
  else
    facts = g_strdup_printf (_ ("%s samples; a tenth of them is kept for testing · %s · %u classes"), all, shape,
                             n_classes);
  gtk_label_set_text (GTK_LABEL (self->data_title), kairos_dataset_get_title (self->dataset));
  gtk_label_set_text (GTK_LABEL (self->data_facts), facts);
}

static void
show_problems (KairosSetupPage *self)
{
  const char *const *problems = kairos_dataset_get_problems (self->dataset);
  guint n = g_strv_length ((char **) problems);
  g_autofree char *title = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u file could not be read and is left out",
                                                         "%u files could not be read and are left out", n),
                                            n);
  g_autofree char *text = g_strjoinv ("\n", (char **) problems);

  gtk_widget_set_visible (self->problems_group, n > 0);
  gtk_expander_set_label (GTK_EXPANDER (self->problems_group), title);
  gtk_label_set_text (GTK_LABEL (self->problems), text);
}

static void
show_picture (KairosSetupPage *self)
{
  int height = kairos_dataset_is_image (self->dataset) ? STRIP_HEIGHT : POINTS_HEIGHT;
  g_autoptr (GdkTexture) texture = kairos_preview_new (self->dataset, STRIP_WIDTH, height, STRIP_HEIGHT);

  gtk_widget_set_size_request (self->picture, -1, height);
  gtk_picture_set_paintable (GTK_PICTURE (self->picture), GDK_PAINTABLE (texture));
}

static void
set_title (KairosSetupPage *self, const char *title)
{
  g_free (self->title);
  self->title = g_strdup (title);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TITLE]);
}

static void
show_form (KairosSetupPage *self, KairosDataset *dataset)
{
  g_clear_pointer (&self->dataset, kairos_dataset_unref);
  g_clear_pointer (&self->config, kairos_config_free);
  self->dataset = kairos_dataset_ref (dataset);
  self->config = kairos_setup_suggest (dataset);
  set_title (self, kairos_dataset_get_title (dataset));
  show_facts (self);
  show_problems (self);
  show_picture (self);
  fill_rows (self);
  list_networks (self);
  kairos_setup_page_show_error (self, NULL);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "form");
  gtk_widget_grab_focus (self->start); /* Enter takes it as it is */
  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scroller)), 0);
}

/* ---- Reading it ---- */

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (KairosSetupPage) self = user_data;
  GCancellable *cancellable = g_task_get_cancellable (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autoptr (KairosDataset) dataset = kairos_preview_open_finish (result, &error);
  g_autofree char *escaped = NULL;

  if (self->cancellable != cancellable || g_cancellable_is_cancelled (cancellable))
    return; /* other data was chosen, or the page is gone */
  if (dataset) {
    show_form (self, dataset);
    return;
  }
  escaped = g_markup_escape_text (error->message, -1);
  adw_status_page_set_description (ADW_STATUS_PAGE (self->error_page), escaped);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "error");
}

void
kairos_setup_page_load (KairosSetupPage *self, const char *spec)
{
  KairosOpenOptions options = kairos_open_options_default ();
  g_autofree char *name = NULL, *title = NULL;

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  g_free (self->spec);
  self->spec = g_strdup (spec);
  name =
      g_str_has_prefix (spec, "builtin:") ? g_strdup (spec + strlen ("builtin:")) : g_filename_display_basename (spec);
  title = g_strdup_printf (_ ("Reading %s"), name);
  set_title (self, name);
  kairos_busy_page_begin (KAIROS_BUSY_PAGE (self->busy), title);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "busy");
  options.use_cache = TRUE;
  kairos_preview_open_async (spec, &options, kairos_busy_page_progress, self->busy, self->cancellable, on_opened,
                             g_object_ref (self));
}

void
kairos_setup_page_show_error (KairosSetupPage *self, const char *sentence)
{
  gtk_label_set_text (GTK_LABEL (self->error), sentence ? sentence : "");
  gtk_widget_set_visible (self->error, sentence != NULL);
}

/* ---- Actions ---- */

/* The configuration as the page shows it; NULL after showing what is wrong. */
static KairosConfig *
read_page (KairosSetupPage *self)
{
  g_autoptr (KairosConfig) config = kairos_config_copy (self->config);
  g_autoptr (GError) error = NULL;
  gboolean ok = kairos_config_set (config, "network", chosen_network (self), &error);

  for (guint i = 0; i < self->rows->len && ok; i++) {
    KairosParamRow *row = g_ptr_array_index (self->rows, i);

    ok = kairos_config_set (config, kairos_param_row_get_name (row), kairos_param_row_get_text (row), &error);
  }
  kairos_setup_page_show_error (self, ok ? NULL : error->message);
  return ok ? g_steal_pointer (&config) : NULL;
}

static void
start_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KairosSetupPage *self = KAIROS_SETUP_PAGE (widget);
  g_autoptr (KairosConfig) config = NULL;

  gtk_widget_grab_focus (widget); /* a number that is still being typed counts */
  config = self->dataset ? read_page (self) : NULL;
  if (config)
    g_signal_emit (self, signals[START], 0, config);
}

static void
cancel_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_cancellable_cancel (KAIROS_SETUP_PAGE (widget)->cancellable);
  g_signal_emit (widget, signals[CANCELLED], 0);
}

static void
again_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autofree char *spec = g_strdup (KAIROS_SETUP_PAGE (widget)->spec);

  if (spec)
    kairos_setup_page_load (KAIROS_SETUP_PAGE (widget), spec);
}

static void
on_busy_cancelled (KairosSetupPage *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "setup.cancel", NULL);
}

/* ---- The object ---- */

static void
kairos_setup_page_dispose (GObject *object)
{
  KairosSetupPage *self = KAIROS_SETUP_PAGE (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->stack, gtk_widget_unparent);
  g_clear_pointer (&self->dataset, kairos_dataset_unref);
  G_OBJECT_CLASS (kairos_setup_page_parent_class)->dispose (object);
}

static void
kairos_setup_page_finalize (GObject *object)
{
  KairosSetupPage *self = KAIROS_SETUP_PAGE (object);

  g_clear_pointer (&self->config, kairos_config_free);
  g_ptr_array_unref (self->rows);
  g_ptr_array_unref (self->networks);
  g_free (self->spec);
  g_free (self->title);
  G_OBJECT_CLASS (kairos_setup_page_parent_class)->finalize (object);
}

static void
kairos_setup_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_TITLE)
    g_value_set_string (value, KAIROS_SETUP_PAGE (object)->title);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/kairos_studio/Kairos/templates/kairos-setup-page.ui");
  gtk_widget_class_bind_template_child (widget_class, KairosSetupPage, stack);
  gtk_widget_class_bind_template_child (widget_class, KairosSetupPage, busy);
  gtk_widget_class_bind_template_child (widget_class, KairosSetupPage, error_page);
  gtk_widget_class_bind_template_child (widget_class, KairosSetupPage, scroller);
  gtk_widget_class_bind_template_child (widget_class, KairosSetupPage, picture);
  gtk_widget_class_bind_template_child (widget_class, KairosSetupPage, data_title);
  gtk_widget_class_bind_template_child (widget_class, KairosSetupPage, data_facts);
  gtk_widget_class_bind_template_child (widget_class, KairosSetupPage, problems_group);
  gtk_widget_class_bind_template_child (widget_class, KairosSetupPage, problems);
  gtk_widget_class_bind_template_child (widget_class, KairosSetupPage, network);
  gtk_widget_class_bind_template_child (widget_class, KairosSetupPage, own_network);
  gtk_widget_class_bind_template_child (widget_class, KairosSetupPage, training);
  gtk_widget_class_bind_template_child (widget_class, KairosSetupPage, error);
  gtk_widget_class_bind_template_child (widget_class, KairosSetupPage, start);
  gtk_widget_class_bind_template_callback (widget_class, check_network);
  gtk_widget_class_bind_template_callback (widget_class, on_busy_cancelled);
}

static void
kairos_setup_page_class_init (KairosSetupPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  g_type_ensure (KAIROS_TYPE_BUSY_PAGE);
  object_class->dispose = kairos_setup_page_dispose;
  object_class->finalize = kairos_setup_page_finalize;
  object_class->get_property = kairos_setup_page_get_property;
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[START] = g_signal_new ("start", KAIROS_TYPE_SETUP_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                 1, G_TYPE_POINTER);
  signals[CANCELLED] =
      g_signal_new ("cancelled", KAIROS_TYPE_SETUP_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_install_action (widget_class, "setup.start", NULL, start_action);
  gtk_widget_class_install_action (widget_class, "setup.cancel", NULL, cancel_action);
  gtk_widget_class_install_action (widget_class, "setup.again", NULL, again_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "setup.cancel", NULL);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  bind_children (widget_class);
}

static void
kairos_setup_page_init (KairosSetupPage *self)
{
  self->rows = g_ptr_array_new ();
  self->networks = g_ptr_array_new_with_free_func (g_free);
  gtk_widget_init_template (GTK_WIDGET (self));
  add_rows (self);
}
