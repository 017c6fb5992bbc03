#include "daemon/jack_cables.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/jack_hunt.h"
#include "daemon/jack_link.h"
#include "daemon/jack_ports.h"
#include "graph/cable.h"
#include "graph/mutant.h"

/* A wish, and what became of it. */
struct jack_cable {
    struct device_cable wish;
    uint64_t made;         /* serial of our port when it was connected; 0: not yet, or the other one has gone since */
    uint64_t refused;      /* likewise, when JACK would not */
    struct jack_hunt hunt; /* of a pattern */
};

/* What there was at the last look. */
struct view {
    struct device_other *others;
    struct device_link *links;
    char *text; /* all names */
    unsigned n_others, n_links;
    bool has_server;
};

struct jack_cables {
    struct log *log;
    struct jack_cable *cables; /* being brought about */
    unsigned n;
    struct jack_hunt usual; /* devices for midi_in_1 */
    pthread_mutex_t lock;   /* of what follows; never held across a call of JACK */
    struct device_cable *wish;
    unsigned n_wish;
    bool is_new;
    struct view view;
};

struct jack_cables *jack_cables_new(struct log *log)
{
    struct jack_cables *cables = calloc(1, sizeof *cables);
    if (!cables)
        return NULL;
    cables->log = log;
    pthread_mutex_init(&cables->lock, NULL);
    return cables;
}

static void view_free(struct view *view)
{
    free(view->others);
    free(view->links);
    free(view->text);
}

/* As if nothing had ever been connected. */
static void made_forget(struct jack_cables *cables)
{
    for (unsigned i = 0; i < cables->n; i++) {
        cables->cables[i].made = 0;
        jack_hunt_reset(&cables->cables[i].hunt);
    }
    jack_hunt_reset(&cables->usual);
}

void jack_cables_free(struct jack_cables *cables)
{
    if (!cables)
        return;
    view_free(&cables->view);
    pthread_mutex_destroy(&cables->lock);
    made_forget(cables);
    free(cables->cables);
    free(cables->wish);
    free(cables);
}

/* ---- control's side ------------------------------------------------------------------------------------------------- */

/* Where memory runs out the wish before stays. */
void jack_cables_want(struct jack_cables *cables, const struct device_cable *wish, unsigned n)
{
    struct device_cable *copy = malloc((n + 1) * sizeof *copy), *before;
    if (!copy)
        return;
    if (n)
        memcpy(copy, wish, n * sizeof *copy);
    pthread_mutex_lock(&cables->lock);
    before = cables->wish;
    cables->wish = copy;
    cables->n_wish = n;
    cables->is_new = true;
    pthread_mutex_unlock(&cables->lock);
    free(before);
}

bool jack_cables_each_other(struct jack_cables *cables, void (*take)(void *user, const struct device_other *other),
                            void *user)
{
    pthread_mutex_lock(&cables->lock);
    bool has_server = cables->view.has_server;
    for (unsigned i = 0; i < cables->view.n_others; i++)
        take(user, &cables->view.others[i]);
    pthread_mutex_unlock(&cables->lock);
    return has_server;
}

bool jack_cables_each_link(struct jack_cables *cables, void (*take)(void *user, const struct device_link *link), void *user)
{
    pthread_mutex_lock(&cables->lock);
    bool has_server = cables->view.has_server;
    for (unsigned i = 0; i < cables->view.n_links; i++)
        take(user, &cables->view.links[i]);
    pthread_mutex_unlock(&cables->lock);
    return has_server;
}

/* ---- wishes --------------------------------------------------------------------------------------------------------- */

static bool is_same(const struct device_cable *a, const struct device_cable *b)
{
    return a->index == b->index && a->is_cut == b->is_cut && strcmp(a->other, b->other) == 0;
}

static struct jack_cable *cable_find(struct jack_cable *cables, unsigned n, const struct device_cable *like)
{
    for (unsigned i = 0; i < n; i++)
        if (is_same(&cables[i].wish, like))
            return &cables[i];
    return NULL;
}

/* Whether one of these wishes wants the connection. */
static bool is_wanted(const struct jack_cable *cables, unsigned n, unsigned index, const char *other)
{
    for (unsigned i = 0; i < n; i++)
        if (cables[i].wish.index == index && !cables[i].wish.is_cut && cable_fits(cables[i].wish.other, other))
            return true;
    return false;
}

