/* Row D2: files longer than WAV can say claim every frame that they were given. 5 GiB of sound each, before it is packed. Most of
 * the time is libFLAC's, which sums up every byte that it is given, however few it writes.
 * Lane: busy */
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "graph/node.h"
#include "tests/fake_disk.h"
#include "tests/suite.h"

#define LONG_BYTES ((uint64_t)5 << 30)
#define KEPT_BYTES ((uint64_t)64 << 20) /* of each file: more than its head */
#define RATE       48000
#define CHANNELS   1 /* more frames than 31 bits can count */
#define LEVEL      2 /* beyond full scale, where dither is cut off: FLAC takes a third less for what does not move */
#define CHUNK      65536
#ifdef DAWD_MUTANTS
#define FORMATS_MOST 1
#else
#define FORMATS_MOST N_SOUND_FORMATS
#endif

/* What each of two processors writes, about the same time long. */
static const enum sound_format shares[2][N_SOUND_FORMATS] = {
    {SOUND_RF64_FLOAT, SOUND_RF64_16, SOUND_FLAC_24},
    {SOUND_RF64_24, SOUND_FLAC_16},
};
static const unsigned n_shares[] = {3, 2};

struct result {
    uint64_t given, written;
    int64_t claimed;
};

static uint64_t frames_of(enum sound_format format)
{
    return LONG_BYTES / (sound_format_bits(format) / 8 * CHANNELS);
}

static void write_level(struct media_write *write, uint64_t n)
{
    static float level[CHUNK * CHANNELS];
    for (unsigned i = 0; i < ROWS(level); i++)
        level[i] = LEVEL;
    for (uint64_t done = 0, now; done < n; done += now) {
        now = n - done < CHUNK ? n - done : CHUNK;
        media_write_frames(write, level, now);
    }
}

static void write_one(enum sound_format format, struct result *result)
{
    struct fake_disk disk = fake_disk_new(KEPT_BYTES);
    struct media_write_spec spec = {fake_disk_io(&disk), format, CHANNELS, RATE, true};
    struct error error = {0};
    struct media_write *write = media_write_open(&spec, &error);
    if (!write)
        _exit(1);
    result->given = frames_of(format);
    write_level(write, result->given);
    result->written = media_write_close(write).n_frames;
    result->claimed = fake_disk_claimed(&disk);
    fake_disk_free(&disk);
}

/* A share in a process of its own. */
static pid_t write_share(unsigned share, struct result *results)
{
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child)
        return child;
    for (unsigned i = 0; i < n_shares[share] && i < FORMATS_MOST; i++)
        write_one(shares[share][i], &results[shares[share][i]]);
    _exit(0);
}

static bool is_whole(const struct result *result)
{
    return result->written == result->given && (uint64_t)result->claimed == result->given;
}

START_TEST(files_beyond_4_GiB_claim_every_frame)
{
    struct result *results =
        mmap(NULL, N_SOUND_FORMATS * sizeof *results, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert(results != MAP_FAILED);
    pid_t children[] = {write_share(0, results), FORMATS_MOST > 1 ? write_share(1, results) : 0};
    bool pass = true;
    for (unsigned i = 0; i < 2; i++) {
        int status = 0;
        pass &= !children[i] || (waitpid(children[i], &status, 0) == children[i] && status == 0);
    }
    printf("REL D2");
    for (unsigned format = 0; format < FORMATS_MOST; format++) {
        const struct result *result = &results[format];
        printf(" %s=%lld/%llu", sound_format_names[format], (long long)result->claimed, (unsigned long long)result->given);
        pass &= is_whole(result);
    }
    printf(" %s\n", pass ? "PASS" : "FAIL");
    fflush(stdout);
    ck_assert(pass);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {files_beyond_4_GiB_claim_every_frame};
    return suite_run("long files", 240, tests, ROWS(tests));
}
