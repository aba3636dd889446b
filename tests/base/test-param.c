/* SPDX-License-Identifier: MIT */

/* Parameter schemas: what is refused and in which words, defaults, the schema as JSON. */
#include "kairos/param.h"

#include "kairos/error.h"

static const KairosParam params[] = {
  { "kernel", KAIROS_PARAM_INT, "pixels", 1, 11, 3, NULL, "Side of the square kernel." },
  { "slope", KAIROS_PARAM_REAL, NULL, 0, 0.5, 0.01, NULL, "Slope below zero." },
  { "bias", KAIROS_PARAM_BOOL, NULL, 0, 1, 1, NULL, "Whether a constant is added." },
  { "padding", KAIROS_PARAM_CHOICE, NULL, 0, 0, 0, "same|valid", "What happens at the border." },
  { "label", KAIROS_PARAM_TEXT, NULL, 1, 5, 0, "none", "A name." },
};

static const KairosParam lists[] = {
  { "ids", KAIROS_PARAM_LIST, NULL, 0, 99, 0, NULL, "Samples." },
  { "classes", KAIROS_PARAM_LIST, NULL, 0, 9, 0, "classes", "Classes." },
  { "layers", KAIROS_PARAM_LIST, NULL, 1, 0, 0, "layers", "Layers." },
  { "points", KAIROS_PARAM_POINTS, NULL, 0, 1, 0, NULL, "A curve." },
};

static JsonObject *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = json_from_string (text, &error);

  g_assert_no_error (error);
  return json_object_ref (json_node_get_object (node));
}

static void
test_accepted (void)
{
  static const char *const accepted[] = {
    "{}",
    "{\"kernel\": 1, \"slope\": 0.5, \"bias\": false, \"padding\": \"valid\", \"label\": \"\303\251t\303\251\"}",
    "{\"kernel\": 3.0, \"slope\": 0}",
    "{\"layer\": \"conv\", \"kind\": \"x\", \"name\": \"y\", \"comment\": [1, 2]}",
  };
  static const char *const also[] = { "comment", NULL };

  for (guint i = 0; i < G_N_ELEMENTS (accepted); i++) {
    g_autoptr (JsonObject) values = parse (accepted[i]);
    g_autoptr (GError) error = NULL;

    g_assert_true (kairos_params_check (params, G_N_ELEMENTS (params), values, "layer 3 (conv)", also, &error));
    g_assert_no_error (error);
  }
  g_assert_true (kairos_params_check (params, G_N_ELEMENTS (params), NULL, "layer 3 (conv)", NULL, NULL));
}

static void
test_refused (void)
{
  static const struct {
    const char *text, *message;
    KairosError code;
  } refused[] = {
    { "{\"kernel\": 0}", "layer 3 (conv): \"kernel\" is 0, but must be a whole number from 1 to 11 pixels",
      KAIROS_ERROR_RANGE },
    { "{\"kernel\": 12}", "layer 3 (conv): \"kernel\" is 12, but must be a whole number from 1 to 11 pixels",
      KAIROS_ERROR_RANGE },
    { "{\"kernel\": 2.5}", "layer 3 (conv): \"kernel\" is 2.5, but must be a whole number from 1 to 11 pixels",
      KAIROS_ERROR_RANGE },
    { "{\"kernel\": \"3\"}", "layer 3 (conv): \"kernel\" is \"3\", but must be a whole number from 1 to 11 pixels",
      KAIROS_ERROR_RANGE },
    { "{\"kernel\": null}", "layer 3 (conv): \"kernel\" is null, but must be a whole number from 1 to 11 pixels",
      KAIROS_ERROR_RANGE },
    { "{\"slope\": -0.5}", "layer 3 (conv): \"slope\" is -0.5, but must be a number from 0 to 0.5",
      KAIROS_ERROR_RANGE },
    { "{\"slope\": true}", "layer 3 (conv): \"slope\" is true, but must be a number from 0 to 0.5",
      KAIROS_ERROR_RANGE },
    { "{\"bias\": 1}", "layer 3 (conv): \"bias\" is 1, but must be true or false", KAIROS_ERROR_RANGE },
    { "{\"padding\": \"full\"}", "layer 3 (conv): \"padding\" is \"full\", but must be one of same, valid",
      KAIROS_ERROR_RANGE },
    { "{\"padding\": [\"same\"]}", "layer 3 (conv): \"padding\" is [\"same\"], but must be one of same, valid",
      KAIROS_ERROR_RANGE },
    { "{\"label\": \"\"}", "layer 3 (conv): \"label\" is \"\", but must be a text of 1 to 5 characters",
      KAIROS_ERROR_RANGE },
    { "{\"label\": \"abcdef\"}", "layer 3 (conv): \"label\" is \"abcdef\", but must be a text of 1 to 5 characters",
      KAIROS_ERROR_RANGE },
    { "{\"size\": 3}",
      "layer 3 (conv): there is no setting \"size\"; the settings are kernel, slope, bias, padding, label",
      KAIROS_ERROR_MISSING },
  };

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++) {
    g_autoptr (JsonObject) values = parse (refused[i].text);
    g_autoptr (GError) error = NULL;

    g_assert_false (kairos_params_check (params, G_N_ELEMENTS (params), values, "layer 3 (conv)", NULL, &error));
    g_assert_error (error, KAIROS_ERROR, refused[i].code);
    g_assert_cmpstr (error->message, ==, refused[i].message);
  }
}

