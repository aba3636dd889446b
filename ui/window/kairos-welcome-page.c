/* SPDX-License-Identifier: MIT */

/* See the header.  The pictures on the cards are drawn from the data itself, in a thread each, once the page is shown.
 */
#include "config.h"

#include "window/kairos-welcome-page.h"

#include <glib/gi18n.h>

#include "common/kairos-format.h"
#include "common/kairos-preview.h"
#include "common/kairos-settings.h"
#include "window/kairos-recent.h"

enum { CARD_WIDTH = 212, CARD_HEIGHT = 112, PREVIEW_PICTURES = 60, PREVIEW_POINTS = 500 };

struct _KairosWelcomePage {
  GtkWidget parent_instance;
  GCancellable *cancellable;
  gboolean drawn;
  GtkWidget *scroller, *cards, *recent_group, *recent, *formats;
};

G_DEFINE_FINAL_TYPE (KairosWelcomePage, kairos_welcome_page, GTK_TYPE_WIDGET)

/* ---- Built-in data ---- */

static void
on_preview_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GtkPicture) picture = user_data;
  g_autoptr (KairosDataset) dataset = kairos_preview_open_finish (result, NULL);
  g_autoptr (GdkTexture) texture = NULL;

  if (!dataset)
    return; /* the card stays without a picture; choosing it will say what is wrong */
  texture = kairos_preview_new (dataset, CARD_WIDTH, CARD_HEIGHT, 28);
  gtk_picture_set_paintable (picture, GDK_PAINTABLE (texture));
}

static void
draw_card (KairosWelcomePage *self, const KairosBuiltinInfo *info, GtkPicture *picture)
{
  KairosOpenOptions options = kairos_open_options_default ();
  g_autofree char *spec = g_strconcat ("builtin:", info->name, NULL);

  options.use_cache = FALSE;
  options.samples = info->shape.height > 1 ? PREVIEW_PICTURES : PREVIEW_POINTS;
  kairos_preview_open_async (spec, &options, NULL, NULL, self->cancellable, on_preview_opened, g_object_ref (picture));
}

static GtkWidget *
card_label (const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_lines (GTK_LABEL (label), 3);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 20);
  gtk_widget_add_css_class (label, css_class);
  return label;
}

/* The tables' summaries are phrases; a card begins with a capital. */
static char *
capitalised (const char *phrase)
{
  g_autofree char *first = g_utf8_substring (phrase, 0, 1), *capital = g_utf8_strup (first, -1);

  return g_strconcat (capital, g_utf8_next_char (phrase), NULL);
}

static char *
card_facts (const KairosBuiltinInfo *info)
{
  g_autofree char *count = kairos_format_count (info->n_samples);
  g_autofree char *shape = kairos_format_shape (info->shape);

  return g_strdup_printf (_ ("%s samples · %s · %d classes"), count, shape, info->n_classes);
}

static GtkWidget *
card_new (const KairosBuiltinInfo *info, GtkWidget **picture)
{
  g_autofree char *title = capitalised (g_dgettext (GETTEXT_PACKAGE, info->name)),
                  *summary = capitalised (g_dgettext (GETTEXT_PACKAGE, info->summary));
  g_autofree char *spec = g_strconcat ("builtin:", info->name, NULL), *facts = card_facts (info);
  GtkWidget *button = gtk_button_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4),
            *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);

  *picture = gtk_picture_new ();
  gtk_picture_set_content_fit (GTK_PICTURE (*picture), GTK_CONTENT_FIT_COVER);
  gtk_widget_set_size_request (*picture, CARD_WIDTH, CARD_HEIGHT);
  gtk_widget_set_overflow (*picture, GTK_OVERFLOW_HIDDEN);
  gtk_widget_add_css_class (*picture, "preview");
  gtk_accessible_update_state (GTK_ACCESSIBLE (*picture), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
  gtk_box_append (GTK_BOX (box), *picture);
  gtk_box_append (GTK_BOX (texts), card_label (title, "heading"));
  gtk_box_append (GTK_BOX (texts), card_label (summary, "caption"));
  gtk_widget_add_css_class (texts, "texts");
  gtk_box_append (GTK_BOX (box), texts);
  gtk_button_set_child (GTK_BUTTON (button), box);
  gtk_widget_set_tooltip_text (button, facts);
  gtk_widget_add_css_class (button, "card");
  gtk_widget_add_css_class (button, "data-card");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.new-on");
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", spec);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, facts, -1);
  return button;
}

static void
add_cards (KairosWelcomePage *self)
{
  guint n;
  const KairosBuiltinInfo *infos = kairos_builtin_infos (&n);

  for (guint i = 0; i < n; i++) {
    GtkWidget *picture, *card = card_new (&infos[i], &picture);

    gtk_flow_box_append (GTK_FLOW_BOX (self->cards), card);
    gtk_widget_set_focusable (gtk_widget_get_parent (card), FALSE); /* the button is */
    g_object_set_data (G_OBJECT (card), "picture", picture);
    g_object_set_data (G_OBJECT (card), "info", (gpointer) &infos[i]);
  }
}

