/* Rows of a table that differ in a number: what NUMBERED_8(OUTPUT) writes is OUTPUT(1), OUTPUT(2), up to OUTPUT(8).
 *
 *     #define OUTPUT(n) {"out" #n, "The signal.", 0, .number = n}
 *     static const struct port_info outputs[] = {NUMBERED_8(OUTPUT)};
 *
 * How many of them a node has, a parameter says: struct node_class, numbered_by.
 */
#pragma once

#define NUMBERED_8(X) X(1), X(2), X(3), X(4), X(5), X(6), X(7), X(8)
#define NUMBERED_32(X)                                                                                                     \
    NUMBERED_8(X), X(9), X(10), X(11), X(12), X(13), X(14), X(15), X(16), X(17), X(18), X(19), X(20), X(21), X(22), X(23), \
        X(24), X(25), X(26), X(27), X(28), X(29), X(30), X(31), X(32)
