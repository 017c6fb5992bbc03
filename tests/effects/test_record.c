#include <check.h>
#include <ftw.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/disk.h"
#include "graph/param.h"
#include "tests/graph_rig.h"
#include "tests/node_rig.h"
#include "tests/suite.h"

#define RATE   48000
#define FRAMES 20000

static char root[64];
static struct files files;
static struct disk *disk;
static struct disk_service service;

static void set_up(void)
{
    struct error error = {0};
    snprintf(root, sizeof root, "/tmp/dawd-record-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(root));
    ck_assert_int_eq(files_init(&files, (const char *const[]){root}, 1, &error), 0);
    struct disk_config config = disk_config_files(&files, NULL);
    disk = disk_new(&config);
    ck_assert_ptr_nonnull(disk);
    service = disk_service(disk);
}

static int remove_one(const char *path, const struct stat *stat, int type, struct FTW *ftw)
{
    (void)stat, (void)type, (void)ftw;
    return remove(path);
}

static void tear_down(void)
{
    disk_free(disk);
    files_deinit(&files);
    nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void finish_writing(void)
{
    disk_free(disk);
    disk = NULL;
}

static const char *in_root(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", root, name);
    return path;
}

/* The file's frames, interleaved. */
static float *read_file(const char *name, SF_INFO *info)
{
    *info = (SF_INFO){0};
    SNDFILE *file = sf_open(in_root(name), SFM_READ, info);
    ck_assert_msg(file != NULL, "%s: %s", name, sf_strerror(NULL));
    float *frames = malloc((size_t)info->frames * (size_t)info->channels * sizeof *frames + 1);
    ck_assert_int_eq(sf_readf_float(file, frames, info->frames), info->frames);
    sf_close(file);
    return frames;
}

/* ---- one node ------------------------------------------------------------------------------------------------------- */

static struct rig recorder(unsigned channels)
{
    struct rig rig = rig_new("record", RATE, channels);
    rig.texts[rig_row(&rig, "file")] = (char *)"take";
    rig.disk = &service;
    return rig;
}

static void check_part(const char *name, unsigned channels, float *const *in, size_t from, size_t n)
{
    SF_INFO info;
    float *frames = read_file(name, &info);
    ck_assert_int_eq(info.channels, (int)channels);
    ck_assert_int_eq(info.frames, (sf_count_t)n);
    for (size_t i = 0; i < n; i++)
        for (unsigned c = 0; c < channels; c++)
            if (frames[i * channels + c] != in[c][from + i])
                ck_abort_msg("%s: frame %zu of channel %u is not the one at %zu", name, i, c, from + i);
    free(frames);
}

/* Switched at frames in the middle of blocks, in blocks of any length. */
static void check_takes(unsigned channels)
{
    float *in[PORT_CHANNELS_MAX], *on = calloc(FRAMES, sizeof *on);
    struct rig rig = recorder(channels);
    rig.block = 0;
    for (unsigned c = 0; c < channels; c++) {
        in[c] = malloc(FRAMES * sizeof(float));
        for (size_t i = 0; i < FRAMES; i++)
            in[c][i] = graph_rig_noise(c, i) * 3;
    }
    for (size_t i = 0; i < FRAMES; i++)
        on[i] = (i >= 777 && i < 9001) || (i >= 9002 && i < 19999);
    rig_curve(&rig, "on", on);
    rig_start(&rig);
    rig_process(&rig, (const float *const *)in, NULL, FRAMES);
    ck_assert(rig_reading(&rig, "recording") == 0 && rig_reading(&rig, "lost") == 0 && rig_reading(&rig, "failed") == 0);
    rig_free(&rig);
    finish_writing();
    check_part("take.wav", channels, in, 777, 9001 - 777);
    check_part("take-2.wav", channels, in, 9002, 19999 - 9002);
    for (unsigned c = 0; c < channels; c++)
        free(in[c]);
    free(on);
}

START_TEST(a_take_is_what_came_while_the_switch_was_on_to_the_frame)
{
    check_takes(2);
}
END_TEST

START_TEST(one_channel_and_eight_are_recorded_alike)
{
    check_takes(_i ? 8 : 1);
}
END_TEST

START_TEST(readings_tell_how_far_it_is)
{
    struct rig rig = recorder(0);
    rig_start(&rig);
    rig_process(&rig, NULL, NULL, 1000);
    ck_assert(rig_reading(&rig, "recording") == 0 && rig_reading(&rig, "recorded") == 0);
    rig_set(&rig, "on", 1);
    rig_process(&rig, NULL, NULL, RATE);
    ck_assert(rig_reading(&rig, "recording") == 1);
    for (unsigned i = 0; i < 1000 && rig_reading(&rig, "recorded") < 1; i++) {
        usleep(10000);
        rig_process(&rig, NULL, NULL, 480);
    }
    ck_assert(rig_reading(&rig, "recorded") >= 1);
    rig_free(&rig);
}
END_TEST

/* ---- in a graph ----------------------------------------------------------------------------------------------------- */

static int add_recorder(struct graph_rig *rig, const char *name, char *path, struct error *error)
{
    const struct node_class *class = node_class_find("record");
    float values[8];
    char *texts[8] = {path};
    for (unsigned p = 0; p < class->n_params; p++)
        values[p] = class->params[p].initial;
    struct tx *tx = tx_open(rig->ctl, 0);
    struct node_spec spec = {.class = class, .name = name, .values = values, .texts = texts};
    int code = tx_add_node(tx, &spec, error);
    if (code)
        tx_rollback(tx);
    else
        tx_commit(tx, (struct completion){0});
    return code;
}

static struct graph_rig *graph_with_recorder(void)
{
    struct graph_rig *rig = graph_rig_new(RATE);
    struct error error = {0};
    rig->ctl->disk = &service;
    ck_assert_int_eq(add_recorder(rig, "r", (char *)"take.wav", &error), 0);
    graph_rig_commit(rig, "fade 0; add c counter 1; connect c r");
    graph_rig_settle(rig);
    return rig;
}

START_TEST(it_records_from_the_frame_at_which_the_switch_took_effect)
{
    struct graph_rig *rig = graph_with_recorder();
    graph_rig_run(rig, 1000);
    uint64_t from = ctl_clock(rig->ctl);
    graph_rig_set(rig, "r", "on", 1, -1);
    graph_rig_run(rig, 5000);
    graph_rig_set(rig, "r", "on", 0, -1);
    graph_rig_run(rig, 1000);
    graph_rig_free(rig);
    finish_writing();
    SF_INFO info;
    float *frames = read_file("take.wav", &info);
    ck_assert_int_eq(info.frames, 5000);
    for (unsigned i = 0; i < 5000; i++) /* one channel goes to both */
        ck_assert(frames[2 * i] == (float)(from + i) && frames[2 * i + 1] == (float)(from + i));
    free(frames);
}
END_TEST

START_TEST(removed_in_mid_take_its_file_is_complete)
{
    struct graph_rig *rig = graph_with_recorder();
    graph_rig_set(rig, "r", "on", 1, -1);
    graph_rig_run(rig, 5000);
    graph_rig_commit(rig, "fade 0.01; remove r");
    graph_rig_settle(rig);
    finish_writing();
    SF_INFO info;
    free(read_file("take.wav", &info));
    ck_assert_int_ge(info.frames, 5000 + RATE / 100); /* with its fade */
    graph_rig_free(rig);
}
END_TEST

START_TEST(another_rate_is_another_take)
{
    struct graph_rig *rig = graph_with_recorder();
    struct error error = {0};
    graph_rig_set(rig, "r", "on", 1, -1);
    graph_rig_run(rig, 5000);
    ck_assert_msg(ctl_set_rate(rig->ctl, 96000, &error) == 0, "%s", error.text);
    graph_rig_run(rig, 6000);
    graph_rig_free(rig);
    finish_writing();
    SF_INFO info;
    free(read_file("take.wav", &info));
    ck_assert(info.frames == 5000 && info.samplerate == 48000);
    free(read_file("take-2.wav", &info));
    ck_assert(info.frames == 6000 && info.samplerate == 96000);
}
END_TEST

START_TEST(a_file_that_exists_is_a_conflict)
{
    struct graph_rig *rig = graph_with_recorder();
    struct error error = {0};
    graph_rig_set(rig, "r", "on", 1, -1);
    graph_rig_run(rig, 5000);
    for (unsigned i = 0; i < 1000 && access(in_root("take.wav"), F_OK); i++)
        usleep(10000);
    ck_assert_int_eq(add_recorder(rig, "second", (char *)"take", &error), ERROR_CONFLICT);
    ck_assert_ptr_nonnull(strstr(error.text, "\"take.wav\" exists"));
    ck_assert_ptr_null(model_find(&rig->ctl->model, "second"));
    graph_rig_free(rig);
}
END_TEST

START_TEST(without_a_file_it_says_what_it_needs)
{
    struct graph_rig *rig = graph_with_recorder();
    struct error error = {0};
    ck_assert_int_eq(add_recorder(rig, "second", NULL, &error), ERROR_BAD_TYPE);
    ck_assert_ptr_nonnull(strstr(error.text, "file PATH"));
    graph_rig_free(rig);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("record");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_take_is_what_came_while_the_switch_was_on_to_the_frame);
    tcase_add_loop_test(tests, one_channel_and_eight_are_recorded_alike, 0, 2);
    tcase_add_test(tests, readings_tell_how_far_it_is);
    tcase_add_test(tests, it_records_from_the_frame_at_which_the_switch_took_effect);
    tcase_add_test(tests, removed_in_mid_take_its_file_is_complete);
    tcase_add_test(tests, another_rate_is_another_take);
    tcase_add_test(tests, a_file_that_exists_is_a_conflict);
    tcase_add_test(tests, without_a_file_it_says_what_it_needs);
    return suite_run_case("record", tests);
}
