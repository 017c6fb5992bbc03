#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/options.h"
#include "tests/suite.h"

#define WORDS_MAX 64

static struct options options;
static struct error error;

/* Parses "dawd" and the words, which end with null. */
static int parse(const char *const *words)
{
    char *argv[WORDS_MAX] = {"dawd"};
    int argc = 1;
    for (; words[argc - 1]; argc++)
        argv[argc] = (char *)words[argc - 1];
    error = (struct error){0};
    return options_parse(&options, argc, argv, &error);
}

#define PARSE(...) parse((const char *const[]){__VA_ARGS__, NULL})

/* The command line is refused, and the text says all of these. */
#define REFUSED(part1, part2, ...)                                                                                         \
    do {                                                                                                                   \
        ck_assert_int_eq(PARSE(__VA_ARGS__), ERROR_BAD_VALUE);                                                             \
        ck_assert_int_eq(error.code, ERROR_BAD_VALUE);                                                                     \
        ck_assert_msg(strstr(error.text, part1) && strstr(error.text, part2), "%s", error.text);                           \
        ck_assert_msg(!strchr(error.text, '\n'), "%s", error.text);                                                        \
    } while (0)

START_TEST(without_options_the_defaults_hold)
{
    setenv("XDG_RUNTIME_DIR", "/run/user/7", 1);
    ck_assert_int_eq(parse((const char *const[]){NULL}), 0);
    ck_assert_int_eq(options.action, OPTIONS_RUN);
    ck_assert_str_eq(options.name, "dawd");
    ck_assert_ptr_null(options.server);
    ck_assert_ptr_null(options.session);
    ck_assert_uint_eq(options.places.n, 1);
    ck_assert_str_eq(options.places.addresses[0], "127.0.0.1");
    ck_assert_int_eq(options.places.roles[0], ROLE_EDIT);
    ck_assert_uint_eq(options.port, 3293);
    ck_assert_str_eq(options.socket, "/run/user/7/dawd.sock");
    ck_assert_uint_eq(options.n_roots, 1);
    ck_assert_str_eq(options.roots[0], ".");
    ck_assert_uint_eq(options.rate_hz, 48000);
    ck_assert_uint_eq(options.media_limit_bytes, (uint64_t)2 << 30);
    ck_assert_int_eq(options.log_level, LOG_INFO);
    ck_assert(!options.no_jack && !options.no_connect);
}
END_TEST

START_TEST(every_option_reaches_its_field)
{
    ck_assert_int_eq(PARSE("--name", "studio-2", "--server=private", "--bind", "::1", "--port", "0", "--socket",
                           "/tmp/x.sock", "--root", "/a", "--root", "/b", "--no-jack", "--no-connect", "--rate", "96000",
                           "--media-limit", "16", "--log-level", "debug"),
                     0);
    ck_assert_str_eq(options.name, "studio-2");
    ck_assert_str_eq(options.server, "private");
    ck_assert_uint_eq(options.places.n, 1);
    ck_assert_str_eq(options.places.addresses[0], "::1");
    ck_assert_uint_eq(options.port, 0);
    ck_assert_str_eq(options.socket, "/tmp/x.sock");
    ck_assert_uint_eq(options.n_roots, 2);
    ck_assert_str_eq(options.roots[0], "/a");
    ck_assert_str_eq(options.roots[1], "/b");
    ck_assert(options.no_jack && options.no_connect);
    ck_assert_uint_eq(options.rate_hz, 96000);
    ck_assert_uint_eq(options.media_limit_bytes, (uint64_t)16 << 20);
    ck_assert_int_eq(options.log_level, LOG_DEBUG);
}
END_TEST

START_TEST(questions_are_actions)
{
    ck_assert_int_eq(PARSE("--help"), 0);
    ck_assert_int_eq(options.action, OPTIONS_HELP);
    ck_assert_int_eq(PARSE("-h"), 0);
    ck_assert_int_eq(options.action, OPTIONS_HELP);
    ck_assert_int_eq(PARSE("--version"), 0);
    ck_assert_int_eq(options.action, OPTIONS_VERSION);
    ck_assert_int_eq(PARSE("--list-nodes"), 0);
    ck_assert_int_eq(options.action, OPTIONS_LIST_NODES);
    ck_assert_int_eq(PARSE("--describe", "delay"), 0);
    ck_assert_int_eq(options.action, OPTIONS_DESCRIBE);
    ck_assert_str_eq(options.describe, "delay");
}
END_TEST

START_TEST(a_wrong_word_is_named_with_what_would_be_right)
{
    REFUSED("--volume", "--help", "--volume", "3");
    REFUSED("-x", "--help", "-x");
    REFUSED("--port", "PORT", "--port");
    REFUSED("--help=3", "no value", "--help=3");
    REFUSED("--na", "--name", "--na", "x");
    REFUSED("--na=x", "--name", "--na=x");
    REFUSED("--no", "--help", "--no");
}
END_TEST

