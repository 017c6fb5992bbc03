/* The reference pages, written from the tables of the build: what is in them cannot differ from what the daemon does.
 *
 *     docs/source/osc.md  --+
 *     @commands@            +--> reference --> docs/osc.md
 *     tables of the build --+
 *
 * A page's source is text by hand; a line that is @NAME@ alone is replaced by what the piece of that name writes.
 */
#pragma once

#include <stdio.h>

/* What writes one piece of a page. */
struct piece {
    const char *name;
    void (*write)(FILE *to);
};

/* docs/nodes.md: an index, and every type with its ports, parameters, readings and picture. To be run in the top folder,
 * where it looks which file holds a type and whether there is a picture. */
void nodes_index_md(FILE *to);
void nodes_md(FILE *to);

/* docs/osc.md and dawd-osc(7): every family of commands, the codes of /fail, and events. */
void commands_md(FILE *to);
void errors_md(FILE *to);
void events_md(FILE *to);
void commands_man(FILE *to);
void errors_man(FILE *to);

/* docs/security.md: what each role may do, and the limits. */
void roles_md(FILE *to);
void limits_md(FILE *to);

/* dawd(1): the options, the limits, and the types of nodes in a line each. */
void options_man(FILE *to);
void limits_man(FILE *to);
void nodes_man(FILE *to);

/* Texts of the tables, so that the page's format takes none of their characters for its own. */
void text_md(const char *text, FILE *to);
void text_man(const char *text, FILE *to);
