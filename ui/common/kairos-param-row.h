/* SPDX-License-Identifier: MIT */

/* One hyper-parameter as a row: its title, its plain sentence, and the control that fits its type.  Made from the
 * schema alone, so a new parameter needs no line here.
 *
 * Properties: "text" (string): the value as kairos_config_set() takes it; "valid" (boolean, read-only): whether it
 * would be accepted. Signal: "edited" (): the person changed the value (not emitted when a program sets it).
 */
#pragma once

#include <adwaita.h>
#include <kairos/param.h>

G_BEGIN_DECLS

#define KAIROS_TYPE_PARAM_ROW (kairos_param_row_get_type ())
G_DECLARE_FINAL_TYPE (KairosParamRow, kairos_param_row, KAIROS, PARAM_ROW, AdwActionRow)

KairosParamRow *kairos_param_row_new (const KairosParam *param); /* param must stay */
const char *kairos_param_row_get_name (KairosParamRow *self);
const char *kairos_param_row_get_text (KairosParamRow *self);
void kairos_param_row_set_text (KairosParamRow *self, const char *text);
gboolean kairos_param_row_get_valid (KairosParamRow *self);
/* Replaces the sentence below the title for the time being (what is in force, what is wrong); NULL: the schema's help
 * again. */
void kairos_param_row_set_note (KairosParamRow *self, const char *note);

/* "learning-rate" -> "Learning rate", translated.  Caller frees. */
char *kairos_param_title (const char *name);
/* The rate that "learning-rate" 0 stands for, as text: the optimizer's own.  Caller frees. */
char *kairos_param_default_rate (const char *optimizer);

G_END_DECLS
