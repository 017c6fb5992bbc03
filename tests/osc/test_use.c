/* Every command put to right use. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "osc/command.h"
#include "tests/event_nodes.h"
#include "tests/osc_rig.h"

static struct osc_rig rig;

static uint64_t want(void *self, const struct device_port *ports, unsigned n_ports)
{
    (void)self, (void)ports, (void)n_ports;
    return 1;
}

static uint64_t fulfilled(void *self)
{
    (void)self;
    return 1;
}

/* A server without anybody else on it. */
static bool each_other(void *self, void (*take)(void *user, const struct device_other *other), void *user)
{
    (void)self, (void)take, (void)user;
    return true;
}

static const struct device_service device = {.want = want, .fulfilled = fulfilled, .each_other = each_other};

/* One that takes notes and has presets. */
static void ear_add(void)
{
    osc_rig_add(&rig, &rig_ear, "lead", (const float[]){0.5f, 0, 2});
}

static void open_rig(void)
{
    osc_rig_open(&rig);
    rig.ctl->device = &device;
    osc_rig_do(&rig, "/graph/add osc tone freq 300.0");
    osc_rig_do(&rig, "/graph/add gain one");
    osc_rig_do(&rig, "/graph/add gain two");
    osc_rig_do(&rig, "/graph/connect tone one");
    osc_rig_do(&rig, "/graph/connect one two");
}

static void close_rig(void)
{
    osc_rig_close(&rig);
}

/* Right uses of every command. */
static const char *const rights[] = {
    "/graph/preset lead loud",
    "/graph/preset lead soft 0.5",
    "/graph/presets lead",
    "/graph/presets fm 1 3",
    "/note/on lead 60 100",
    "/note/on lead 60.5 100 0.25 channel 2",
    "/note/on lead 61 100 hold channel 16",
    "/note/off lead 60",
    "/note/off lead 61 64 channel 16",
    "/note/bend lead -0.5",
    "/note/pressure lead 64",
    "/note/pressure lead 64 60 channel 2",
    "/note/cc lead 1 64",
    "/note/program lead 1",
    "/note/list lead",
    "/note/list",
    "/note/all_off lead",
    "/note/all_off",
    "/midi lead %m:00903c64",
    "/graph/remove lead",
    "/describe filter",
    "/describe /graph/add",
    "/describe limits",
    "/describe",
    "/graph/add gain new gain -6.0 channels 1",
    "/graph/add gain newer",
    "/graph/add delay echo time 1/8d",
    "/graph/add lfo sweep rate 1/4t lock T",
    "/graph/copy one another",
    "/graph/copy one third gain -3 edges channels 2",
    "/graph/rename third fourth",
    "/graph/replace fourth delay drop time 0.1",
    "/graph/path tone two",
    "/graph/path tone tone",
    "/graph/bypass one 1",
    "/graph/compensate one 1",
    "/graph/connect tone one:gain gain -6.0 depth 1.0",
    "/graph/connect new out gain 3",
    "/graph/connect two one gain -9 feedback",
    "/graph/connect one:out.2 out:in.1",
    "/graph/disconnect one two",
    "/graph/dump dot",
    "/graph/dump osc",
    "/graph/dump json",
    "/graph/dump",
    "/graph/get one",
    "/graph/latency one",
    "/graph/list 1 2",
    "/graph/list 4",
    "/graph/list",
    "/graph/remove two",
    "/graph/clear",
    "/undo",
    "/undo 3",
    "/redo 2",
    "/redo",
    "/history 1 3",
    "/history/get 1",
    "/history",
    "/hello",
    "/jack/connect out_1 system:playback_1 wait",
    "/jack/disconnect out_1 system:playback_1",
    "/jack/disconnect out_1",
    "/jack/info",
    "/jack/list",
    "/jack/ports",
    "/log/level debug",
    "/log/level",
    "/log/tail 3 1",
    "/log/tail 3",
    "/log/tail",
    "/graph/add arpeggiator keys",
    "/map/cc keys 1 7 one:gain min -60.0 max 0.0 pickup",
    "/map/cc * 0 20 one:gain",
    "/map/list",
    "/map/list 0 1",
    "/map/remove one:gain keys 1 7",
    "/map/remove one:gain",
    "/map/forget",
    "/map/learn one:gain min -60.0 max 0.0",
    "/midi/play song.mid keys loop drums",
    "/midi/play other.mid keys",
    "/midi/stop keys",
    "/panic",
    "/ping",
    "/sched/list",
    "/sched/list 0 1",
    "/sched/clear 3",
    "/sched/clear",
    "/session/info",
    "/session/flush",
    "/session/state",
    "/session/load song.dawd fade 0.5",
    "/session/load song.dawd",
    "/session/save other.dawd",
    "/session/save",
    "/session/new fade 0.5",
    "/session/new",
    "/session/back fade 0.5",
    "/session/back",
    "/stats",
    "/stats/profile 0.001",
    "/stats/profile 0.001 1 2",
    "/stats/reset",
    "/sub /node/tone/freq",
    "/sub /node/*/* max_hz 10 lease 5 to 9001",
    "/renew",
    "/renew 1",
    "/resync 1",
    "/unsub 1",
    "/unsub /node/*/*",
    "/sync 3",
    "/sync",
    "/time",
    "/transport/play",
    "/transport/locate 17:1:0",
    "/transport/locate 480000h",
    "/transport/position",
    "/transport/position 1.5",
    "/transport/tempo 90.5 at 9:1:0",
    "/transport/tempo 100",
    "/transport/tempo",
    "/transport/signature 3 4 at 9:1:0",
    "/transport/signature 6 8",
    "/transport/signature",
    "/transport/list",
    "/transport/clear 9:1:0",
    "/transport/clear",
    "/transport/sync internal",
    "/transport/sync",
    "/transport/tap",
    "/transport/stop",
    "/types 1 2",
    "/types",
    "/quit",
};

