#define _GNU_SOURCE
#include "stage.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { binds_max = 64, path_max = 256 };

// Nothing here allocates or takes a lock: the memory is shared with a parent that runs on other threads.

static int write_file(const char *path, const char *text) {
  int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return -1;
  ssize_t length = (ssize_t)strlen(text);
  ssize_t written = write(file, text, (size_t)length);
  int error = errno;
  close(file);
  errno = error;
  return written == length ? 0 : -1;
}

static char *decimal(char *end, unsigned value) {
  *end = 0;
  do *--end = (char)('0' + value % 10);
  while (value /= 10);
  return end;
}

// "<id> <id> 1": the caller stays who it is.
static int write_map(const char *path, unsigned id) {
  char text[32], digits[16];
  const char *number = decimal(digits + 15, id);
  strcpy(text, number);
  strcat(text, " ");
  strcat(text, number);
  strcat(text, " 1");
  return write_file(path, text);
}

static int join(char *out, const char *folder, const char *name) {
  if (strlen(folder) + strlen(name) + 2 > path_max) {
    errno = ENAMETOOLONG;
    return -1;
  }
  strcpy(out, folder);
  strcat(out, "/");
  strcat(out, name);
  return 0;
}

// Makes the target and binds what the descriptor stands for there; without a descriptor it stays an empty folder.
static int show(int source, const char *target) {
  if (source < 0) return mkdir(target, 0755);
  struct stat status;
  if (fstat(source, &status) != 0) return -1;
  if (S_ISDIR(status.st_mode)) {
    if (mkdir(target, 0755) != 0) return -1;
  } else {
    int file = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (file < 0) return -1;
    close(file);
  }
  char path[32] = "/proc/self/fd/", digits[16];
  strcat(path, decimal(digits + 15, (unsigned)source));
  int result = mount(path, target, NULL, MS_BIND | MS_REC, NULL);
  close(source);
  return result;
}

int sluice_stage_enter(const struct sluice_stage *stage, const char **step) {
  unsigned uid = geteuid(), gid = getegid();
  *step = "cannot make a mount namespace";
  if (unshare(CLONE_NEWNS | (stage->own_user_namespace ? CLONE_NEWUSER : 0)) != 0) return -1;
  if (stage->own_user_namespace) {
    *step = "cannot map the user into a user namespace";
    if (write_file("/proc/self/setgroups", "deny") != 0) return -1;
    if (write_map("/proc/self/uid_map", uid) != 0 || write_map("/proc/self/gid_map", gid) != 0) return -1;
  }
  *step = "cannot make mounts private";
  if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) return -1;
  *step = "cannot enter the folder of worktrees";
  if (chdir(stage->folder) != 0) return -1;

  // The sources are opened before the tmpfs covers what may lie below it.
  int sources[binds_max], count = 0;
  *step = "cannot open a folder that the sandbox shows";
  for (; stage->binds[2 * count]; count++) {
    if (count == binds_max) {
      errno = E2BIG;
      return -1;
    }
    sources[count] = -1;
    if (!*stage->binds[2 * count]) continue;
    if ((sources[count] = open(stage->binds[2 * count], O_PATH | O_CLOEXEC)) < 0) return -1;
  }
  *step = "cannot mount a tmpfs";
  if (mount("tmpfs", stage->point, "tmpfs", MS_NOSUID | MS_NODEV, "size=64k,mode=755") != 0) return -1;
  char target[path_max];
  if (join(target, stage->point, "tree") != 0 || mkdir(target, 0755) != 0) return -1;
  if (stage->overlay_options) {
    *step = "cannot mount the overlay";
    if (mount("overlay", target, "overlay", MS_NOSUID | MS_NODEV, stage->overlay_options) != 0) return -1;
  } else {
    *step = "cannot bind the worktree";
    if (mount(stage->tree, target, NULL, MS_BIND, NULL) != 0) return -1;
  }
  *step = "cannot bind a folder that the sandbox shows";
  for (int index = 0; index < count; index++) {
    if (join(target, stage->point, stage->binds[2 * index + 1]) != 0) return -1;
    if (show(sources[index], target) != 0) return -1;
  }
  // The working directory must not be a way back to the repository.
  *step = "cannot leave the folder of worktrees";
  return chdir("/");
}
