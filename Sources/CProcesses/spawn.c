#define _GNU_SOURCE
#include "CProcesses.h"
#include "stage.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { descriptors_max = 64, stack_size = 64 * 1024 };

// What the child tells the thread that waits for it; the memory is shared until exec.
struct start {
  const struct sluice_spawn *spawn;
  pid_t parent;
  int error;
  const char *step;
};

static int limit(int which, int64_t value) {
  if (value < 0) return 0;
  struct rlimit bound = {.rlim_cur = (rlim_t)value, .rlim_max = (rlim_t)value}, now;
  // Without privileges a limit can only be lowered.
  if (getrlimit(which, &now) == 0 && now.rlim_max < bound.rlim_max) bound.rlim_cur = bound.rlim_max = now.rlim_max;
  return setrlimit(which, &bound);
}

// Moves the wanted descriptors to 0, 1, 2, … and marks everything above as close-on-exec.
static int place_descriptors(const struct sluice_spawn *spawn) {
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
  for (int i = 0; i < spawn->descriptor_count; i++)
    if (dup2(moved[i], i) < 0) return -1;
  if (syscall(SYS_close_range, (unsigned)spawn->descriptor_count, ~0U, 4 /* CLOSE_RANGE_CLOEXEC */) != 0) {
    long count = sysconf(_SC_OPEN_MAX);
    for (long fd = spawn->descriptor_count; fd < count; fd++) fcntl((int)fd, F_SETFD, FD_CLOEXEC);
  }
  return 0;
}

// By system call: the C library would change the user of every thread of the parent too, whose memory this is.
static int drop_user(const struct sluice_spawn *spawn) {
  if (spawn->gid >= 0) {
    if (syscall(SYS_setgroups, (size_t)0, NULL) != 0) return -1;
    if (syscall(SYS_setresgid, (gid_t)spawn->gid, (gid_t)spawn->gid, (gid_t)spawn->gid) != 0) return -1;
  }
  if (spawn->uid >= 0 && syscall(SYS_setresuid, (uid_t)spawn->uid, (uid_t)spawn->uid, (uid_t)spawn->uid) != 0) return -1;
  return 0;
}

static int set_limits(const struct sluice_spawn *spawn) {
  if (limit(RLIMIT_CORE, spawn->file_size_max >= 0 ? 0 : -1) != 0) return -1;
  if (limit(RLIMIT_FSIZE, spawn->file_size_max) != 0) return -1;
  if (limit(RLIMIT_NOFILE, spawn->open_files_max) != 0) return -1;
  return limit(RLIMIT_NPROC, spawn->processes_max);
}

static int child(void *argument) {
  struct start *start = argument;
  const struct sluice_spawn *spawn = start->spawn;
  // Handlers first: a handler of the parent must not run here, on its memory.
  for (int number = 1; number < 32; number++)
    if (number != SIGKILL && number != SIGSTOP) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  start->step = "cannot make a session";
  if (spawn->new_session && setsid() < 0) goto failed;
  start->step = "cannot make a process group";
  if (spawn->new_group && setpgid(0, 0) < 0) goto failed;
  start->step = "cannot place the descriptors";
  if (place_descriptors(spawn) != 0) goto failed;
  if (spawn->stage) {
    umask(022);
    // A process that has changed its user owns its own /proc files no more, and could not map the user.
    if (spawn->stage->own_user_namespace) prctl(PR_SET_DUMPABLE, 1);
    if (sluice_stage_enter(spawn->stage, &start->step) != 0) goto failed;
  }
  start->step = "cannot change to the folder";
  if (spawn->directory && chdir(spawn->directory) != 0) goto failed;
  start->step = "cannot set the limits";
  if (set_limits(spawn) != 0) goto failed;
  start->step = "cannot become the user";
  if (drop_user(spawn) != 0) goto failed;
  // After the uid: changing it clears the parent-death signal.
  start->step = "cannot be tied to its parent";
  errno = ECHILD;
  if (spawn->die_with_parent && (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != start->parent)) goto failed;
  start->step = "cannot start";
  execve(spawn->path, spawn->argv, spawn->envp);
failed:
  start->error = errno ? errno : ECHILD;
  _exit(127);
}

