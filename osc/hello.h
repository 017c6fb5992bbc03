/* /hello: who is there, and for a sender on another host the way in.
 *
 *     UDP, no token       /hello pad "…"            -> role none, and a cookie        the pad makes room for the answer
 *                         /hello cookie C pad "…"   -> role and lease of the address
 *     UDP, TCP, a token   /hello token T pad "…"    -> role and lease
 */
#pragma once

#include "osc/command.h"

#define HELLO_ARGS    "token=s cookie=i pad=s"
#define HELLO_RESULTS "program:s version:s language:i name:s rate:i(Hz) role:s lease:i(s) cookie:h"

DAWD_CTL int hello_run(struct call *call);
