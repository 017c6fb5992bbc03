#include "daemon/jack_shm.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

static void files_add(struct jack_shm *shm, DIR *folder)
{
    for (struct dirent *entry; (entry = readdir(folder));) {
        struct stat stat;
        bool is_registry = strcmp(entry->d_name, "jack-shm-registry") == 0;
        if (strncmp(entry->d_name, "jack-", 5) || fstatat(dirfd(folder), entry->d_name, &stat, AT_SYMLINK_NOFOLLOW))
            continue;
        shm->has_registry |= is_registry;
        shm->jack_bytes += (uint64_t)stat.st_blocks * 512;
    }
}

bool jack_shm_look(const char *folder, struct jack_shm *shm)
{
    struct statvfs room;
    DIR *files = opendir(folder);
    *shm = (struct jack_shm){0};
    if (!files)
        return false;
    bool is_known = statvfs(folder, &room) == 0;
    if (is_known) {
        shm->size_bytes = (uint64_t)room.f_blocks * room.f_frsize;
        shm->free_bytes = (uint64_t)room.f_bavail * room.f_frsize;
        files_add(shm, files);
    }
    closedir(files);
    return is_known;
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
    bool is_small = shm->free_bytes + shm->jack_bytes < JACK_SHM_SERVER_BYTES;
    if (is_small)
        jack_cause_write(text, JACK_CAUSE_SHM_SMALL, server, (unsigned)(JACK_SHM_SERVER_BYTES >> 20),
                         (unsigned)(shm->free_bytes >> 20), (unsigned)(shm->size_bytes >> 20));
    else
        jack_cause_write(text, JACK_CAUSE_NO_SERVER, server);
    return is_small ? JACK_CAUSE_SHM_SMALL : JACK_CAUSE_NO_SERVER;
}