// Whether core dumps and debuggers are allowed belongs to the lent memory, and a child's change of user changes it: it is
// put back when the last of the children that are being started has left that memory.
static pthread_mutex_t lending = PTHREAD_MUTEX_INITIALIZER;
static int lent_count = 0, dumpable = -1;

static void lend(void) {
  pthread_mutex_lock(&lending);
  if (lent_count++ == 0) dumpable = prctl(PR_GET_DUMPABLE);
  pthread_mutex_unlock(&lending);
}

static void take_back(void) {
  pthread_mutex_lock(&lending);
  if (--lent_count == 0 && (dumpable == 0 || dumpable == 1)) prctl(PR_SET_DUMPABLE, dumpable);
  pthread_mutex_unlock(&lending);
}

pid_t sluice_spawn(const struct sluice_spawn *spawn, const char **failed_step) {
  *failed_step = "cannot start";
  if (spawn->descriptor_count > descriptors_max) return -EINVAL;
  char *stack = mmap(NULL, stack_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (stack == MAP_FAILED) return -errno;
  struct start start = {.spawn = spawn, .parent = getpid(), .error = 0, .step = *failed_step};
  int changes_memory = spawn->uid >= 0 || spawn->stage;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  if (changes_memory) lend();
  // The memory is lent, not copied: a fork costs a large process milliseconds. This thread waits until exec or exit.
  pid_t pid = clone(child, stack + stack_size, CLONE_VM | CLONE_VFORK | SIGCHLD, &start);
  int error = pid < 0 ? errno : start.error;
  if (changes_memory) take_back();
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  munmap(stack, stack_size);
  if (error == 0) return pid;
  *failed_step = start.step;
  if (pid > 0)
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
    }
  return -error;
}

int sluice_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC) == 0 ? 0 : -errno; }

int sluice_begin_write_out(int descriptor) {
  return sync_file_range(descriptor, 0, 0, SYNC_FILE_RANGE_WRITE) == 0 ? 0 : -errno;
}

int sluice_write_out(int descriptor) {
  unsigned steps = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
  return sync_file_range(descriptor, 0, 0, steps) == 0 ? 0 : -errno;
}

int sluice_syncfs(int descriptor) { return syncfs(descriptor) == 0 ? 0 : -errno; }

int sluice_pidfd_open(pid_t pid) {
  int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
  return pidfd < 0 ? -errno : pidfd;
}

int sluice_pidfd_signal(int pidfd, int number) {
  return syscall(SYS_pidfd_send_signal, pidfd, number, NULL, 0) == 0 ? 0 : -errno;
}

int sluice_limit_processes(pid_t pid, int64_t max, uid_t uid, gid_t gid) {
  struct rlimit bound = {.rlim_cur = (rlim_t)max, .rlim_max = (rlim_t)max};
  if (prlimit(pid, RLIMIT_NPROC, &bound, NULL) == 0) return 0;
  if (errno != EPERM || geteuid() != 0) return -errno;
  // A root without CAP_SYS_RESOURCE, as in a container: as its own user anyone may. By system call, so that only the
  // real ids of this one thread change, and only for the moment.
  uid_t own_uid = getuid();
  gid_t own_gid = getgid();
  int error = 0;
  if (syscall(SYS_setresgid, gid, -1, -1) != 0 || syscall(SYS_setresuid, uid, -1, -1) != 0 ||
      prlimit(pid, RLIMIT_NPROC, &bound, NULL) != 0)
    error = errno;
  if (syscall(SYS_setresuid, own_uid, -1, -1) != 0 || syscall(SYS_setresgid, own_gid, -1, -1) != 0) abort();
  return -error;
}

int sluice_wait_exited(int status) { return WIFEXITED(status); }
int sluice_wait_exit_status(int status) { return WEXITSTATUS(status); }
int sluice_wait_signal(int status) { return WIFSIGNALED(status) ? WTERMSIG(status) : 0; }

int sluice_memory_file(void) {
  int made = memfd_create("sluice", MFD_CLOEXEC);
  return made < 0 ? -errno : made;
}
