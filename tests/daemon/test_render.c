/* dawd SESSION --render FILE, from the command line to the file. */
#include <check.h>
#include <fcntl.h>
#include <ftw.h>
#include <math.h>
#include <sndfile.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/render.h"
#include "graph/node.h"
#include "tests/sound_file.h"
#include "tests/suite.h"

#define RATE       48000
#define WORDS_MAX  24
#define BYTES_MAX  ((size_t)8 << 20)
#define TAU        6.283185307179586
#define TEXT_BYTES 4096

static char folder[64];
static char said[TEXT_BYTES]; /* on stderr, by the last render */

static const char *in_folder(const char *name)
{
    static char path[4][128];
    static unsigned turn;
    char *text = path[turn++ % 4];
    snprintf(text, sizeof path[0], "%s/%s", folder, name);
    return text;
}

static void write_session(const char *name, const char *lines)
{
    FILE *file = fopen(in_folder(name), "w");
    ck_assert_ptr_nonnull(file);
    fprintf(file, "# dawd session 1\n%s# end\n", lines);
    fclose(file);
}

static void set_up(void)
{
    snprintf(folder, sizeof folder, "/tmp/dawd-render-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    write_session("tone", "/graph/add osc tone freq 1000.0 level -6.0\n/graph/connect tone:out out:in\n");
}

static int remove_one(const char *path, const struct stat *stat, int type, struct FTW *ftw)
{
    (void)stat, (void)type, (void)ftw;
    return remove(path);
}

static void tear_down(void)
{
    nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* What was said, and silence on the test's own stderr. */
static enum options_exit run_quietly(const struct options *options)
{
    fflush(stderr);
    int before = dup(STDERR_FILENO), to = open(in_folder("said"), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    dup2(to, STDERR_FILENO);
    enum options_exit code = render_run(options);
    fflush(stderr);
    dup2(before, STDERR_FILENO);
    close(before);
    ssize_t n = pread(to, said, sizeof said - 1, 0);
    said[n > 0 ? n : 0] = '\0';
    close(to);
    return code;
}

/* dawd --root FOLDER FOLDER/SESSION --render FOLDER/OUT, and the further words, parted by blanks. */
static enum options_exit render(const char *session, const char *out, const char *words)
{
    char line[256], *rest,
        *argv[WORDS_MAX] = {(char *)"dawd",     (char *)"--root",      folder, (char *)in_folder(session),
                            (char *)"--render", (char *)in_folder(out)};
    int argc = 6;
    struct options options;
    struct error error = {0};
    snprintf(line, sizeof line, "%s", words);
    for (char *word = strtok_r(line, " ", &rest); word && argc < WORDS_MAX - 1; word = strtok_r(NULL, " ", &rest))
        argv[argc++] = word;
    ck_assert_msg(options_parse(&options, argc, argv, &error) == 0, "%s", error.text);
    return run_quietly(&options);
}

static void must_render(const char *session, const char *out, const char *words)
{
    enum options_exit code = render(session, out, words);
    ck_assert_msg(code == OPTIONS_EXIT_DONE, "%s", said);
    ck_assert_str_eq(said, "");
}

static float *read_out(const char *out, SF_INFO *info)
{
    *info = (SF_INFO){0};
    SNDFILE *file = sf_open(in_folder(out), SFM_READ, info);
    ck_assert_msg(file != NULL, "%s: %s", out, sf_strerror(NULL));
    float *frames = malloc((size_t)info->frames * (size_t)info->channels * sizeof *frames);
    ck_assert_int_eq(sf_readf_float(file, frames, info->frames), info->frames);
    sf_close(file);
    return frames;
}

static bool equal_files(const char *a, const char *b)
{
    static char bytes[2][BYTES_MAX];
    size_t n = sound_file_read_bytes(in_folder(a), bytes[0], BYTES_MAX);
    return n == sound_file_read_bytes(in_folder(b), bytes[1], BYTES_MAX) && n > 0 && memcmp(bytes[0], bytes[1], n) == 0;
}

static unsigned n_files(void)
{
    char command[128], text[16] = "";
    snprintf(command, sizeof command, "ls -A %s | wc -l", folder);
    FILE *pipe = popen(command, "r");
    ck_assert_ptr_nonnull(fgets(text, sizeof text, pipe));
    pclose(pipe);
    return (unsigned)atoi(text);
}

/* ---- what comes out ------------------------------------------------------------------------------------------------- */

START_TEST(what_reaches_out_is_in_the_file_from_the_first_frame)
{
    SF_INFO info;
    must_render("tone", "tone.wav", "--seconds 0.5");
    float *frames = read_out("tone.wav", &info);
    ck_assert(info.frames == RATE / 2 && info.channels == 2 && info.samplerate == RATE);
    double worst = 0;
    for (sf_count_t i = 0; i < info.frames; i++)
        for (unsigned c = 0; c < 2; c++)
            worst = fmax(worst, fabs(frames[2 * i + c] - pow(10, -6.0 / 20) * sin(TAU * 1000 * (double)i / RATE)));
    ck_assert_msg(worst < 1e-5, "off by %g: a fade?", worst);
    free(frames);
}
END_TEST

START_TEST(a_file_is_played_sample_for_sample)
{
    SF_INFO info;
    float *samples = sound_file_sines(440, RATE, 2, 10000);
    sound_file_write(in_folder("sound.wav"), SF_FORMAT_WAV | SF_FORMAT_FLOAT, RATE, 2, samples, 10000);
    write_session("play", "/graph/add player p file sound.wav\n/graph/connect p:out out:in\n");
    must_render("play", "played.wav", "--seconds 0.25");
    float *frames = read_out("played.wav", &info);
    ck_assert_int_eq(info.frames, 12000);
    ck_assert_mem_eq(frames, samples, 20000 * sizeof *samples);
    for (unsigned i = 20000; i < 24000; i++)
        ck_assert(frames[i] == 0);
    free(frames);
    free(samples);
}
END_TEST

START_TEST(rate_format_and_width_are_as_asked_for)
{
    SF_INFO info;
    write_session("wide", "/graph/add osc a\n/graph/connect a:out out:in\n");
    must_render("wide", "a.flac", "--seconds 0.1 --rate 96000 --format flac-24");
    free(read_out("a.flac", &info));
    ck_assert(info.frames == 9600 && info.samplerate == 96000);
    ck_assert_int_eq(info.format & SF_FORMAT_TYPEMASK, SF_FORMAT_FLAC);
    ck_assert_int_eq(info.format & SF_FORMAT_SUBMASK, SF_FORMAT_PCM_24);
}
END_TEST

/* Movement everywhere: a filter swept by a wave, an echo, what is random. */
static const char *const busy = "/graph/add noise hiss level -20.0\n"
                                "/graph/add osc tone wave saw freq 220.0\n"
                                "/graph/add lfo sweep rate 3.0\n"
                                "/graph/add filter lp cutoff 800.0\n"
                                "/graph/add delay echo time 0.05 feedback 0.5\n"
                                "/graph/connect hiss:out lp:in\n"
                                "/graph/connect tone:out lp:in\n"
                                "/graph/connect sweep:out lp:cutoff depth 1.0\n"
                                "/graph/connect lp:out echo:in\n"
                                "/graph/connect echo:out out:in gain -12.0\n";

START_TEST(two_renders_are_equal_to_the_bit_in_every_format)
{
    write_session("busy", busy);
    for (unsigned format = 0; format < N_SOUND_FORMATS; format++) {
        char words[64], a[16], b[16];
        snprintf(words, sizeof words, "--seconds 1 --format %s", sound_format_names[format]);
        snprintf(a, sizeof a, "a.%s", sound_format_extension(format));
        snprintf(b, sizeof b, "b.%s", sound_format_extension(format));
        must_render("busy", a, words);
        must_render("busy", b, words);
        ck_assert_msg(equal_files(a, b), "%s", sound_format_names[format]);
    }
}
END_TEST

START_TEST(a_part_is_that_part_of_the_whole)
{
    SF_INFO all, part;
    write_session("busy", busy);
    must_render("busy", "all.wav", "--seconds 1");
    must_render("busy", "part.wav", "--from 0.3337 --to 0.9");
    float *a = read_out("all.wav", &all), *b = read_out("part.wav", &part);
    size_t from = (size_t)llround(0.3337 * RATE);
    ck_assert_int_eq(part.frames, (sf_count_t)(43200 - from));
    ck_assert_mem_eq(b, a + 2 * from, (size_t)part.frames * 2 * sizeof *a);
    must_render("busy", "same.wav", "--from 0.3337 --seconds 0.5663");
    ck_assert(equal_files("part.wav", "same.wav"));
    free(a);
    free(b);
}
END_TEST

static double snr_db(const float *reference, const float *x, size_t n)
{
    double signal = 0, noise = 0;
    for (size_t i = 0; i < n; i++) {
        signal += (double)reference[i] * (double)reference[i];
        noise += ((double)x[i] - (double)reference[i]) * ((double)x[i] - (double)reference[i]);
    }
    return noise > 0 ? 10 * log10(signal / noise) : INFINITY;
}

START_TEST(the_period_makes_no_difference)
{
    static const unsigned periods[] = {1, 7, 16, 64, 333, 1024, 8192};
    SF_INFO info;
    double worst = INFINITY;
    write_session("busy", busy);
    must_render("busy", "reference.wav", "--seconds 0.5 --period 256");
    float *reference = read_out("reference.wav", &info);
    for (unsigned i = 0; i < ROWS(periods); i++) {
        char words[64];
        snprintf(words, sizeof words, "--seconds 0.5 --period %u", periods[i]);
        must_render("busy", "other.wav", words);
        float *other = read_out("other.wav", &info);
        worst = fmin(worst, snr_db(reference, other, (size_t)info.frames * 2));
        free(other);
    }
    printf("REL R12 equal_twice=1 worst_snr_across_periods_db=%.0f %s\n", worst, worst >= 100 ? "PASS" : "FAIL");
    ck_assert_msg(worst >= 100, "%g dB", worst);
    free(reference);
}
END_TEST

START_TEST(nothing_is_recorded_by_a_render)
{
    write_session("record", "/graph/add record r file take.wav\n/graph/connect in:out r:in\n");
    must_render("record", "out.wav", "--seconds 0.1");
    ck_assert_int_eq(access(in_folder("take.wav"), F_OK), -1);
}
END_TEST

START_TEST(what_meters_have_read_is_told_at_the_end)
{
    static const char *const parts[] = {"loud: ", "true_peak -6.0 dBTP", "integrated -6.0 LUFS", "lost 0.0 frames"};
    write_session("metered", "/graph/add osc tone freq 1000.0 level -6.0\n/graph/add meter loud\n"
                             "/graph/connect tone:out loud:in\n/graph/connect loud:out out:in\n");
    ck_assert_int_eq(render("metered", "out.wav", "--seconds 3"), OPTIONS_EXIT_DONE);
    for (unsigned i = 0; i < sizeof parts / sizeof parts[0]; i++)
        ck_assert_msg(strstr(said, parts[i]), "%s is not in %s", parts[i], said);
}
END_TEST

START_TEST(all_of_a_desk_of_meters_are_told)
{
    char text[2000] = "", name[32];
    size_t at = 0;
    for (unsigned i = 1; i <= 20; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "/graph/add meter channel%u\n", i);
    write_session("desk", text);
    ck_assert_int_eq(render("desk", "out.wav", "--seconds 0.1"), OPTIONS_EXIT_DONE);
    for (unsigned i = 1; i <= 20; i++) {
        snprintf(name, sizeof name, "channel%u: ", i);
        ck_assert_msg(strstr(said, name), "%s is missing", name);
    }
}
END_TEST

/* ---- what goes wrong ------------------------------------------------------------------------------------------------ */

static void expect_failure(const char *session, const char *out, const char *part)
{
    enum options_exit code = render(session, out, "--seconds 0.1");
    ck_assert_msg(code == OPTIONS_EXIT_FAILED && strncmp(said, "dawd: ", 6) == 0 && strstr(said, part), "%d: %s", code,
                  said);
    ck_assert_msg(strchr(said, '\n') == said + strlen(said) - 1, "one line: %s", said);
}

START_TEST(failures_are_told_in_one_line_and_leave_nothing_behind)
{
    write_session("broken", "/graph/add osc a\n/graph/connect a:out nowhere:in\n");
    write_session("fileless", "/graph/add player p file nowhere.wav\n");
    unsigned before = n_files();
    expect_failure("nowhere", "a.wav", "nowhere");
    expect_failure("broken", "a.wav", "nowhere");
    expect_failure("fileless", "a.wav", "nowhere.wav");
    expect_failure("tone", "nowhere/a.wav", "No such file or directory");
    ck_assert_uint_le(n_files(), before + 1); /* what was said */
}
END_TEST

START_TEST(what_is_there_is_replaced_only_by_a_whole_render)
{
    write_session("broken", "/graph/add osc a freq much\n");
    sound_file_write_bytes(in_folder("out.wav"), "precious", 8);
    expect_failure("broken", "out.wav", "freq");
    char bytes[16];
    ck_assert_uint_eq(sound_file_read_bytes(in_folder("out.wav"), bytes, 16), 8);
    must_render("tone", "out.wav", "--seconds 0.1");
    SF_INFO info;
    free(read_out("out.wav", &info));
    ck_assert_int_eq(info.frames, 4800);
}
END_TEST

START_TEST(a_session_is_not_rendered_over_itself_nor_a_device_replaced)
{
    ck_assert_int_eq(symlink("tone", in_folder("alias")), 0);
    expect_failure("tone", "alias", "is the session itself");
    ck_assert_int_eq(mkfifo(in_folder("pipe"), 0600), 0);
    expect_failure("tone", "pipe", "no regular file");
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        what_reaches_out_is_in_the_file_from_the_first_frame,
        a_file_is_played_sample_for_sample,
        rate_format_and_width_are_as_asked_for,
        two_renders_are_equal_to_the_bit_in_every_format,
        a_part_is_that_part_of_the_whole,
        the_period_makes_no_difference,
        nothing_is_recorded_by_a_render,
        what_meters_have_read_is_told_at_the_end,
        all_of_a_desk_of_meters_are_told,
        failures_are_told_in_one_line_and_leave_nothing_behind,
        what_is_there_is_replaced_only_by_a_whole_render,
        a_session_is_not_rendered_over_itself_nor_a_device_replaced,
    };
    TCase *tcase = tcase_create("render");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_set_timeout(tcase, 60);
    for (unsigned i = 0; i < ROWS(tests); i++)
        tcase_add_test(tcase, tests[i]);
    return suite_run_case("render", tcase);
}
