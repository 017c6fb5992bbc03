/* Graphs for the benchmarks: failures end the program with a sentence. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "graph/offline.h"
#include "graph/tx.h"

static _Noreturn inline void fail(const char *text)
{
    fprintf(stderr, "bench: %s\n", text);
    exit(1);
}

/* Adds a node with its initial values, but for one of them, if any is named. */
static inline void add(struct tx *tx, const char *class, const char *name, unsigned channels, const char *param,
                       float value)
{
    struct error error = {0};
    float values[128];
    struct node_spec spec = {.class = node_class_find(class), .name = name, .channels = channels, .values = values};
    for (unsigned row = 0; row < spec.class->n_params; row++)
        values[row] = spec.class->params[row].initial;
    unsigned row;
    if (param && node_param_find(spec.class, values, param, &row, &error))
        fail(error.text);
    if (param)
        values[row] = value;
    if (tx_add_node(tx, &spec, &error))
        fail(error.text);
}

static inline void edge(struct tx *tx, struct edge_spec spec)
{
    struct error error = {0};
    if (tx_connect(tx, &spec, &error))
        fail(error.text);
}

/* Modulations by half an octave, or half a unit. */
static inline void wire(struct tx *tx, const char *from, const char *to, float gain_db)
{
    bool has_depth = strchr(to, ':') != NULL;
    edge(tx, (struct edge_spec){
                 .from = from, .to = to, .gain_db = gain_db, .has_depth = has_depth, .depth = has_depth ? 0.5f : 1});
}

static inline int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static inline double median(double *values, unsigned n)
{
    qsort(values, n, sizeof *values, compare);
    return values[n / 2];
}