static const struct command *command_of(const char *line)
{
    char address[64];
    snprintf(address, sizeof address, "%.*s", (int)strcspn(line, " "), line);
    const struct command *command = command_find(address);
    ck_assert_msg(command != NULL, "%s", line);
    return command;
}

START_TEST(every_command_is_tested_here)
{
    for (unsigned f = 0; f < n_command_families; f++)
        for (unsigned k = 0; k < command_families[f]->n_commands; k++) {
            const struct command *command = &command_families[f]->commands[k];
            unsigned i = 0;
            while (i < ROWS(rights) && command_of(rights[i]) != command)
                i++;
            ck_assert_msg(i < ROWS(rights), "%s is not", command->address);
        }
}
END_TEST

/* ---- right use ------------------------------------------------------------------------------------------------------- */

/* The types that a row promises: those that stand alone, and those of the group. */
struct shape {
    char single[16], group[16];
};

static struct shape shape_read(const char *results)
{
    struct shape shape = {0};
    char *types = shape.single;
    for (const char *at = results; *at && *at != '|'; at++) {
        if (*at == '[')
            types = shape.group;
        if (*at == ':')
            types[strlen(types)] = at[1];
    }
    return shape;
}

static bool has_type(const struct arg *arg, char type)
{
    return type == '*' || type == arg->tag || (type == 'b' && (arg->tag == 'T' || arg->tag == 'F'));
}

static bool has_shape(const struct shape *shape, const struct arg *args, unsigned n)
{
    unsigned n_single = (unsigned)strlen(shape->single), n_group = (unsigned)strlen(shape->group);
    if (n < n_single || (n_group ? (n - n_single) % n_group != 0 : n != n_single))
        return false;
    for (unsigned i = 0; i < n; i++)
        if (!has_type(&args[i], i < n_single ? shape->single[i] : shape->group[(i - n_single) % n_group]))
            return false;
    return true;
}

static void check_results(const char *line, const struct osc_rig_answer *answer)
{
    static struct arg args[1024];
    const struct command *command = command_of(line);
    const char *other = strchr(command->results, '|');
    struct message message = message_read(answer->packet.data);
    unsigned n = message_args(&message, args, ROWS(args));
    struct shape usual = shape_read(command->results), rare = shape_read(other ? other + 1 : "");
    ck_assert_msg(strcmp(message.address, "/done") == 0, "%s: %s", line, answer->line);
    ck_assert_int_eq(args[0].i, 5);
    ck_assert_str_eq(args[1].s, command->address);
    ck_assert_msg(has_shape(&usual, args + 2, n - 2) || (other && has_shape(&rare, args + 2, n - 2)), "%s promises %s: %s",
                  command->address, command->results, answer->line);
}

