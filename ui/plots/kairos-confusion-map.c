/* SPDX-License-Identifier: MIT */

/* The confusion matrix of many classes: drawn, with a line below that reads the cell under the pointer, and a list of
 * the largest confusions for the keyboard and for all who do not see the drawing. */
#include "config.h"

#include "plots/kairos-confusion.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#define N_LISTED 30

struct _KairosConfusionMap {
  GtkWidget parent_instance;
  GtkWidget *area, *readout, *list;
  GPtrArray *rows; /* GtkListBoxRow, N_LISTED */
  KairosConfusion *confusion;
  cairo_surface_t *image; /* a pixel a cell; NULL: to be made */
  int hover;              /* label * n + prediction, -1 none */
};

G_DEFINE_FINAL_TYPE (KairosConfusionMap, kairos_confusion_map, GTK_TYPE_WIDGET)

/* ---- The drawing ---- */

static cairo_surface_t *
create_image (KairosConfusion *confusion)
{
  cairo_surface_t *image = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, confusion->n, confusion->n);
  guint8 *pixels = cairo_image_surface_get_data (image);
  int stride = cairo_image_surface_get_stride (image);
  gboolean dark = adw_style_manager_get_dark (adw_style_manager_get_default ());

  for (guint label = 0; label < confusion->n; label++)
    for (guint prediction = 0; prediction < confusion->n; prediction++) {
      GdkRGBA c = kairos_confusion_color (confusion, label, prediction, dark);
      guint a = c.alpha * 255, r = c.red * a, g = c.green * a, b = c.blue * a;

      *(guint32 *) (void *) (pixels + label * stride + prediction * 4) = a << 24 | r << 16 | g << 8 | b;
    }
  cairo_surface_mark_dirty (image);
  return image;
}

/* The matrix is the largest square in the middle of the area. */
static double
square (int width, int height, double *x, double *y)
{
  double side = MAX (1, MIN (width, height) - 2);

  *x = (width - side) / 2;
  *y = (height - side) / 2;
  return side;
}

static void
on_draw (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer user_data)
{
  KairosConfusionMap *map = user_data;
  double x, y, side = square (width, height, &x, &y);
  GdkRGBA color;

  if (!map->confusion)
    return;
  if (!map->image)
    map->image = create_image (map->confusion);
  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (area)), &color);
  cairo_translate (cr, x, y);
  cairo_set_line_width (cr, 1);
  cairo_set_source_rgba (cr, color.red, color.green, color.blue, 0.2);
  cairo_rectangle (cr, -0.5, -0.5, side + 1, side + 1);
  cairo_stroke (cr);
  cairo_scale (cr, side / map->confusion->n, side / map->confusion->n);
  cairo_set_source_surface (cr, map->image, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_NEAREST);
  cairo_paint (cr);
  if (map->hover >= 0) {
    cairo_rectangle (cr, map->hover % map->confusion->n, map->hover / map->confusion->n, 1, 1);
    cairo_set_line_width (cr, 1.5 * map->confusion->n / side);
    gdk_cairo_set_source_rgba (cr, &color);
    cairo_stroke (cr);
  }
}

/* ---- Pointing ---- */

static void
show_readout (KairosConfusionMap *map)
{
  g_autofree char *text = NULL;

  if (map->hover >= 0)
    text = kairos_confusion_describe (map->confusion, map->hover / map->confusion->n, map->hover % map->confusion->n);
  gtk_label_set_text (GTK_LABEL (map->readout),
                      text ? text
                           : _ ("Rows: labels. Columns: predictions. Point to read a cell, click to see its samples."));
}

static void
set_hover (KairosConfusionMap *map, int hover)
{
  if (hover == map->hover)
    return;
  map->hover = hover;
  show_readout (map);
  gtk_widget_queue_draw (map->area);
}

static void
on_motion (KairosConfusionMap *map, double px, double py)
{
  double x, y, side = square (gtk_widget_get_width (map->area), gtk_widget_get_height (map->area), &x, &y);

  if (!map->confusion || px < x || py < y || px >= x + side || py >= y + side)
    set_hover (map, -1);
  else
    set_hover (map, (int) ((py - y) / side * map->confusion->n) * (int) map->confusion->n +
                        (int) ((px - x) / side * map->confusion->n));
}

static void
on_leave (KairosConfusionMap *map)
{
  set_hover (map, -1);
}

static void
on_released (KairosConfusionMap *map, int n_press, double x, double y)
{
  on_motion (map, x, y);
  if (map->hover >= 0)
    gtk_widget_activate_action (GTK_WIDGET (map), "confusion.select", "(uu)", map->hover / map->confusion->n,
                                map->hover % map->confusion->n);
}

/* ---- The list ---- */

typedef struct {
  guint label, prediction, count;
} Pair;

static int
compare_pairs (gconstpointer a, gconstpointer b)
{
  const Pair *x = a, *y = b;

  if (x->count != y->count)
    return x->count > y->count ? -1 : 1;
  return x->label != y->label ? (x->label < y->label ? -1 : 1) : (x->prediction < y->prediction ? -1 : 1);
}

