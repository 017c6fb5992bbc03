/* usage: plot DESCRIPTION PICTURE.png      writes the gnuplot program that draws it to stdout */
#include "scripts/plot/plot.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void give_up(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("plot: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

/* ---- the description ------------------------------------------------------------------------------------------------ */

static struct curve *last_curve(struct picture *picture)
{
    if (!picture->n_curves)
        give_up("a curve must be named first");
    return &picture->curves[picture->n_curves - 1];
}

static void begin_event(struct curve *curve, double at_s)
{
    if (curve->n_events == EVENTS_MAX)
        give_up("%s: more than %d times", curve->name, EVENTS_MAX);
    curve->events[curve->n_events++].at_s = at_s;
}

static void begin_curve(struct picture *picture, const char *name)
{
    if (picture->n_curves == CURVES_MAX)
        give_up("more than %d curves", CURVES_MAX);
    struct curve *curve = &picture->curves[picture->n_curves++];
    snprintf(curve->name, sizeof curve->name, "%s", name);
    snprintf(curve->input, sizeof curve->input, "%s", picture->input);
    curve->channel = 1;
    begin_event(curve, 0);
}

static void add_message(struct picture *picture, const char *line)
{
    struct curve *curve = last_curve(picture);
    char *lines = curve->events[curve->n_events - 1].lines;
    size_t n = strlen(lines);
    if (n + strlen(line) + 2 > LINES_BYTES)
        give_up("%s: too many messages", curve->name);
    sprintf(lines + n, "%s\n", line);
}

/* Its edits and values; the first and the last line are comments. */
static void add_session(struct picture *picture, const char *path)
{
    char line[1024];
    FILE *file = fopen(path, "r");
    if (!file)
        give_up("%s: it cannot be opened", path);
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '/')
            add_message(picture, line);
    }
    fclose(file);
}

/* False when the line is none of these. */
static bool read_line(struct picture *picture, const char *line)
{
    char word[16];
    int n = 0;
    if (line[0] == '#' || !line[0])
        return true;
    if (line[0] == '/') {
        add_message(picture, line);
        return true;
    }
    if (sscanf(line, "%15s %n", word, &n) != 1)
        return false;
    const char *rest = line + n;
    if (strcmp(word, "measure") == 0)
        return snprintf(picture->measure, sizeof picture->measure, "%s", rest) > 0;
    if (strcmp(word, "input") == 0) {
        char *input = picture->n_curves ? last_curve(picture)->input : picture->input;
        return snprintf(input, sizeof picture->input, "%s", rest) > 0;
    }
    if (strcmp(word, "seconds") == 0)
        return sscanf(rest, "%lf", &picture->seconds) == 1;
    if (strcmp(word, "from") == 0)
        return sscanf(rest, "%lf", &picture->from_s) == 1;
    if (strcmp(word, "x") == 0)
        return sscanf(rest, "%lf %lf", &picture->x[0], &picture->x[1]) == 2;
    if (strcmp(word, "y") == 0)
        return sscanf(rest, "%lf %lf", &picture->y[0], &picture->y[1]) == 2;
    if (strcmp(word, "curve") == 0)
        begin_curve(picture, rest);
    else if (strcmp(word, "channel") == 0)
        return sscanf(rest, "%u", &last_curve(picture)->channel) == 1;
    else if (strcmp(word, "session") == 0)
        add_session(picture, rest);
    else if (strcmp(word, "at") == 0)
        begin_event(last_curve(picture), strtod(rest, NULL));
    else
        return false;
    return true;
}

void picture_read(struct picture *picture, FILE *file, const char *path)
{
    char line[1024];
    *picture = (struct picture){.seconds = 1};
    for (unsigned n = 1; fgets(line, sizeof line, file); n++) {
        const char *start = line + strspn(line, " ");
        line[strcspn(line, "\n")] = '\0';
        if (!read_line(picture, start))
            give_up("%s:%u: what is \"%s\"?", path, n, start);
    }
}

/* ---- the drawing ---------------------------------------------------------------------------------------------------- */

struct axes {
    const char *measure, *x, *y;
    double x_range[2], y_range[2]; /* where the description names none */
    bool is_logarithmic;
    double x_unit; /* what is measured, in the axis's unit */
};

static const struct axes all_axes[] = {
    {"response", "Hz", "dB", {20, 20000}, {-60, 20}, true}, {"spectrum", "Hz", "dB", {20, 20000}, {-140, 0}, false},
    {"density", "Hz", "dB", {20, 20000}, {-100, 0}, true},  {"wave", "ms", "", {0, 0}, {-1.1, 1.1}, false},
    {"level", "s", "dB", {0, 0}, {-80, 0}, false},          {"transfer", "in, dB", "out, dB", {-60, 0}, {-60, 0}, false},
};

static const struct axes *axes_of(const struct picture *picture)
{
    for (unsigned i = 0; i < sizeof all_axes / sizeof *all_axes; i++)
        if (strcmp(all_axes[i].measure, picture->measure) == 0)
            return &all_axes[i];
    give_up("measure \"%s\" is none of: response, spectrum, density, wave, level, transfer", picture->measure);
}

static void write_range(char axis, const double given[2], const double usual[2])
{
    const double *range = given[0] < given[1] ? given : usual;
    if (range[0] < range[1])
        printf("set %crange [%g:%g]\n", axis, range[0], range[1]);
}

static void write_axes(const struct picture *picture, const char *path)
{
    const struct axes *axes = axes_of(picture);
    printf("set terminal pngcairo noenhanced size 720,300 font 'sans,9' background '#ffffff'\nset output '%s'\n", path);
    printf("set grid linecolor '#dddddd' linetype 1\nset border 3\nset tics nomirror\nset autoscale xfix\n"
           "set key outside right top samplen 1.5 spacing 1.2\nset xlabel '%s' offset 0,0.5\nset ylabel '%s' offset 1,0\n",
           axes->x, axes->y);
    write_range('x', picture->x, axes->x_range);
    write_range('y', picture->y, axes->y_range);
    if (axes->is_logarithmic)
        printf("set logscale x\nset xtics (10, 20, 50, 100, 200, 500, '1k' 1000, '2k' 2000, '5k' 5000, '10k' 10000, "
               "'20k' 20000)\n");
    if (picture->n_curves == 1 && !*picture->curves[0].name)
        printf("unset key\n");
}

static void write_curves(const struct picture *picture)
{
    static const char *const colours[] = {"#1f5fa8", "#d1495b", "#2e8b57", "#c78c1c",
                                          "#7a4ea3", "#4a4a4a", "#17a2b8", "#a0522d"};
    for (unsigned i = 0; i < picture->n_curves; i++) {
        printf("$c%u << END\n", i);
        measure(picture, &picture->curves[i], stdout);
        printf("END\n");
    }
    for (unsigned i = 0; i < picture->n_curves; i++)
        printf("%s $c%u with lines linewidth 1.5 linecolor '%s' title '%s'", i ? "," : "plot", i, colours[i],
               picture->curves[i].name);
    printf("\n");
}

int main(int argc, char **argv)
{
    static struct picture picture;
    FILE *file = argc == 3 ? fopen(argv[1], "re") : NULL;
    if (!file)
        give_up("usage: plot DESCRIPTION PICTURE.png, a description that can be read");
    picture_read(&picture, file, argv[1]);
    fclose(file);
    write_axes(&picture, argv[2]);
    write_curves(&picture);
    return 0;
}