START_TEST(every_command_answers_once_with_the_results_it_promises)
{
    static const char session[] = "# dawd session 1\n/graph/add gain one\n# end\n";
    char line[256];
    ear_add();
    for (unsigned i = 0; i < ROWS(rights); i++) {
        bool forgets = strcmp(rights[i], "/map/forget") == 0;
        if (forgets)
            osc_rig_send(&rig, "/map/learn one:gain");
        snprintf(line, sizeof line, "/req/5%s", rights[i]);
        osc_rig_send(&rig, line);
        if (strncmp(rights[i], "/map/learn", 10) == 0)
            osc_rig_send(&rig, "/note/cc keys 7 100");
        if (strncmp(rights[i], "/session/load", 13) == 0)
            osc_rig_read(&rig, "song.dawd", session, strlen(session));
        if (strncmp(rights[i], "/session/save", 13) == 0)
            free(osc_rig_saved(&rig, "other.dawd"));
        while (rig.n_loads)
            osc_rig_load(&rig, rig.loads[0].path);
        osc_rig_run(&rig);
        if (strncmp(rights[i], "/sync", 5) == 0)
            ck_assert(strncmp(osc_rig_line(&rig), "/synced ", 8) == 0);
        if (forgets)
            osc_rig_expect(&rig, "/fail 0 /map/learn *");
        if (strncmp(rights[i], "/map/learn", 10) == 0)
            osc_rig_expect(&rig, "/progress 5 /map/learn *");
        const struct osc_rig_answer *answer = osc_rig_answer(&rig);
        ck_assert_msg(answer != NULL, "%s is not answered", rights[i]);
        check_results(rights[i], answer);
        ck_assert_msg(!osc_rig_answer(&rig), "%s is answered twice", rights[i]);
    }
    ck_assert_uint_eq(rig.server->counters.failures, 0);
}
END_TEST

START_TEST(edits_do_what_they_say)
{
    osc_rig_do(&rig, "/graph/add filter lp cutoff 500.0 channels 1 mode notch");
    osc_rig_do(&rig, "/graph/connect one:out.2 lp gain -3.5");
    osc_rig_do(&rig, "/graph/connect tone lp:cutoff depth 2.0");
    osc_rig_do(&rig, "/graph/disconnect one two");
    osc_rig_do(&rig, "/graph/remove two");
    osc_rig_do(&rig, "/graph/connect tone lp:cutoff depth 0.5 gain -6");
    ck_assert_str_eq(osc_rig_dump(&rig), "/graph/add osc tone freq 300.0\n"
                                         "/graph/add gain one\n"
                                         "/graph/add filter lp channels 1 mode notch cutoff 500.0\n"
                                         "/graph/connect tone:out one:in\n"
                                         "/graph/connect one:out.2 lp:in gain -3.5\n"
                                         "/graph/connect tone:out lp:cutoff gain -6.0 depth 0.5\n");
}
END_TEST

START_TEST(queries_tell_what_there_is)
{
    ck_assert_str_eq(osc_rig_do(&rig, "/graph/list"),
                     "/done 0 /graph/list 5 in input out output tone osc one gain two gain");
    ck_assert_str_eq(osc_rig_do(&rig, "/graph/list 1 2"), "/done 0 /graph/list 5 out output tone osc");
    ck_assert_str_eq(osc_rig_do(&rig, "/graph/list 5"), "/done 0 /graph/list 5");
    ck_assert_str_eq(osc_rig_do(&rig, "/graph/list 9000000000h 1"), "/done 0 /graph/list 5");
    ck_assert_str_eq(osc_rig_do(&rig, "/graph/get one"),
                     "/done 0 /graph/get \"/graph/add gain one\\n/graph/connect one:out two:in\\n\"");
    ck_assert_str_eq(osc_rig_do(&rig, "/hello"), "/done 0 /hello dawd 0.1.0 1 rig 48000 edit 0 0h");
    ck_assert_str_eq(osc_rig_do(&rig, "/ping"), "/done 0 /ping");
    char types[128];
    snprintf(types, sizeof types, "/done 0 /types %u %s %s", n_node_registry, node_registry[0]->name,
             node_registry[1]->name);
    ck_assert_str_eq(osc_rig_do(&rig, "/types 0 2"), types);
    ck_assert_str_eq(osc_rig_do(&rig, "/log/level"), "/done 0 /log/level info");
    ck_assert_str_eq(osc_rig_do(&rig, "/log/level error"), "/done 0 /log/level error");
    ck_assert_str_eq(osc_rig_do(&rig, "/log/level"), "/done 0 /log/level error");
}
END_TEST

START_TEST(statistics_tell_nodes_edits_and_requests)
{
    const char *line = osc_rig_do(&rig, "/stats");
    static const char *const parts[] = {
        " nodes 5h ",        " connections 2h ",          " revision 5h ", " requests 6h ", " failures 0h ",
        " rate_hz 48000.0 ", " cause \"this is a test\"", " realtime F "};
    for (unsigned i = 0; i < ROWS(parts); i++)
        ck_assert_msg(strstr(line, parts[i]) != NULL, "%s is not in %s", parts[i], line);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        every_command_is_tested_here,
        every_command_answers_once_with_the_results_it_promises,
        edits_do_what_they_say,
        queries_tell_what_there_is,
        statistics_tell_nodes_edits_and_requests,
    };
    return osc_rig_suite("use of commands", open_rig, close_rig, tests, ROWS(tests));
}
