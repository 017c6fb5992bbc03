#include "daemon/token.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <sys/stat.h>

static int check_file(int fd, const char *path, struct error *error)
{
    struct stat stat;
    if (fstat(fd, &stat))
        return error_set(error, ERROR_IO, "--token-file %s: %s", path, strerror(errno));
    if (!S_ISREG(stat.st_mode))
        return error_set(error, ERROR_IO, "--token-file %s: it is no regular file", path);
    if (stat.st_mode & 077)
        return error_set(error, ERROR_DENIED, "--token-file %s: others may use it (mode %04o): chmod 600", path,
                         (unsigned)stat.st_mode & 07777);
    if (stat.st_uid != geteuid() && stat.st_uid != 0)
        return error_set(error, ERROR_DENIED, "--token-file %s: it belongs to another user", path);
    return 0;
}

static int check_token(const char *token, size_t n, const char *path, struct error *error)
{
    for (size_t i = 0; i < n; i++)
        if (token[i] <= ' ' || token[i] > '~')
            return error_set(error, ERROR_BAD_VALUE, "--token-file %s: a token is one line of visible ASCII without blanks",
                             path);
    if (n < CLIENT_TOKEN_MIN || n >= CLIENT_TOKEN_BYTES)
        return error_set(error, ERROR_BAD_VALUE, "--token-file %s: the token has %zu characters, %d to %d are possible",
                         path, n, CLIENT_TOKEN_MIN, CLIENT_TOKEN_BYTES - 1);
    return 0;
}

int token_read(const char *path, char token[CLIENT_TOKEN_BYTES], struct error *error)
{
    char text[CLIENT_TOKEN_BYTES + 2] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not keep us */
    if (fd < 0)
        return error_set(error, errno == ENOENT ? ERROR_NO_FILE : ERROR_IO, "--token-file %s: %s", path, strerror(errno));
    int code = check_file(fd, path, error);
    ssize_t n = code ? 0 : read(fd, text, sizeof text - 1);
    close(fd);
    if (!code && n < 0)
        code = error_set(error, ERROR_IO, "--token-file %s: %s", path, strerror(errno));
    size_t length = strcspn(text, "\r\n");
    if (!code)
        code = check_token(text, length, path, error);
    if (code)
        return code;
    memset(token, 0, CLIENT_TOKEN_BYTES);
    memcpy(token, text, length);
    return 0;
}
