#define _GNU_SOURCE
#include "CProcesses.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { descriptors_max = 64 };

static int limit(int which, int64_t value) {
  if (value < 0) return 0;
  struct rlimit bound = {.rlim_cur = (rlim_t)value, .rlim_max = (rlim_t)value};
  return setrlimit(which, &bound);
}

// Moves the wanted descriptors to 0, 1, 2, … and closes everything above.
static int place_descriptors(const struct sluice_spawn *spawn, int report) {
  int moved[descriptors_max];
  for (int i = 0; i < spawn->descriptor_count; i++) {
    int source = spawn->descriptors[i];
    int opened = -1;
    if (source < 0) {
      opened = source = open("/dev/null", O_RDWR | O_CLOEXEC);
      if (source < 0) return -1;
    }
    moved[i] = fcntl(source, F_DUPFD_CLOEXEC, 100);
    if (moved[i] < 0) return -1;
    if (opened >= 0) close(opened);
  }
  int kept = fcntl(report, F_DUPFD_CLOEXEC, 100 + descriptors_max);
  if (kept < 0) return -1;
  for (int i = 0; i < spawn->descriptor_count; i++)
    if (dup2(moved[i], i) < 0) return -1;
  // Mark rather than close: the report descriptor must live until exec.
  if (syscall(SYS_close_range, (unsigned)spawn->descriptor_count, ~0U, 4 /* CLOSE_RANGE_CLOEXEC */) != 0) {
    long count = sysconf(_SC_OPEN_MAX);
    for (long fd = spawn->descriptor_count; fd < count; fd++) fcntl((int)fd, F_SETFD, FD_CLOEXEC);
  }
  return kept;
}

static void child(const struct sluice_spawn *spawn, int report, pid_t parent) {
  int kept = report;
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  for (int number = 1; number < 32; number++)
    if (number != SIGKILL && number != SIGSTOP) signal(number, SIG_DFL);
  if (spawn->new_session && setsid() < 0) goto failed;
  if ((kept = place_descriptors(spawn, report)) < 0) goto failed;
  if (spawn->directory && chdir(spawn->directory) != 0) goto failed;
  if (limit(RLIMIT_CORE, spawn->file_size_max >= 0 ? 0 : -1) != 0) goto failed;
  if (limit(RLIMIT_FSIZE, spawn->file_size_max) != 0) goto failed;
  if (limit(RLIMIT_NOFILE, spawn->open_files_max) != 0) goto failed;
  if (limit(RLIMIT_NPROC, spawn->processes_max) != 0) goto failed;
  if (spawn->gid >= 0 && (setgroups(0, NULL) != 0 || setresgid(spawn->gid, spawn->gid, spawn->gid) != 0)) goto failed;
  if (spawn->uid >= 0 && setresuid(spawn->uid, spawn->uid, spawn->uid) != 0) goto failed;
  // After the uid: changing it clears the parent-death signal.
  if (spawn->die_with_parent && (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)) goto failed;
  execve(spawn->path, spawn->argv, spawn->envp);
failed:;
  int error = errno ? errno : ECHILD;
  ssize_t ignored = write(kept >= 0 ? kept : report, &error, sizeof error);
  (void)ignored;
  _exit(127);
}

pid_t sluice_spawn(const struct sluice_spawn *spawn) {
  if (spawn->descriptor_count > descriptors_max) return -EINVAL;
  int report[2];
  if (pipe2(report, O_CLOEXEC) != 0) return -errno;
  pid_t parent = getpid();
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t pid = fork();
  int fork_error = errno;
  if (pid == 0) child(spawn, report[1], parent);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  close(report[1]);
  int error = 0;
  if (pid < 0) {
    error = fork_error;
  } else {
    ssize_t count;
    do count = read(report[0], &error, sizeof error);
    while (count < 0 && errno == EINTR);
    if (count == (ssize_t)sizeof error) {
      while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
      }
    } else {
      error = 0;
    }
  }
  close(report[0]);
  return error ? -error : pid;
}

int sluice_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC) == 0 ? 0 : -errno; }

int sluice_syncfs(int descriptor) { return syncfs(descriptor) == 0 ? 0 : -errno; }

int sluice_wait_exited(int status) { return WIFEXITED(status); }
int sluice_wait_exit_status(int status) { return WEXITSTATUS(status); }
int sluice_wait_signal(int status) { return WIFSIGNALED(status) ? WTERMSIG(status) : 0; }