START_TEST(a_wrong_value_is_named_with_what_would_be_right)
{
    REFUSED("--port \"65536\"", "0 to 65535", "--port", "65536");
    REFUSED("--port \"-1\"", "0 to 65535", "--port", "-1");
    REFUSED("--port \"12x\"", "0 to 65535", "--port=12x");
    REFUSED("--port \"\"", "0 to 65535", "--port=");
    REFUSED("--rate \"7999\"", "8000", "--rate", "7999");
    REFUSED("--rate \"99999999999999999999\"", "384000", "--rate", "99999999999999999999");
    REFUSED("--bind \"localhost\"", "127.0.0.1", "--bind", "localhost");
    REFUSED("--log-level \"loud\"", "warning", "--log-level", "loud");
    REFUSED("--root", "folder", "--root", "");
    REFUSED("--media-limit \"0\"", "from 1", "--media-limit", "0");
}
END_TEST

START_TEST(one_word_that_is_no_option_is_the_session)
{
    ck_assert_int_eq(PARSE("songs/one.dawd"), 0);
    ck_assert_int_eq(options.action, OPTIONS_RUN);
    ck_assert_str_eq(options.session, "songs/one.dawd");
    ck_assert_int_eq(PARSE("--no-jack", "one", "--port", "0"), 0);
    ck_assert_str_eq(options.session, "one");
    ck_assert(options.no_jack && options.port == 0);
    REFUSED("\"two\"", "one session", "one", "two");
}
END_TEST

START_TEST(a_render_needs_a_session_and_an_end)
{
    ck_assert_int_eq(PARSE("song", "--render", "out.wav", "--seconds", "2.5"), 0);
    ck_assert_int_eq(options.action, OPTIONS_RENDER);
    ck_assert_str_eq(options.session, "song");
    ck_assert_str_eq(options.render, "out.wav");
    ck_assert(options.from_s == 0 && options.to_s == 2.5 && options.format == SOUND_RF64_FLOAT);
    ck_assert_uint_eq(options.period_frames, 1024);
    ck_assert_int_eq(PARSE("--render", "out.flac", "--from", "1", "--to", "3", "--format", "flac-16", "--period=7", "song"),
                     0);
    ck_assert(options.from_s == 1 && options.to_s == 3 && options.format == SOUND_FLAC_16 && options.period_frames == 7);
    ck_assert_int_eq(PARSE("--render", "out", "--from=1", "--seconds=3", "--", "--song"), 0);
    ck_assert(options.to_s == 4);
    ck_assert_str_eq(options.session, "--song");
    REFUSED("--render \"o.wav\"", "dawd SESSION", "--render", "o.wav", "--seconds", "1");
    REFUSED("--render \"o.wav\"", "--seconds or --to", "a", "--render", "o.wav");
    REFUSED("--render \"o.wav\"", "--seconds or --to", "a", "--render", "o.wav", "--seconds", "0");
    REFUSED("--render \"o.wav\"", "one of both", "a", "--render", "o.wav", "--seconds", "1", "--to", "2");
    REFUSED("--from 2 --to 2", "behind", "a", "--render", "o.wav", "--from", "2", "--to", "2");
    REFUSED("--seconds \"x\"", "seconds", "a", "--render", "o.wav", "--seconds", "x");
    REFUSED("--seconds \"-1\"", "0 to", "a", "--render", "o.wav", "--seconds=-1");
    REFUSED("--format \"mp3\"", "rf64-float, rf64-24", "a", "--render", "o.wav", "--seconds", "1", "--format", "mp3");
    REFUSED("o.wav", "ends in .flac", "a", "--render", "o.wav", "--seconds", "1", "--format", "flac-24");
    REFUSED("--period \"0\"", "1 to 8192", "a", "--render", "o.wav", "--seconds", "1", "--period", "0");
    REFUSED("\"b\"", "one session", "a", "--render", "o.wav", "--seconds", "1", "b");
    REFUSED("--render", "not empty", "a", "--render", "", "--seconds", "1");
    REFUSED("--seconds", "dawd SESSION --render", "a", "--seconds", "1");
    REFUSED("--from", "dawd SESSION --render", "a", "--from", "1");
}
END_TEST

START_TEST(a_name_is_one_that_jack_and_a_file_can_have)
{
    char name[65];
    memset(name, 'n', 64);
    name[64] = '\0';
    REFUSED("--name", "63", "--name", name);
    name[63] = '\0';
    ck_assert_int_eq(PARSE("--name", name, "--socket", ""), 0);
    REFUSED("--name \"\"", "starts with", "--name", "");
    REFUSED("--name \"a:b\"", "letters", "--name", "a:b");
    REFUSED("--name \"a/b\"", "letters", "--name", "a/b");
    REFUSED("--name \"1st\"", "starts with", "--name", "1st");
    REFUSED("--server \"a b\"", "letters", "--server", "a b");
    REFUSED("--name \"caf\xc3\xa9\"", "letters", "--name", "caf\xc3\xa9");
}
END_TEST