/* But for what others of these wishes want. */
static void cable_cut(jack_client_t *client, jack_port_t *port, const struct device_cable *wish,
                      const struct jack_cable *others, unsigned n)
{
    const char **all = *wish->other ? jack_port_get_all_connections(client, port) : NULL;
    if (!*wish->other)
        jack_port_disconnect(client, port);
    for (unsigned i = 0; all && all[i]; i++)
        if (cable_fits(wish->other, all[i]) && !is_wanted(others, n, wish->index, all[i]))
            jack_link_cut(client, port, all[i]);
    jack_free(all);
}

static void cable_make(struct jack_cables *cables, jack_client_t *client, jack_port_t *port, uint64_t serial,
                       struct jack_cable *cable)
{
    const char *other = cable->wish.other;
    if (cable_is_pattern(other)) {
        const struct jack_prey prey = {client, port, cable->wish.index, serial, other, 0};
        jack_hunt_look(&cable->hunt, &prey, cables);
        return;
    }
    bool is_there = jack_port_by_name(client, other) != NULL;
    if (!is_there || cable->made == serial) {
        cable->made = is_there ? cable->made : 0;
        return;
    }
    if (jack_link_make(client, port, other)) {
        cable->made = serial;
        return;
    }
    /* When its client runs, JACK tells of its ports, and there is another look. */
    if (cable->refused != serial)
        log_put(cables->log, LOG_INFO, "JACK does not connect %s and %s yet", jack_port_name(port), other);
    cable->refused = serial;
}

/* Takes the newest wish over; what of the old one is not in it is cut. */
static void wish_take(struct jack_cables *cables, jack_client_t *client, struct jack_ports *ports)
{
    pthread_mutex_lock(&cables->lock);
    unsigned n = cables->n_wish;
    struct jack_cable *next = cables->is_new ? calloc(n + 1, sizeof *next) : NULL;
    for (unsigned i = 0; next && i < n; i++)
        next[i].wish = cables->wish[i];
    cables->is_new = cables->is_new && !next;
    pthread_mutex_unlock(&cables->lock);
    if (!next)
        return;
    for (unsigned i = 0; i < n; i++) {
        struct jack_cable *before = cable_find(cables->cables, cables->n, &next[i].wish);
        jack_port_t *port = jack_ports_at(ports, next[i].wish.index);
        if (before) {
            next[i].made = before->made;
            next[i].hunt = before->hunt;
            before->hunt = (struct jack_hunt){0};
        } else if (next[i].wish.is_cut && port) {
            cable_cut(client, port, &next[i].wish, NULL, 0);
        }
    }
    for (unsigned i = 0; i < cables->n; i++) {
        const struct device_cable *wish = &cables->cables[i].wish;
        jack_port_t *port = jack_ports_at(ports, wish->index);
        jack_hunt_reset(&cables->cables[i].hunt);
        if (!port || cable_find(next, n, wish))
            continue;
        if (wish->is_cut) {
            jack_ports_connect(ports, wish->index);
            jack_hunt_reset(&cables->usual);
        } else {
            cable_cut(client, port, wish, next, n);
        }
    }
    free(cables->cables);
    cables->cables = next;
    cables->n = n;
}

bool jack_cables_is_cut(struct jack_cables *cables, unsigned index, const char *other)
{
    bool is_cut = false;
    pthread_mutex_lock(&cables->lock);
    for (unsigned i = 0; i < cables->n_wish; i++) {
        const struct device_cable *wish = &cables->wish[i];
        is_cut |= wish->index == index && wish->is_cut && (!*wish->other || cable_fits(wish->other, other));
    }
    pthread_mutex_unlock(&cables->lock);
    return is_cut && !MUTANT_FLAW("heedless");
}

/* ---- the view ------------------------------------------------------------------------------------------------------- */

/* Names that are gathered in one run of memory, first as places in it. */
struct names {
    char *text;
    size_t n, capacity;
    bool failed;
};

static size_t name_add(struct names *names, const char *name)
{
    size_t n = strlen(name) + 1, at = names->n;
    if (names->n + n > names->capacity) {
        size_t capacity = 2 * names->capacity + n + 1024;
        char *text = realloc(names->text, capacity);
        names->failed |= !text;
        if (!text)
            return 0;
        names->text = text;
        names->capacity = capacity;
    }
    memcpy(names->text + at, name, n);
    names->n += n;
    return at;
}

static bool grow(void *array, unsigned n, size_t bytes)
{
    void **pointer = array;
    if (n & (n - 1))
        return true;
    void *larger = realloc(*pointer, (n ? 2 * n : 1) * bytes);
    if (larger)
        *pointer = larger;
    return larger != NULL;
}

