/* SPDX-License-Identifier: MIT */

/* See the header. */
#include "config.h"

#include "common/kairos-busy-page.h"

struct _KairosBusyPage {
  GtkWidget parent_instance;
  GtkWidget *box, *title, *phrase, *progress;
};

enum { PROP_0, PROP_TITLE, N_PROPS };
static GParamSpec *properties[N_PROPS];
static guint cancelled_signal;

G_DEFINE_FINAL_TYPE (KairosBusyPage, kairos_busy_page, GTK_TYPE_WIDGET)

static void
set_title (KairosBusyPage *self, const char *title)
{
  if (g_strcmp0 (gtk_label_get_text (GTK_LABEL (self->title)), title) == 0)
    return;
  gtk_label_set_text (GTK_LABEL (self->title), title ? title : "");
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TITLE]);
}

void
kairos_busy_page_begin (KairosBusyPage *self, const char *title)
{
  set_title (self, title);
  kairos_busy_page_progress (0, "", self);
}

void
kairos_busy_page_progress (double fraction, const char *phrase, gpointer page)
{
  KairosBusyPage *self = KAIROS_BUSY_PAGE (page);

  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->progress), CLAMP (fraction, 0, 1));
  gtk_label_set_text (GTK_LABEL (self->phrase), phrase ? phrase : "");
}

static void
cancel_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_signal_emit (widget, cancelled_signal, 0);
}

static void
kairos_busy_page_dispose (GObject *object)
{
  g_clear_pointer (&KAIROS_BUSY_PAGE (object)->box, gtk_widget_unparent);
  G_OBJECT_CLASS (kairos_busy_page_parent_class)->dispose (object);
}

static void
kairos_busy_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_TITLE)
    g_value_set_string (value, gtk_label_get_text (GTK_LABEL (KAIROS_BUSY_PAGE (object)->title)));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
kairos_busy_page_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_TITLE)
    set_title (KAIROS_BUSY_PAGE (object), g_value_get_string (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
kairos_busy_page_class_init (KairosBusyPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = kairos_busy_page_dispose;
  object_class->get_property = kairos_busy_page_get_property;
  object_class->set_property = kairos_busy_page_set_property;
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL,
                                                G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  cancelled_signal =
      g_signal_new ("cancelled", KAIROS_TYPE_BUSY_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_install_action (widget_class, "busy.cancel", NULL, cancel_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "busy.cancel", NULL);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/kairos_studio/Kairos/templates/kairos-busy-page.ui");
  gtk_widget_class_bind_template_child (widget_class, KairosBusyPage, box);
  gtk_widget_class_bind_template_child (widget_class, KairosBusyPage, title);
  gtk_widget_class_bind_template_child (widget_class, KairosBusyPage, phrase);
  gtk_widget_class_bind_template_child (widget_class, KairosBusyPage, progress);
}

static void
kairos_busy_page_init (KairosBusyPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
