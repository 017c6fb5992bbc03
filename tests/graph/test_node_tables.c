/* The tables of every node class: addresses, help and range checks follow from them. */
#include <check.h>
#include <string.h>

#include "graph/preset.h"
#include "tests/suite.h"

static const char *const units[] = {"",   "Hz",    "dB",      "dBFS",  "dBTP", "LUFS",   "LU",       "s",
                                    "ms", "cents", "octaves", "beats", "bits", "frames", "semitones"};

static const struct node_class *class_at(int i)
{
    return node_registry[i];
}

static bool legal(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz", others[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
    return name && *name && strchr(letters, *name) && strspn(name, others) == strlen(name);
}

/* Choices are no part of an address. */
static bool legal_choice(const char *name)
{
    static const char others[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
    return legal((const char[]){name[0], '\0'}) && strspn(name, others) == strlen(name);
}

START_TEST(classes_have_legal_unique_names_in_order)
{
    const struct node_class *class = class_at(_i);
    ck_assert_msg(legal(class->name), "'%s' is no legal name", class->name);
    ck_assert_ptr_eq(node_class_find(class->name), class);
    if (_i)
        ck_assert_str_lt(class_at(_i - 1)->name, class->name);
}
END_TEST

static unsigned n_names(const struct node_class *class)
{
    return class->n_params + class->n_inputs + class->n_outputs + class->n_readings;
}

static const char *name_at(const struct node_class *class, unsigned i)
{
    if (i < class->n_params)
        return class->params[i].name;
    i -= class->n_params;
    if (i < class->n_inputs)
        return class->inputs[i].name;
    i -= class->n_inputs;
    return i < class->n_outputs ? class->outputs[i].name : class->readings[i - class->n_outputs].name;
}

START_TEST(names_of_parameters_ports_and_readings_are_legal_and_disjoint)
{
    const struct node_class *class = class_at(_i);
    for (unsigned i = 0; i < n_names(class); i++) {
        ck_assert_msg(legal(name_at(class, i)), "%s: '%s' is no legal name", class->name, name_at(class, i));
        for (unsigned j = 0; j < i; j++)
            ck_assert_msg(strcmp(name_at(class, i), name_at(class, j)), "%s has two things named %s", class->name,
                          name_at(class, i));
    }
}
END_TEST

/* Wherever they come from, notes go to NODE:in. */
START_TEST(notes_come_in_at_a_port_of_one_name)
{
    const struct node_class *class = class_at(_i);
    unsigned row = port_info_of_events(class->inputs, class->n_inputs);
    if (row < class->n_inputs)
        ck_assert_msg(strcmp(class->inputs[row].name, "in") == 0, "%s: '%s'", class->name, class->inputs[row].name);
}
END_TEST

static bool is_sentence(const char *help)
{
    return help && strlen(help) > 8 && help[strlen(help) - 1] == '.';
}

static bool unit_known(const char *unit)
{
    for (unsigned i = 0; unit && i < ROWS(units); i++)
        if (strcmp(unit, units[i]) == 0)
            return true;
    return false;
}

START_TEST(everything_has_a_help_sentence_and_a_known_unit)
{
    const struct node_class *class = class_at(_i);
    ck_assert_msg(is_sentence(class->help), "%s: no help", class->name);
    for (unsigned i = 0; i < class->n_params; i++) {
        ck_assert_msg(is_sentence(class->params[i].help), "%s.%s: no help", class->name, class->params[i].name);
        ck_assert_msg(unit_known(class->params[i].unit), "%s.%s: unknown unit", class->name, class->params[i].name);
    }
    for (unsigned i = 0; i < class->n_inputs; i++)
        ck_assert_msg(is_sentence(class->inputs[i].help), "%s.%s: no help", class->name, class->inputs[i].name);
    for (unsigned i = 0; i < class->n_outputs; i++)
        ck_assert_msg(is_sentence(class->outputs[i].help), "%s.%s: no help", class->name, class->outputs[i].name);
    for (unsigned i = 0; i < class->n_readings; i++) {
        ck_assert_msg(is_sentence(class->readings[i].help), "%s.%s: no help", class->name, class->readings[i].name);
        ck_assert_msg(unit_known(class->readings[i].unit), "%s.%s: unknown unit", class->name, class->readings[i].name);
    }
}
END_TEST

static unsigned n_choices(const struct param_info *param)
{
    unsigned n = 0;
    while (param->choices && param->choices[n]) {
        ck_assert_msg(legal_choice(param->choices[n]), "%s: '%s' is no legal name", param->name, param->choices[n]);
        n++;
    }
    return n;
}

static void check_range(const char *class, const struct param_info *param)
{
    ck_assert_msg(param->min <= param->initial && param->initial <= param->max, "%s.%s: initial value outside", class,
                  param->name);
    if (param->kind == PARAM_CONTINUOUS)
        ck_assert_msg(param->min < param->max && param->glide_s >= 0 && param->glide_s <= 1, "%s.%s", class, param->name);
    if (param->curve == CURVE_LOG)
        ck_assert_msg(param->min > 0, "%s.%s: a logarithmic curve needs a positive least value", class, param->name);
    if (param->kind == PARAM_CHOICE)
        ck_assert_msg(param->min == 0 && param->max == (float)n_choices(param) - 1, "%s.%s: range and choices", class,
                      param->name);
    if (param->kind == PARAM_SWITCH)
        ck_assert_msg(param->min == 0 && param->max == 1, "%s.%s: a switch is 0 or 1", class, param->name);
}

START_TEST(parameters_have_a_range_with_the_initial_value_inside)
{
    for (unsigned i = 0; i < class_at(_i)->n_params; i++)
        check_range(class_at(_i)->name, &class_at(_i)->params[i]);
}
END_TEST

static const struct param_info *param_named(const struct node_class *class, const char *name)
{
    for (unsigned i = 0; i < class->n_params; i++)
        if (strcmp(class->params[i].name, name) == 0)
            return &class->params[i];
    return NULL;
}

/* As /describe tells clients. */
START_TEST(what_locks_has_a_rate_that_takes_note_values)
{
    const struct param_info *lock = param_named(class_at(_i), "lock"), *rate = param_named(class_at(_i), "rate");
    if (lock && lock->kind == PARAM_SWITCH)
        ck_assert(rate && note_fits(rate) && strcmp(rate->unit, "Hz") == 0);
}
END_TEST

START_TEST(classes_have_widths_and_a_process)
{
    const struct node_class *class = class_at(_i);
    ck_assert_ptr_nonnull(class->process);
    ck_assert_uint_ge(class->channels, 1);
    ck_assert_uint_le(class->channels_max, PORT_CHANNELS_MAX);
    if (class->channels_max)
        ck_assert_uint_le(class->channels, class->channels_max);
    for (unsigned i = 0; i < class->n_inputs; i++)
        ck_assert_uint_le(class->inputs[i].channels, PORT_CHANNELS_MAX);
    for (unsigned i = 0; i < class->n_outputs; i++)
        ck_assert_uint_le(class->outputs[i].channels, PORT_CHANNELS_MAX);
}
END_TEST

/* In range, spelt right, and none of what is chosen at creation: what preset_read checks. */
START_TEST(presets_can_be_loaded_and_have_names_of_their_own)
{
    const struct node_class *class = class_at(_i);
    struct base values[256];
    ck_assert_uint_lt(class->n_params, ROWS(values));
    for (unsigned i = 0; i < class->n_presets; i++) {
        const struct preset *preset = &class->presets[i];
        struct error error = {0};
        ck_assert_msg(legal(preset->name) && !param_named(class, preset->name), "%s: preset '%s'", class->name,
                      preset->name);
        ck_assert_ptr_eq(preset_find(class, preset->name), preset);
        ck_assert_msg(is_sentence(preset->help), "%s: preset %s: no help", class->name, preset->name);
        ck_assert_msg(!preset_read(class, preset, values, &error), "%s: preset %s: %s", class->name, preset->name,
                      error.text);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        classes_have_legal_unique_names_in_order,          names_of_parameters_ports_and_readings_are_legal_and_disjoint,
        everything_has_a_help_sentence_and_a_known_unit,   parameters_have_a_range_with_the_initial_value_inside,
        what_locks_has_a_rate_that_takes_note_values,      classes_have_widths_and_a_process,
        presets_can_be_loaded_and_have_names_of_their_own, notes_come_in_at_a_port_of_one_name,
    };
    TCase *tcase = tcase_create("every class");
    tcase_set_timeout(tcase, 60);
    for (unsigned i = 0; i < ROWS(tests); i++)
        tcase_add_loop_test(tcase, tests[i], 0, (int)n_node_registry);
    return suite_run_case("tables of nodes", tcase);
}
