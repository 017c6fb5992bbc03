/* /sub and what keeps it going — being told of changes. */
#include "osc/command.h"
#include "osc/server.h"

static int subscribe(struct call *call)
{
    const struct value *args = call->args;
    struct sub_wish wish = {.pattern = args[0].s};
    int32_t id;
    if ((args[1].given && !(args[1].d > 0)) || (args[2].given && !(args[2].d > 0)))
        return error_set(call->error, ERROR_RANGE, "%s must be more than 0",
                         args[1].given && !(args[1].d > 0) ? "max_hz" : "lease");
    if (args[3].given && (args[3].i < 1 || args[3].i > 65535))
        return error_set(call->error, ERROR_RANGE, "to %lld is outside the range of ports, 1 to 65535",
                         (long long)args[3].i);
    wish.max_hz = args[1].given ? args[1].d : 0;
    wish.lease_s = args[2].given ? args[2].d : 0;
    wish.port = args[3].given ? (unsigned)args[3].i : 0;
    if (sub_add(call->server, &call->request->peer, &wish, &id, call->error))
        return (int)call->error->code;
    writer_int(call->results, id);
    return 0;
}

/* A number that no subscription has is told like one of somebody else. */
static int32_t id_of(int64_t number)
{
    return number > 0 && number <= INT32_MAX ? (int32_t)number : -1;
}

static int no_such(struct call *call, int64_t id)
{
    return error_set(call->error, ERROR_NO_MATCH, "this client has no subscription %lld", (long long)id);
}

static int unsubscribe(struct call *call)
{
    const struct arg *which = call->args[0].a;
    const char *pattern = arg_string(which);
    int64_t id = 0;
    arg_integer(which, &id);
    unsigned n = sub_remove(call->server, &call->request->peer, pattern ? 0 : id_of(id), pattern);
    if (!n && pattern)
        return error_set(call->error, ERROR_NO_MATCH, "this client has no subscription with the pattern \"%.200s\"",
                         pattern);
    if (!n)
        return no_such(call, id);
    writer_int(call->results, (int32_t)n);
    return 0;
}

/* That the client was heard of has renewed it. */
static int renew(struct call *call)
{
    const struct value *id = &call->args[0];
    unsigned n = sub_count(call->server, &call->request->peer, id->given ? id_of(id->i) : 0);
    if (!n && id->given)
        return no_such(call, id->i);
    writer_int(call->results, (int32_t)n);
    return 0;
}

static int resync(struct call *call)
{
    if (!sub_resync(call->server, &call->request->peer, id_of(call->args[0].i)))
        return no_such(call, call->args[0].i);
    return 0;
}

static const struct command commands[] = {
    {"/sub", "pattern:s max_hz=d(Hz) lease=d(s) to=i", "sub:i",
     "Tells the sender from now on whatever becomes another value at an address that matches, after a snapshot of all; 30 "
     "times "
     "a second at most unless told otherwise, to another port of its host if one is given.",
     COMMAND_ACTION, 0, subscribe, ROLE_READ},
    {"/unsub", "which:n", "n:i", "Ends a subscription of the sender by its number, or all of this pattern.", COMMAND_ACTION,
     0, unsubscribe, ROLE_READ},
    {"/renew", "[sub:i]", "n:i",
     "Begins the leases of the sender's subscriptions anew, as everything that it sends does, and tells how many it has; "
     "with a "
     "number, whether it has that one.",
     COMMAND_ACTION, 0, renew, ROLE_READ},
    {"/resync", "sub:i", "", "Sends the snapshot of a subscription again, for a client that has missed a packet.",
     COMMAND_ACTION, 0, resync, ROLE_READ},
};

const struct command_family sub_family = {"sub", commands, ROWS(commands)};
