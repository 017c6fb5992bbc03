#include "osc/role.h"

#include <string.h>

static const char *const names[] = {[ROLE_NONE] = "none", [ROLE_READ] = "read", [ROLE_PLAY] = "play", [ROLE_EDIT] = "edit"};

const char *role_name(enum role role)
{
    return names[role];
}

enum role role_parse(const char *name)
{
    for (enum role role = ROLE_READ; role <= ROLE_EDIT; role++)
        if (strcmp(names[role], name) == 0)
            return role;
    return ROLE_NONE;
}