/* Only a page that is seen draws. */
static void
kairos_welcome_page_map (GtkWidget *widget)
{
  KairosWelcomePage *self = KAIROS_WELCOME_PAGE (widget);

  GTK_WIDGET_CLASS (kairos_welcome_page_parent_class)->map (widget);
  if (self->drawn)
    return;
  self->drawn = TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (self->cards); child;
       child = gtk_widget_get_next_sibling (child)) {
    GObject *card = G_OBJECT (gtk_flow_box_child_get_child (GTK_FLOW_BOX_CHILD (child)));

    draw_card (self, g_object_get_data (card, "info"), g_object_get_data (card, "picture"));
  }
}

/* ---- Recent sessions ---- */

static void
on_forget (GtkButton *button, gpointer unused)
{
  kairos_recent_remove (g_object_get_data (G_OBJECT (button), "path"));
}

/* The folder, with "~" for the home folder. */
static char *
folder_text (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *display = g_filename_display_name (folder);
  const char *home = g_get_home_dir ();

  return g_str_has_prefix (display, home) ? g_strconcat ("~", display + strlen (home), NULL)
                                          : g_steal_pointer (&display);
}

static GtkWidget *
recent_row_new (const char *path)
{
  g_autofree char *name = g_filename_display_basename (path), *folder = folder_text (path);
  gboolean exists = g_file_test (path, G_FILE_TEST_EXISTS);
  g_autofree char *subtitle = exists ? g_strdup (folder) : g_strdup_printf (_ ("No longer in %s"), folder);
  GtkWidget *row = adw_action_row_new (), *forget = gtk_button_new_from_icon_name ("list-remove-symbolic");
  g_autofree char *label = g_strdup_printf (_ ("Remove %s from this list"), name);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), name);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  gtk_widget_set_valign (forget, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (forget, "flat");
  gtk_widget_set_tooltip_text (forget, _ ("Remove from this list; the file stays"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (forget), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  g_object_set_data_full (G_OBJECT (forget), "path", g_strdup (path), g_free);
  g_signal_connect (forget, "clicked", G_CALLBACK (on_forget), NULL);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), forget);
  if (exists) {
    gtk_actionable_set_action_name (GTK_ACTIONABLE (row), "win.open-recent");
    gtk_actionable_set_action_target (GTK_ACTIONABLE (row), "s", path);
  }
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), exists);
  return row;
}

static void
show_recent (KairosWelcomePage *self)
{
  g_auto (GStrv) paths = kairos_recent_get ();
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (self->recent)))
    gtk_list_box_remove (GTK_LIST_BOX (self->recent), child);
  for (guint i = 0; paths[i]; i++)
    gtk_list_box_append (GTK_LIST_BOX (self->recent), recent_row_new (paths[i]));
  gtk_widget_set_visible (self->recent_group, paths[0] != NULL);
}

/* ---- The object ---- */

/* What can be read, from the readers' own table. */
static void
show_formats (KairosWelcomePage *self)
{
  guint n;
  const KairosReaderInfo *infos = kairos_reader_infos (&n);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    if (!g_str_equal (infos[i].name, "builtin"))
      g_string_append_printf (text, "%s• %s", text->len > 0 ? "\n" : "",
                              g_dgettext (GETTEXT_PACKAGE, infos[i].summary));
  gtk_label_set_text (GTK_LABEL (self->formats), text->str);
}

static void
kairos_welcome_page_dispose (GObject *object)
{
  KairosWelcomePage *self = KAIROS_WELCOME_PAGE (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_pointer (&self->scroller, gtk_widget_unparent);
  G_OBJECT_CLASS (kairos_welcome_page_parent_class)->dispose (object);
}

static void
kairos_welcome_page_finalize (GObject *object)
{
  g_object_unref (KAIROS_WELCOME_PAGE (object)->cancellable);
  G_OBJECT_CLASS (kairos_welcome_page_parent_class)->finalize (object);
}

static void
kairos_welcome_page_class_init (KairosWelcomePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = kairos_welcome_page_dispose;
  G_OBJECT_CLASS (klass)->finalize = kairos_welcome_page_finalize;
  widget_class->map = kairos_welcome_page_map;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/kairos_studio/Kairos/templates/kairos-welcome-page.ui");
  gtk_widget_class_bind_template_child (widget_class, KairosWelcomePage, scroller);
  gtk_widget_class_bind_template_child (widget_class, KairosWelcomePage, cards);
  gtk_widget_class_bind_template_child (widget_class, KairosWelcomePage, recent_group);
  gtk_widget_class_bind_template_child (widget_class, KairosWelcomePage, recent);
  gtk_widget_class_bind_template_child (widget_class, KairosWelcomePage, formats);
}

static void
kairos_welcome_page_init (KairosWelcomePage *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  add_cards (self);
  show_formats (self);
  show_recent (self);
  if (kairos_settings_get ())
    g_signal_connect_object (kairos_settings_get (), "changed::recent-sessions", G_CALLBACK (show_recent), self,
                             G_CONNECT_SWAPPED);
}