static GArray *
largest_pairs (KairosConfusion *confusion)
{
  GArray *pairs = g_array_new (FALSE, FALSE, sizeof (Pair));

  for (guint label = 0; label < confusion->n; label++)
    for (guint prediction = 0; prediction < confusion->n; prediction++) {
      Pair pair = { label, prediction, kairos_confusion_get (confusion, label, prediction) };

      if (label != prediction && pair.count > 0)
        g_array_append_val (pairs, pair);
    }
  g_array_sort (pairs, compare_pairs);
  return pairs;
}

static void
update_list (KairosConfusionMap *map)
{
  g_autoptr (GArray) pairs = largest_pairs (map->confusion);

  for (guint i = 0; i < N_LISTED; i++) {
    GtkWidget *row = g_ptr_array_index (map->rows, i);
    g_autofree char *text = NULL;

    gtk_widget_set_visible (row, i < pairs->len);
    if (i >= pairs->len)
      continue;
    text = kairos_confusion_describe (map->confusion, g_array_index (pairs, Pair, i).label,
                                      g_array_index (pairs, Pair, i).prediction);
    gtk_label_set_text (GTK_LABEL (gtk_list_box_row_get_child (GTK_LIST_BOX_ROW (row))), text);
    gtk_actionable_set_action_target (GTK_ACTIONABLE (row), "(uu)", g_array_index (pairs, Pair, i).label,
                                      g_array_index (pairs, Pair, i).prediction);
  }
}

static GtkWidget *
create_list (KairosConfusionMap *map)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();

  map->list = gtk_list_box_new ();
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (map->list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (map->list, "boxed-list");
  gtk_widget_set_valign (map->list, GTK_ALIGN_START);
  gtk_accessible_update_property (GTK_ACCESSIBLE (map->list), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Largest confusions"),
                                  -1);
  for (int i = 0; i < N_LISTED; i++) {
    GtkWidget *row = gtk_list_box_row_new (), *label = gtk_label_new (NULL);

    gtk_label_set_xalign (GTK_LABEL (label), 0);
    gtk_label_set_wrap (GTK_LABEL (label), TRUE);
    gtk_widget_add_css_class (label, "caption");
    gtk_widget_set_margin_start (label, 10);
    gtk_widget_set_margin_end (label, 10);
    gtk_widget_set_margin_top (label, 6);
    gtk_widget_set_margin_bottom (label, 6);
    gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), label);
    gtk_actionable_set_action_target (GTK_ACTIONABLE (row), "(uu)", 0, 0);
    gtk_actionable_set_action_name (GTK_ACTIONABLE (row), "confusion.select");
    gtk_list_box_append (GTK_LIST_BOX (map->list), row);
    g_ptr_array_add (map->rows, row);
  }
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), map->list);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_widget_set_size_request (scrolled, 260, -1);
  return scrolled;
}

/* ---- The widget ---- */

void
kairos_confusion_map_update (KairosConfusionMap *map, KairosConfusion *confusion)
{
  if (!map->confusion || !confusion || map->confusion->n != confusion->n)
    map->hover = -1;
  g_clear_pointer (&map->confusion, kairos_confusion_free);
  g_clear_pointer (&map->image, cairo_surface_destroy);
  map->confusion = confusion;
  gtk_widget_queue_draw (map->area);
  if (!confusion)
    return;
  show_readout (map);
  update_list (map);
}

static void
kairos_confusion_map_dispose (GObject *object)
{
  KairosConfusionMap *map = KAIROS_CONFUSION_MAP (object);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (map))))
    gtk_widget_unparent (child);
  g_clear_pointer (&map->rows, g_ptr_array_unref);
  g_clear_pointer (&map->confusion, kairos_confusion_free);
  g_clear_pointer (&map->image, cairo_surface_destroy);
  G_OBJECT_CLASS (kairos_confusion_map_parent_class)->dispose (object);
}

static void
kairos_confusion_map_class_init (KairosConfusionMapClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = kairos_confusion_map_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "confusionmap");
}

static void
add_controllers (KairosConfusionMap *map)
{
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  g_signal_connect_swapped (motion, "motion", G_CALLBACK (on_motion), map);
  g_signal_connect_swapped (motion, "leave", G_CALLBACK (on_leave), map);
  g_signal_connect_swapped (click, "released", G_CALLBACK (on_released), map);
  gtk_widget_add_controller (map->area, motion);
  gtk_widget_add_controller (map->area, GTK_EVENT_CONTROLLER (click));
}

static void
kairos_confusion_map_init (KairosConfusionMap *map)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  map->hover = -1;
  map->rows = g_ptr_array_new ();
  map->area = gtk_drawing_area_new ();
  map->readout = gtk_label_new (NULL);
  gtk_box_layout_set_spacing (GTK_BOX_LAYOUT (gtk_widget_get_layout_manager (GTK_WIDGET (map))), 12);
  gtk_widget_set_hexpand (map->area, TRUE);
  gtk_widget_set_vexpand (map->area, TRUE);
  gtk_widget_set_size_request (map->area, 200, 200);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (map->area), on_draw, map, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (map->area), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Confusion matrix; the list beside it has its largest entries"), -1);
  gtk_label_set_ellipsize (GTK_LABEL (map->readout), PANGO_ELLIPSIZE_END);
  gtk_box_append (GTK_BOX (box), map->area);
  gtk_box_append (GTK_BOX (box), map->readout);
  gtk_widget_set_parent (box, GTK_WIDGET (map));
  gtk_widget_set_parent (create_list (map), GTK_WIDGET (map));
  add_controllers (map);
}
