#include "daemon/jack_shm.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* Whether somebody listens at this socket: its file stays behind when a server is killed. */
static bool is_listening(const char *folder, const char *name)
{
    char line[512], path[320];
    bool is = false;
    FILE *sockets = fopen("/proc/net/unix", "r");
    snprintf(path, sizeof path, " %s/%s\n", folder, name);
    while (sockets && !is && fgets(line, sizeof line, sockets))
        is = strstr(line, path) && strstr(line, " 00010000 "); /* the flag of those that take connections */
    if (sockets)
        fclose(sockets);
    return is;
}

/* A server listens at jack_NAME_UID_0, or at jack_NAME_0 when it is for everybody (JACK_PROMISCUOUS_SERVER). */
static void server_note(struct jack_shm *shm, const char *folder, const char *server, const char *name, unsigned uid)
{
    char ours[160], prefix[128], rest[16] = "";
    unsigned number, last;
    snprintf(prefix, sizeof prefix, "jack_%.100s_", server);
    if (getenv("JACK_PROMISCUOUS_SERVER"))
        snprintf(ours, sizeof ours, "%s0", prefix);
    else
        snprintf(ours, sizeof ours, "%s%u_0", prefix, (unsigned)getuid());
    if (strncmp(name, prefix, strlen(prefix)) || strcmp(name, ours) == 0)
        return;
    const char *tail = name + strlen(prefix);
    bool is_server = strcmp(tail, "0") == 0 || (sscanf(tail, "%u_%u%15s", &number, &last, rest) == 2 && last == 0);
    if (!is_server || !is_listening(folder, name))
        return;
    shm->has_other = true;
    shm->other_uid = uid;
}

bool jack_shm_look(const char *folder, const char *server, struct jack_shm *shm)
{
    struct statvfs room;
    DIR *files = opendir(folder);
    *shm = (struct jack_shm){0};
    if (!files || fstatvfs(dirfd(files), &room)) {
        if (files)
            closedir(files);
        return false;
    }
    shm->size_bytes = (uint64_t)room.f_blocks * room.f_frsize;
    shm->free_bytes = (uint64_t)room.f_bavail * room.f_frsize;
    for (struct dirent *entry; (entry = readdir(files));) {
        struct stat stat;
        if (strncmp(entry->d_name, "jack", 4) || fstatat(dirfd(files), entry->d_name, &stat, AT_SYMLINK_NOFOLLOW))
            continue;
        shm->has_registry |= strcmp(entry->d_name, "jack-shm-registry") == 0;
        shm->jack_bytes += entry->d_name[4] == '-' ? (uint64_t)stat.st_blocks * 512 : 0;
        if (S_ISSOCK(stat.st_mode))
            server_note(shm, folder, server, entry->d_name, stat.st_uid);
    }
    closedir(files);
    return true;
}

/* Without a registry nobody answers, and nothing is touched. */
enum jack_cause jack_shm_admit(const struct jack_shm *shm, const char *server, char *text)
{
    if (!shm->has_registry || shm->free_bytes >= JACK_SHM_CLIENT_BYTES)
        return JACK_CAUSE_NONE;
    if (shm->size_bytes < JACK_SHM_SERVER_BYTES)
        return jack_shm_explain(shm, server, text);
    jack_cause_write(text, JACK_CAUSE_SHM_FULL, server, (unsigned)(JACK_SHM_CLIENT_BYTES >> 10),
                     (unsigned)(shm->free_bytes >> 10));
    return JACK_CAUSE_SHM_FULL;
}

enum jack_cause jack_shm_explain(const struct jack_shm *shm, const char *server, char *text)
{
    enum jack_cause cause = shm->has_other                                              ? JACK_CAUSE_OTHER_USER
                            : shm->free_bytes + shm->jack_bytes < JACK_SHM_SERVER_BYTES ? JACK_CAUSE_SHM_SMALL
                                                                                        : JACK_CAUSE_NO_SERVER;
    if (cause == JACK_CAUSE_SHM_SMALL)
        jack_cause_write(text, cause, server, (unsigned)(JACK_SHM_SERVER_BYTES >> 20), (unsigned)(shm->free_bytes >> 20),
                         (unsigned)(shm->size_bytes >> 20));
    else
        jack_cause_write(text, cause, server, shm->other_uid);
    return cause;
}
