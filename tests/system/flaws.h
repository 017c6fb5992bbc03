/* Rows of the reliability catalogue have teeth: the program that prints one fails when its flaw is put into the mutant build,
 * and passes without. */
#pragma once

struct flaw_row {
    const char *name, *program; /* as printed; in the build tree */
    const char *flaw;           /* DAWD_MUTANT */
};

/* Runs the program of each row with its flaw, and once without where the row before was of another program. The exit status of
 * the suite. */
int flaws_run(const char *suite, const struct flaw_row *rows, unsigned n);
