/* SPDX-License-Identifier: MIT */

/* Undo by scripts: "set a 2; set b 5; undo; undo; redo" -> "a=2 b=0", and random scripts: undoing all gives the
 * beginning, redoing all the end. */
#include "src/app/undo.h"

#include <string.h>

/* The values of a and b, as text. */
typedef struct {
  char *values[2];
  KairosUndo *undo;
} State;

static State
state_new (void)
{
  return (State){ { g_strdup ("0"), g_strdup ("0") }, kairos_undo_new () };
}

static void
state_clear (State *state)
{
  g_free (state->values[0]);
  g_free (state->values[1]);
  kairos_undo_free (state->undo);
}

static char **
value_of (State *state, const char *name)
{
  return &state->values[name[0] - 'a'];
}

static void
assign (State *state, const char *name, const char *value)
{
  char **at = value_of (state, name);
  char *copy = g_strdup (value);

  g_free (*at);
  *at = copy;
}

static void
run (State *state, const char *command)
{
  g_auto (GStrv) words = g_strsplit (command, " ", -1);
  const KairosUndoChange *change;

  if (g_str_equal (words[0], "set")) {
    kairos_undo_push (state->undo, words[1], *value_of (state, words[1]), words[2]);
    assign (state, words[1], words[2]);
  } else if (g_str_equal (words[0], "undo")) {
    change = kairos_undo_back (state->undo);
    if (change)
      assign (state, change->name, change->before);
  } else {
    change = kairos_undo_forward (state->undo);
    if (change)
      assign (state, change->name, change->after);
  }
}

static char *
describe (State *state)
{
  return g_strdup_printf ("a=%s b=%s", state->values[0], state->values[1]);
}

static void
assert_script (const char *script, const char *expected)
{
  State state = state_new ();
  g_auto (GStrv) commands = g_strsplit (script, "; ", -1);
  g_autofree char *result = NULL;

  for (guint i = 0; commands[i]; i++)
    run (&state, commands[i]);
  result = describe (&state);
  g_assert_cmpstr (result, ==, expected);
  state_clear (&state);
}

static void
test_scripts (void)
{
  assert_script ("undo; redo", "a=0 b=0");
  assert_script ("set a 1; undo", "a=0 b=0");
  assert_script ("set a 1; undo; redo", "a=1 b=0");
  assert_script ("set a 2; set b 5; undo; undo; redo", "a=2 b=0");
  assert_script ("set a 1; set a 2; undo; set b 3; redo", "a=1 b=3");
  assert_script ("set a 1; set a 2; undo; set b 3; undo; undo; undo", "a=0 b=0");
}

static void
test_random (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (g_test_rand_int ());

  for (int round = 0; round < 200; round++) {
    State state = state_new ();
    g_autofree char *end = NULL, *again = NULL, *begin = NULL;

    for (int i = 0; i < 40; i++) {
      g_autofree char *set =
          g_strdup_printf ("set %c %d", g_rand_boolean (rand) ? 'a' : 'b', g_rand_int_range (rand, 0, 9));
      int kind = g_rand_int_range (rand, 0, 4);

      run (&state, kind == 0 ? "undo" : kind == 1 ? "redo" : set);
    }
    while (kairos_undo_can_go_forward (state.undo))
      run (&state, "redo");
    end = describe (&state);
    while (kairos_undo_can_go_back (state.undo))
      run (&state, "undo");
    begin = describe (&state);
    g_assert_cmpstr (begin, ==, "a=0 b=0");
    while (kairos_undo_can_go_forward (state.undo))
      run (&state, "redo");
    again = describe (&state);
    g_assert_cmpstr (again, ==, end);
    state_clear (&state);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/undo/scripts", test_scripts);
  g_test_add_func ("/undo/random", test_random);
  return g_test_run ();
}
