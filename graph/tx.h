/* Transactions: how the graph is edited.
 *
 *     tx_open -> tx_add_node, tx_connect, …  each checked against the model as the earlier ones left it
 *             -> tx_commit    the engine takes all of it at one frame; then `done` is called, once
 *             or tx_rollback  the model is as before, nothing has happened
 *
 * One transaction is open at a time. When an operation fails it has changed nothing; the caller may go on or roll back.
 */
#pragma once

#include "graph/ctl.h"

/* A node to be made. All is borrowed for the call: texts are copied, of media references are taken. Values are taken as
 * they are: graph/param.h checks them. */
struct node_spec {
    const struct node_class *class;
    const char *name;
    unsigned channels;          /* 0: the class's default */
    const float *values;        /* per parameter row */
    const uint16_t *notes;      /* per row: the note value that it follows, or 0; null: none */
    char *const *texts;         /* per row: a path, or null; null: no paths. Copied */
    struct media *const *media; /* per row, as for struct object_spec */
    bool bypassed;
    const char *label; /* null or "": none */
    bool again;        /* takes the place of one that writes the same files */
};

/* A connection to be made, or to be changed where there is one between these ports already. */
struct edge_spec {
    const char *from, *to; /* port references */
    float gain_db;         /* 0: unity; -120: silence */
    float depth;           /* modulation: in the parameter's unit or in octaves */
    bool has_depth;
    bool is_feedback; /* may close a loop, and delays by 256 frames */
};

/* What a committed transaction comes to. Called on the control thread, once; error->code is 0 when it was applied. */
struct outcome {
    const struct error *error;
    uint64_t frame;    /* engine time at which it took effect: the start of its fades */
    uint64_t revision; /* of the model, with it */
};

/* Who hears of it. `user` must stay valid until then; a transaction that is rolled back tells nobody. */
struct completion {
    void (*done)(void *user, const struct outcome *outcome); /* null: nobody waits */
    void *user;
};

/* Null when memory ran out, or when one is open already, which is a mistake of the caller. fade_s: length of the fades of
 * this transaction's edges, in seconds; 0 cuts hard. */
DAWD_CTL struct tx *tx_open(struct ctl *ctl, double fade_s);
/* Both end the transaction, which is not to be touched any more. A commit cannot fail at once: its edits are in the model
 * and wait for the next ctl_poll, and where memory runs out there, the completion says so. An empty one is answered in
 * its turn, at the frame of the batch that it falls into. */
DAWD_CTL void tx_commit(struct tx *tx, struct completion completion);
DAWD_CTL void tx_rollback(struct tx *tx);

/* From now on nodes are made without their sound objects, and the transaction can only be rolled back: who finds that a
 * file is missing looks on whether all the rest would do, and which other files it takes. */
DAWD_CTL void tx_rehearse(struct tx *tx);
/* From here on the transaction brings back what was there before, a session or what an undo restores: nodes are made with
 * `again` (graph/node.h), so that a file which one of them has recorded is no conflict. */
DAWD_CTL void tx_restore(struct tx *tx);

/* Whether the open transaction, if there is one, is such. */
DAWD_CTL bool tx_restores(const struct ctl *ctl);

/* The next node or connection that is made gets this number in the order of its kind (node->sequence, edge->sequence),
 * which one like it had before. */
DAWD_CTL void tx_take_place(struct tx *tx, uint64_t place);

/* Adds a node. name_taken; bad_value for an illegal name; range or unsupported for channels; too_big when no device port is
 * left; what the class's init refuses; internal. */
DAWD_CTL int tx_add_node(struct tx *tx, const struct node_spec *spec, struct error *error);

/* Removes a node with its edges. no_such_node; denied for the nodes that always exist. */
DAWD_CTL int tx_remove_node(struct tx *tx, const char *name, struct error *error);

/* Gives a node another name; it sounds on. no_such_node; bad_value for an illegal name; name_taken; denied for the nodes
 * that always exist; internal. */
DAWD_CTL int tx_rename_node(struct tx *tx, const char *name, const char *new_name, struct error *error);

/* Says whether what comes to a node and goes from it is delayed so that it meets other ways in time (graph/compensation.h).
 * no_such_node; internal. */
DAWD_CTL int tx_compensate(struct tx *tx, const char *name, bool on, struct error *error);

/* Puts a node made from `spec`, whose name is the old one's, into the place of a node: what fits of its connections is
 * kept, by the names of ports, the first port standing for one that is not there; the others are dropped with `drop`, and
 * otherwise refused with their names as conflict. One fades out, the other in. As tx_remove_node and tx_add_node. */
DAWD_CTL int tx_replace_node(struct tx *tx, const struct node_spec *spec, bool drop, struct error *error);
/* Gives `to` all connections that `from` has, from and to the same others. conflict where one does not fit; internal. */
DAWD_CTL int tx_copy_edges(struct tx *tx, struct node *from, struct node *to, struct error *error);

/* Ends all notes, cuts all tails and stops the transport; everything keeps its settings. Nodes with inputs are replaced by
 * others like them, but for those that write files. As tx_replace_node. */
DAWD_CTL int tx_panic(struct tx *tx, struct error *error);

/* Empties the graph: removes every node but those that always exist, and every edge; these get their initial values. What
 * the transaction connects after it fades in when that has faded out. As tx_remove_node and tx_set_value; what fails half
 * way is to be rolled back. */
DAWD_CTL int tx_clear(struct tx *tx, struct error *error);

/* Connects, or gives an edge that exists a new gain and depth. bad_value, no_such_node, no_such_port, bad_type for a depth
 * that is missing or superfluous or widths that do not fit; range; cycle, with the loop in the text; conflict when these
 * ports are connected with feedback and it is asked for without, or the other way round. */
DAWD_CTL int tx_connect(struct tx *tx, const struct edge_spec *spec, struct error *error);

/* Disconnects. As tx_connect, or conflict when there is no such edge. */
DAWD_CTL int tx_disconnect(struct tx *tx, const char *from, const char *to, struct error *error);

/* Removes every live edge into the node. internal; some may be gone by then: alone among the operations it does not take
 * itself back. */
DAWD_CTL int tx_disconnect_inputs(struct tx *tx, struct node *node, struct error *error);

/* Sets what people call the node; "" takes it away. too_big, bad_value for what is no line of UTF-8, internal. */
DAWD_CTL int tx_set_label(struct tx *tx, struct node *node, const char *text, struct error *error);
DAWD_ANY int label_check(const char *text, struct error *error);

/* Sets a base value (checked and clamped: graph/param.h) that is reached after glide_s seconds; negative: the
 * parameter's own glide. Only continuous parameters glide. internal; too_big for more values than one transaction may hold;
 * busy while too many wait for the audio thread. */
DAWD_CTL int tx_set_value(struct tx *tx, struct node *node, unsigned row, float value, double glide_s, struct error *error);
/* The same with a note value, for a parameter that takes them (graph/note.h): it follows the tempo from then on, until a
 * number is set. A base with a note value is set to what that comes to now, whatever its own value is. */
DAWD_CTL int tx_set_base(struct tx *tx, struct node *node, unsigned row, const struct base *base, double glide_s,
                         struct error *error);
