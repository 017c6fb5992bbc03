/* The reader of SFZ texts: what holds for a region, and what is refused with its line. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/sfz.h"
#include "tests/suite.h"

static struct sfz sfz;
static struct error error;

static int parse(const char *text)
{
    /* Exactly as long as it is, so that a reader that goes beyond is caught. */
    size_t n = strlen(text);
    char *alone = malloc(n + !n);
    memcpy(alone, text, n);
    error = (struct error){0};
    sfz_deinit(&sfz);
    int code = sfz_parse(&sfz, alone, n, &error);
    free(alone);
    return code;
}

static double value(unsigned region, enum sfz_opcode opcode)
{
    ck_assert_uint_lt(region, sfz.n_regions);
    return sfz.regions[region].value[opcode];
}

#define REFUSED(lines, part1, part2)                                                                                       \
    do {                                                                                                                   \
        ck_assert_int_eq(parse(lines), ERROR_BAD_FILE);                                                                    \
        ck_assert_msg(strstr(error.text, part1) && strstr(error.text, part2), "%s", error.text);                           \
    } while (0)

START_TEST(a_region_has_what_it_says_and_else_what_the_format_says)
{
    ck_assert_int_eq(parse("<region> sample=a.wav lokey=36 hikey=c4 tune=-12.5"), 0);
    ck_assert_uint_eq(sfz.n_regions, 1);
    ck_assert_str_eq(sfz.regions[0].sample, "a.wav");
    ck_assert_double_eq(value(0, SFZ_LOKEY), 36);
    ck_assert_double_eq(value(0, SFZ_HIKEY), 60);
    ck_assert_double_eq(value(0, SFZ_TUNE), -12.5);
    ck_assert_double_eq(value(0, SFZ_KEYCENTER), 60);
    ck_assert_double_eq(value(0, SFZ_HIVEL), 127);
    ck_assert_double_eq(value(0, SFZ_RELEASE), 0.001);
    ck_assert(sfz.regions[0].given & UINT64_C(1) << SFZ_TUNE);
    ck_assert(!(sfz.regions[0].given & UINT64_C(1) << SFZ_LOOP_MODE));
}
END_TEST

START_TEST(what_a_group_says_holds_for_its_regions_only)
{
    ck_assert_int_eq(parse("<global> volume=-6 pan=10\n<group> volume=-3\n<region> sample=a\n<region> sample=b volume=1\n"
                           "<group>\n<region> sample=c\n<global>\n<region> sample=d\n"),
                     0);
    ck_assert_uint_eq(sfz.n_regions, 4);
    ck_assert_double_eq(value(0, SFZ_VOLUME), -3);
    ck_assert_double_eq(value(1, SFZ_VOLUME), 1);
    ck_assert_double_eq(value(2, SFZ_VOLUME), -6);
    ck_assert_double_eq(value(0, SFZ_PAN), 10);
    ck_assert_double_eq(value(3, SFZ_PAN), 0);
}
END_TEST

START_TEST(a_path_may_hold_blanks_and_takes_the_folder_before_it)
{
    ck_assert_int_eq(parse("<control> default_path=My Kit\\\n<region> sample=loud snare.wav key=38 // the best one\n"
                           "<group> sample=x y.flac<region>key=40"),
                     0);
    ck_assert_str_eq(sfz.regions[0].sample, "My Kit/loud snare.wav");
    ck_assert_double_eq(value(0, SFZ_LOKEY), 38);
    ck_assert_double_eq(value(0, SFZ_HIKEY), 38);
    ck_assert_double_eq(value(0, SFZ_KEYCENTER), 38);
    ck_assert_str_eq(sfz.regions[1].sample, "My Kit/x y.flac");
}
END_TEST

START_TEST(keys_have_names)
{
    static const struct {
        const char *text;
        double key;
    } keys[] = {{"c-1", 0},  {"c4", 60}, {"C#4", 61}, {"db4", 61}, {"a4", 69},
                {"g9", 127}, {"b3", 59}, {"-1", -1},  {"none", -1}};
    for (unsigned i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        double key;
        ck_assert(sfz_value_read(SFZ_LOKEY, keys[i].text, strlen(keys[i].text), &key));
        ck_assert_double_eq(key, keys[i].key);
    }
    double key;
    static const char *const none[] = {"h4", "c", "60.5", "128", "", "nan", "0x30", "c4 ", "a#9", " 4"};
    for (unsigned i = 0; i < sizeof none / sizeof none[0]; i++)
        ck_assert_msg(!sfz_value_read(SFZ_LOKEY, none[i], strlen(none[i]), &key), "%s is %g", none[i], key);
}
END_TEST

START_TEST(offsets_of_notes_move_all_keys)
{
    ck_assert_int_eq(parse("<control> octave_offset=-1 note_offset=2\n<region> sample=a key=60"), 0);
    ck_assert_double_eq(value(0, SFZ_LOKEY), 50);
    ck_assert_double_eq(value(0, SFZ_KEYCENTER), 50);
}
END_TEST