START_TEST(the_default_socket_follows_name_and_runtime_folder)
{
    char folder[200];
    setenv("XDG_RUNTIME_DIR", "/run/user/7", 1);
    ck_assert_int_eq(PARSE("--name", "two"), 0);
    ck_assert_str_eq(options.socket, "/run/user/7/two.sock");
    ck_assert_int_eq(PARSE("--socket", ""), 0);
    ck_assert_str_eq(options.socket, "");
    unsetenv("XDG_RUNTIME_DIR"); /* then the rule that clients follow as well: osc/socket_path.h */
    ck_assert_int_eq(PARSE("--name", "two"), 0);
    ck_assert_str_eq(strrchr(options.socket, '/'), "/two.sock");
    ck_assert_int_eq(PARSE("--help"), 0);
    ck_assert_str_eq(options.socket, "");
    folder[0] = '/';
    memset(folder + 1, 'f', sizeof folder - 2);
    folder[sizeof folder - 1] = '\0';
    REFUSED("--socket", "107", "--socket", folder);
    setenv("XDG_RUNTIME_DIR", folder, 1);
    REFUSED("socket path", "too long", "--name", "two");
    ck_assert_int_eq(PARSE("--socket", "/short"), 0);
}
END_TEST

START_TEST(there_is_a_limit_to_the_roots)
{
    const char *words[2 * OPTIONS_ROOTS_MAX + 3] = {NULL};
    for (int i = 0; i <= OPTIONS_ROOTS_MAX; i++) {
        words[2 * i] = "--root";
        words[2 * i + 1] = "/";
    }
    ck_assert_int_eq(parse(words), ERROR_BAD_VALUE);
    ck_assert_ptr_nonnull(strstr(error.text, "16"));
}
END_TEST

START_TEST(an_address_has_a_role_and_home_is_always_there)
{
    char text[200];
    ck_assert_int_eq(PARSE("--bind", "192.168.1.5", "--bind", "::1=play"), 0);
    places_format(&options.places, text, sizeof text);
    ck_assert_str_eq(text, "192.168.1.5=read, ::1=play");
    ck_assert_int_eq(PARSE("--bind", "10.0.0.1=edit", "--token-file", "t"), 0);
    places_format(&options.places, text, sizeof text);
    ck_assert_str_eq(text, "127.0.0.1=edit, 10.0.0.1=edit");
    ck_assert_int_eq(PARSE("--bind", "0.0.0.0=play", "--token-file", "t"), 0);
    places_format(&options.places, text, sizeof text);
    ck_assert_str_eq(text, "0.0.0.0=play");
    REFUSED("--bind \"10.0.0.1=admin\"", "read, play or edit", "--bind", "10.0.0.1=admin");
}
END_TEST

START_TEST(a_network_may_only_read_without_a_token)
{
    REFUSED("--bind 10.0.0.1=play", "token", "--bind", "10.0.0.1=play");
    REFUSED("--bind 0.0.0.0=edit", "token", "--bind", "0.0.0.0=edit");
    ck_assert_int_eq(PARSE("--bind", "10.0.0.1=read"), 0);
    ck_assert_int_eq(PARSE("--bind", "127.0.0.2=edit"), 0);
}
END_TEST

START_TEST(the_help_names_every_option_with_its_default)
{
    char text[8192];
    FILE *file = fmemopen(text, sizeof text, "w");
    options_print_help(file);
    fclose(file);
    static const char *const parts[] = {"--name NAME",
                                        "(default dawd)",
                                        "--server SERVER",
                                        "--no-jack",
                                        "--no-connect",
                                        "--rate HZ",
                                        "(default 48000)",
                                        "--bind ADDRESS[=ROLE]",
                                        "--port PORT",
                                        "(default 3293)",
                                        "--socket PATH",
                                        "--root FOLDER",
                                        "--media-limit MIB",
                                        "--log-level LEVEL",
                                        "--list-nodes",
                                        "--describe TYPE",
                                        "--version",
                                        "--help",
                                        "exit:"};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        ck_assert_msg(strstr(text, parts[i]), "%s is missing in %s", parts[i], text);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
        ck_assert_uint_le(strlen(line), 110);
}
END_TEST

int main(void)
{
    TCase *lines = tcase_create("options");
    tcase_add_test(lines, without_options_the_defaults_hold);
    tcase_add_test(lines, every_option_reaches_its_field);
    tcase_add_test(lines, questions_are_actions);
    tcase_add_test(lines, a_wrong_word_is_named_with_what_would_be_right);
    tcase_add_test(lines, a_wrong_value_is_named_with_what_would_be_right);
    tcase_add_test(lines, one_word_that_is_no_option_is_the_session);
    tcase_add_test(lines, a_render_needs_a_session_and_an_end);
    tcase_add_test(lines, a_name_is_one_that_jack_and_a_file_can_have);
    tcase_add_test(lines, the_default_socket_follows_name_and_runtime_folder);
    tcase_add_test(lines, there_is_a_limit_to_the_roots);
    tcase_add_test(lines, an_address_has_a_role_and_home_is_always_there);
    tcase_add_test(lines, a_network_may_only_read_without_a_token);
    tcase_add_test(lines, the_help_names_every_option_with_its_default);
    return suite_run_case("options", lines);
}
