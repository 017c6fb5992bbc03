/* The fuzzer's main: libFuzzer on the target that DAWD_FUZZ names.
 *
 *     make VARIANT=fuzz fuzz
 *     DAWD_FUZZ=dispatch build/fuzz/tests/fuzz/fuzz -max_len=1024 FOLDER      as libFuzzer's manual tells
 *     DAWD_FUZZ_CORPUS=tests/fuzz/corpus/dispatch.txt …                       fills the folder with it first
 *     build/fuzz/tests/fuzz/fuzz pack FOLDER >tests/fuzz/corpus/dispatch.txt
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/graph_rig.h"

#define ROUND 256 /* inputs that one daemon takes */

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t max, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t n, size_t max);
const char *__asan_default_options(void);

/* Twice as many inputs: what was freed long ago is used again, and who allocated it is known no deeper than one needs. */
const char *__asan_default_options(void)
{
    return "quarantine_size_mb=16:malloc_context_size=2";
}

static const struct fuzz_target *const targets[] = {&packet_target, &dispatch_target, &session_target, &text_target,
                                                    &stream_target, &sfz_target,      &midi_target};
static const struct fuzz_target *target;

/* The file whole, with a zero behind it. */
static struct bytes read_file(const char *path)
{
    struct bytes text = {0};
    FILE *file = fopen(path, "rb");
    fuzz_expect(file, "a file cannot be read");
    for (int c; (c = fgetc(file)) != EOF;)
        bytes_add_byte(&text, (uint8_t)c);
    bytes_add_byte(&text, '\0');
    fclose(file);
    return text;
}

/* Each line of a corpus becomes a file. */
static void unpack(const char *corpus, const char *folder)
{
    struct bytes text = read_file(corpus), input = {0};
    const char *at = (const char *)text.data;
    for (unsigned i = 0; fuzz_corpus_read(&at, &input); i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%05u", folder, i);
        FILE *file = fopen(path, "wb");
        fuzz_expect(file && fwrite(input.data, 1, input.n, file) == input.n, "a file cannot be written");
        fclose(file);
    }
    bytes_deinit(&text);
    bytes_deinit(&input);
}

/* Each file becomes a line on stdout. */
static void pack(const char *folder)
{
    struct dirent **entries;
    int n = scandir(folder, &entries, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        char path[4096];
        struct bytes text = {0};
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.') {
            struct bytes file = read_file(path);
            fuzz_corpus_write(file.data, file.n - 1, &text);
            fwrite(text.data, 1, text.n, stdout);
            bytes_deinit(&file);
        }
        bytes_deinit(&text);
        free(entries[i]);
    }
    free(entries);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const char *name = getenv("DAWD_FUZZ"), *corpus = getenv("DAWD_FUZZ_CORPUS");
    if (*argc == 3 && strcmp((*argv)[1], "pack") == 0) {
        pack((*argv)[2]);
        exit(0);
    }
    if (corpus)
        unpack(corpus, (*argv)[*argc - 1]);
    for (unsigned i = 0; name && i < ROWS(targets); i++)
        if (strcmp(targets[i]->name, name) == 0)
            target = targets[i];
    if (!target) {
        fprintf(stderr, "DAWD_FUZZ names no target: packet, dispatch, session, text, stream, sfz, midi\n");
        exit(2);
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static unsigned n_inputs;
    target->run(bytes, n);
    if (target->reset && ++n_inputs % ROUND == 0)
        target->reset();
    return 0;
}

/* A third as libFuzzer thinks best, for it knows what comparisons were made; the rest as somebody who knows the language. */
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t max, unsigned seed)
{
    if (seed % 3 == 0)
        return LLVMFuzzerMutate(bytes, n, max);
    return fuzz_mutate(target, seed * 2654435761u | 1, bytes, n, max);
}
