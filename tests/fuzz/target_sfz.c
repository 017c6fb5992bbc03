/* Any bytes at all, as an instrument in text: read within bounds, or refused with a reason. */
#include <math.h>
#include <string.h>

#include "daemon/sfz.h"
#include "tests/fuzz/fuzz.h"

static void check_region(const struct sfz_region *region)
{
    fuzz_expect(region->sample && strlen(region->sample) < SFZ_PATH_BYTES, "a region has no path, or too long a one");
    fuzz_expect(region->line > 0, "a region is on no line");
    for (enum sfz_opcode i = 0; i < SFZ_OPCODES; i++) {
        double value = region->value[i];
        bool is_fine = value >= sfz_opcodes[i].min && value <= sfz_opcodes[i].max && isfinite(value);
        fuzz_expect(is_fine || (i == SFZ_KEYCENTER && value == SFZ_OF_SAMPLE), "a value is out of its range");
    }
}

static void run(const uint8_t *bytes, size_t n)
{
    struct sfz sfz;
    struct error error = {0};
    int code = sfz_parse(&sfz, (const char *)bytes, n, &error);
    fuzz_expect(!code == !error.text[0], "a refusal gives no reason, or there is a reason for none");
    fuzz_expect(memchr(sfz.unknown, '\0', sizeof sfz.unknown) != NULL, "the names of what is unknown do not end");
    for (size_t i = 0; i < sfz.n_regions; i++)
        check_region(&sfz.regions[i]);
    sfz_deinit(&sfz);
}

const struct fuzz_target sfz_target = {"sfz", FUZZ_LINES, 0, run, NULL};