static void others_look(struct view *view, struct names *names, jack_client_t *client, const char *type)
{
    const char **all = jack_get_ports(client, NULL, type, 0);
    for (unsigned i = 0; all && all[i]; i++) {
        const jack_port_t *port = jack_port_by_name(client, all[i]);
        if (!port || jack_port_is_mine(client, port) || !grow(&view->others, view->n_others, sizeof *view->others))
            continue;
        int flags = jack_port_flags(port);
        size_t at = name_add(names, all[i]);
        view->others[view->n_others++] = (struct device_other){.name = (const char *)at,
                                                               .is_source = flags & JackPortIsOutput,
                                                               .is_physical = flags & JackPortIsPhysical,
                                                               .is_midi = strcmp(type, JACK_DEFAULT_MIDI_TYPE) == 0};
    }
    jack_free(all);
}

static void links_look(struct view *view, struct names *names, jack_client_t *client, const jack_port_t *port)
{
    const char **all = jack_port_get_all_connections(client, port);
    for (unsigned i = 0; all && all[i]; i++) {
        if (!grow(&view->links, view->n_links, sizeof *view->links))
            continue;
        size_t ours = name_add(names, jack_port_short_name(port)), other = name_add(names, all[i]);
        view->links[view->n_links++] = (struct device_link){
            .ours = (const char *)ours, .other = (const char *)other, .is_source = jack_link_gives(port)};
    }
    jack_free(all);
}

/* Places become pointers, since the run of names no longer moves. */
static void names_settle(struct view *view, const struct names *names)
{
    for (unsigned i = 0; i < view->n_others; i++)
        view->others[i].name = names->text + (size_t)view->others[i].name;
    for (unsigned i = 0; i < view->n_links; i++) {
        view->links[i].ours = names->text + (size_t)view->links[i].ours;
        view->links[i].other = names->text + (size_t)view->links[i].other;
    }
    view->text = names->text;
}

static void view_set(struct jack_cables *cables, const struct view *view)
{
    pthread_mutex_lock(&cables->lock);
    struct view before = cables->view;
    cables->view = *view;
    pthread_mutex_unlock(&cables->lock);
    view_free(&before);
}

static void view_look(struct jack_cables *cables, jack_client_t *client, struct jack_ports *ports)
{
    struct view view = {.has_server = true};
    struct names names = {0};
    others_look(&view, &names, client, JACK_DEFAULT_AUDIO_TYPE);
    others_look(&view, &names, client, JACK_DEFAULT_MIDI_TYPE);
    for (unsigned i = 0; i < DEVICE_PORTS_MAX; i++)
        if (jack_ports_at(ports, i))
            links_look(&view, &names, client, jack_ports_at(ports, i));
    if (names.failed) {
        free(names.text);
        view_free(&view);
        return;
    }
    names_settle(&view, &names);
    view_set(cables, &view);
}

/* All MIDI devices that there are, and those that are plugged in later. */
static void devices_look(struct jack_cables *cables, jack_client_t *client, struct jack_ports *ports)
{
    for (unsigned i = 0; i < DEVICE_PORTS_MAX; i++) {
        jack_port_t *port = jack_ports_at(ports, i);
        if (!port || strcmp(jack_port_short_name(port), "midi_in_1") != 0 || jack_link_gives(port) ||
            strcmp(jack_port_type(port), JACK_DEFAULT_MIDI_TYPE) != 0)
            continue;
        const struct jack_prey prey = {client, port, i, jack_ports_serial(ports, i), "*", JackPortIsPhysical};
        jack_hunt_look(&cables->usual, &prey, cables);
    }
}

void jack_cables_apply(struct jack_cables *cables, jack_client_t *client, struct jack_ports *ports)
{
    wish_take(cables, client, ports);
    for (unsigned i = 0; i < cables->n; i++) {
        struct jack_cable *cable = &cables->cables[i];
        jack_port_t *port = jack_ports_at(ports, cable->wish.index);
        if (!cable->wish.is_cut && port)
            cable_make(cables, client, port, jack_ports_serial(ports, cable->wish.index), cable);
    }
    if (jack_ports_connect_usually(ports))
        devices_look(cables, client, ports);
    view_look(cables, client, ports);
}

void jack_cables_detach(struct jack_cables *cables)
{
    if (MUTANT_FLAW("uncabled"))
        cables->n = 0;
    made_forget(cables);
    view_set(cables, &(struct view){0});
}