START_TEST(comments_say_nothing)
{
    ck_assert_int_eq(parse("// <region>\n/* <region> sample=no\n\xe9 */<region> sample=a /* b */ key=1\r\n"), 0);
    ck_assert_uint_eq(sfz.n_regions, 1);
    ck_assert_str_eq(sfz.regions[0].sample, "a");
    ck_assert_uint_eq(sfz.regions[0].line, 3);
}
END_TEST

START_TEST(unknown_opcodes_are_counted_and_named_once)
{
    ck_assert_int_eq(parse("<curve> curve_index=7\n<region> sample=a lfo9_freq=3 lfo9_freq=4 bend_up=200"), 0);
    ck_assert_uint_eq(sfz.n_unknown, 4);
    ck_assert_str_eq(sfz.unknown, " curve lfo9_freq bend_up ");
}
END_TEST

START_TEST(silent_regions_are_none)
{
    ck_assert_int_eq(parse("<region> sample=*silence key=1\n<region> sample=b end=-1\n<region> sample=a"), 0);
    ck_assert_uint_eq(sfz.n_regions, 1);
    ck_assert_str_eq(sfz.regions[0].sample, "a");
}
END_TEST

START_TEST(what_is_wrong_is_named_with_its_line)
{
    REFUSED("", "no <region>", "");
    REFUSED("<region> lokey=1\n", "line 1", "no sample");
    REFUSED("<region> sample=a\n<region>\n<region> sample=b", "line 2", "no sample");
    REFUSED("\n<region> sample=a lokey=h4", "line 2", "lokey=h4");
    REFUSED("<region> sample=a lovel=200", "lovel=200", "0 to 127");
    REFUSED("<region> sample=a loop_mode=backwards", "loop_mode=backwards", "loop_continuous");
    REFUSED("lokey=1 <region>", "line 1", "before the first header");
    REFUSED("<region", "line 1", "ends with >");
    REFUSED("<region> sample=a\n#include \"other.sfz\"", "line 2", "#include");
    REFUSED("#define $KEY 60\n<region> sample=a key=$KEY", "line 1", "#define");
    REFUSED("<region> sample=a\x01 wav", "line 1", "0x01");
    REFUSED("<region> sample=\xff", "line 1", "UTF-8");
    REFUSED("<region> sample=a volume=inf", "volume=inf", "-144 to 48");
}
END_TEST

START_TEST(a_path_has_a_bound)
{
    char text[2 * SFZ_PATH_BYTES];
    memset(text, 'x', sizeof text);
    memcpy(text, "<region> sample=", 16);
    text[sizeof text - 1] = '\0';
    REFUSED(text, "line 1", "longer than 1023");
    text[16 + SFZ_PATH_BYTES - 1] = '\0';
    ck_assert_int_eq(parse(text), 0);
}
END_TEST

START_TEST(regions_have_a_bound)
{
    static const char one[] = "<region>sample=a\n";
    size_t n = (SFZ_REGIONS_MAX + 1) * strlen(one);
    char *text = malloc(n + 1);
    for (size_t at = 0; at < n; at += strlen(one))
        memcpy(text + at, one, strlen(one) + 1);
    ck_assert_int_eq(parse(text), ERROR_TOO_BIG);
    text[n - strlen(one)] = '\0';
    ck_assert_int_eq(parse(text), 0);
    ck_assert_uint_eq(sfz.n_regions, SFZ_REGIONS_MAX);
    free(text);
}
END_TEST

START_TEST(every_opcode_reads_its_own_default_and_bounds)
{
    for (enum sfz_opcode i = 0; i < SFZ_OPCODES; i++) {
        const struct sfz_opcode_info *info = &sfz_opcodes[i];
        char text[64];
        double read;
        ck_assert_uint_eq(sfz_opcode_find(info->name, strlen(info->name)), i);
        for (unsigned k = 0; k < 3; k++) {
            double wanted = k == 0 ? info->min : k == 1 ? info->max : info->initial;
            if (info->kind == SFZ_WORD)
                snprintf(text, sizeof text, "%s", info->words[(unsigned)wanted]);
            else
                snprintf(text, sizeof text, "%.17g", wanted);
            ck_assert_msg(sfz_value_read(i, text, strlen(text), &read), "%s=%s", info->name, text);
            ck_assert_double_eq(read, wanted);
        }
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_region_has_what_it_says_and_else_what_the_format_says,
                                  what_a_group_says_holds_for_its_regions_only,
                                  a_path_may_hold_blanks_and_takes_the_folder_before_it,
                                  keys_have_names,
                                  offsets_of_notes_move_all_keys,
                                  comments_say_nothing,
                                  unknown_opcodes_are_counted_and_named_once,
                                  silent_regions_are_none,
                                  what_is_wrong_is_named_with_its_line,
                                  a_path_has_a_bound,
                                  regions_have_a_bound,
                                  every_opcode_reads_its_own_default_and_bounds};
    return suite_run("sfz", 10, tests, sizeof tests / sizeof tests[0]);
}
