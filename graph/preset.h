/* Sounds of a class that are ready to be played (struct preset, graph/node.h): what loading one sets. */
#pragma once

#include "graph/tx.h"

/* The one with this name, or null. */
DAWD_ANY const struct preset *preset_find(const struct node_class *class, const char *name);

/* The same, or no_match with those that there are. `name` null: bad_type. */
DAWD_ANY const struct preset *preset_get(const struct node_class *class, const char *name, struct error *error);

/* Whether a preset has a say in the row: what is chosen at creation, of the moment, or of the player is not its
 * business. */
DAWD_ANY bool preset_has_row(const struct param_info *info);

/* The value of every row with the preset: those that it names, the initial ones of the rest; rows that are none of its business are
 * not touched. bad_value, range, no_such_param and so on where the table is wrong. */
DAWD_ANY int preset_read(const struct node_class *class, const struct preset *preset, struct base *values,
                         struct error *error);

/* Loads it: sets whatever is to become another value, as tx_set_base does. */
DAWD_CTL int preset_stage(struct tx *tx, struct node *node, const struct preset *preset, double glide_s,
                          struct error *error);