static void
test_lists (void)
{
  static const struct {
    const char *text, *message; /* NULL: accepted */
  } cases[] = {
    { "{\"ids\": [], \"classes\": [4, \"cat\"], \"layers\": [\"conv1\"], \"points\": [[0, 1], [2.5, 0]]}", NULL },
    { "{\"ids\": 3}", "x: \"ids\" is 3, but must be a list of whole numbers from 0 to 99" },
    { "{\"ids\": [100]}", "x: \"ids\" is [100], but must be a list of whole numbers from 0 to 99" },
    { "{\"ids\": [1.5]}", "x: \"ids\" is [1.5], but must be a list of whole numbers from 0 to 99" },
    { "{\"ids\": [\"cat\"]}", "x: \"ids\" is [\"cat\"], but must be a list of whole numbers from 0 to 99" },
    { "{\"classes\": [10]}", "x: \"classes\" is [10], but must be a list of names or numbers of classes from 0 to 9" },
    { "{\"layers\": [1]}", "x: \"layers\" is [1], but must be a list of names of layers" },
    { "{\"points\": [[1, 0], [1, 1]]}", "x: \"points\" is [[1,0],[1,1]], but must be a list of [time, value] with "
                                        "growing times from 0 on and values from 0 to 1" },
    { "{\"points\": [[0, 2]]}", "x: \"points\" is [[0,2]], but must be a list of [time, value] with growing times from "
                                "0 on and values from 0 to 1" },
    { "{\"points\": [0]}",
      "x: \"points\" is [0], but must be a list of [time, value] with growing times from 0 on and values from 0 to 1" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (JsonObject) values = parse (cases[i].text);
    g_autoptr (GError) error = NULL;

    g_assert_true (kairos_params_check (lists, G_N_ELEMENTS (lists), values, "x", NULL, &error) == (!cases[i].message));
    g_assert_cmpstr (error ? error->message : NULL, ==, cases[i].message);
  }
  g_autoptr (JsonObject) values = parse (cases[0].text);
  g_assert_null (kairos_params_list (lists, G_N_ELEMENTS (lists), values, "ids"));
  g_assert_cmpuint (json_array_get_length (kairos_params_list (lists, G_N_ELEMENTS (lists), values, "classes")), ==, 2);
}

static void
test_no_settings (void)
{
  g_autoptr (JsonObject) values = parse ("{\"size\": 3}");
  g_autoptr (GError) error = NULL;

  g_assert_false (kairos_params_check (NULL, 0, values, "layer 1 (relu)", NULL, &error));
  g_assert_cmpstr (error->message, ==, "layer 1 (relu): there is no setting \"size\"; it takes no settings");
}

static void
test_values (void)
{
  g_autoptr (JsonObject) given =
      parse ("{\"kernel\": 5, \"slope\": 0.25, \"bias\": false, \"padding\": \"valid\", \"label\": \"x\"}");
  guint n = G_N_ELEMENTS (params);

  g_assert_cmpfloat (kairos_params_number (params, n, given, "kernel"), ==, 5);
  g_assert_cmpfloat (kairos_params_number (params, n, given, "slope"), ==, 0.25);
  g_assert_cmpfloat (kairos_params_number (params, n, given, "bias"), ==, 0);
  g_assert_cmpstr (kairos_params_text (params, n, given, "padding"), ==, "valid");
  g_assert_cmpstr (kairos_params_text (params, n, given, "label"), ==, "x");
}

static void
test_defaults (void)
{
  guint n = G_N_ELEMENTS (params);

  g_assert_cmpfloat (kairos_params_number (params, n, NULL, "kernel"), ==, 3);
  g_assert_cmpfloat (kairos_params_number (params, n, NULL, "slope"), ==, 0.01);
  g_assert_cmpfloat (kairos_params_number (params, n, NULL, "bias"), ==, 1);
  g_assert_cmpstr (kairos_params_text (params, n, NULL, "padding"), ==, "same");
  g_assert_cmpstr (kairos_params_text (params, n, NULL, "label"), ==, "none");
}

static void
test_to_json (void)
{
  g_autoptr (JsonNode) schema = kairos_params_to_json (params, G_N_ELEMENTS (params));
  g_autofree char *text = json_to_string (schema, FALSE);

  g_assert_cmpstr (
      text, ==,
      "[{\"name\":\"kernel\",\"type\":\"int\",\"unit\":\"pixels\",\"min\":1,\"max\":11,\"default\":3,\"choices\":null,"
      "\"help\":\"Side of the square kernel.\"},"
      "{\"name\":\"slope\",\"type\":\"real\",\"unit\":null,\"min\":0.0,\"max\":0.5,\"default\":0.01,\"choices\":null,"
      "\"help\":\"Slope below zero.\"},"
      "{\"name\":\"bias\",\"type\":\"bool\",\"unit\":null,\"min\":null,\"max\":null,\"default\":true,\"choices\":null,"
      "\"help\":\"Whether a constant is added.\"},"
      "{\"name\":\"padding\",\"type\":\"choice\",\"unit\":null,\"min\":null,\"max\":null,\"default\":\"same\","
      "\"choices\":[\"same\",\"valid\"],\"help\":\"What happens at the border.\"},"
      "{\"name\":\"label\",\"type\":\"text\",\"unit\":null,\"min\":1,\"max\":5,\"default\":\"none\",\"choices\":null,"
      "\"help\":\"A name.\"}]");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/param/accepted", test_accepted);
  g_test_add_func ("/param/refused", test_refused);
  g_test_add_func ("/param/lists", test_lists);
  g_test_add_func ("/param/no-settings", test_no_settings);
  g_test_add_func ("/param/values", test_values);
  g_test_add_func ("/param/defaults", test_defaults);
  g_test_add_func ("/param/to-json", test_to_json);
  return g_test_run ();
}
