#ifndef SLUICE_CPROCESSES_H
#define SLUICE_CPROCESSES_H

#include <stdint.h>
#include <sys/types.h>

/// How to start a child. Everything that must happen between fork and exec happens in C, where it is safe.
struct sluice_spawn {
  const char *path;            ///< executable, no search
  char *const *argv;           ///< NULL-terminated
  char *const *envp;           ///< NULL-terminated; nothing is inherited
  const char *directory;       ///< NULL keeps the caller's
  const int *descriptors;      ///< descriptors[i] becomes i in the child; -1 opens /dev/null
  int descriptor_count;        ///< everything above is closed
  int new_session;             ///< setsid, so that the group can be ended as one
  int die_with_parent;         ///< SIGKILL when the starting thread's process ends
  int64_t uid;                 ///< -1 keeps; groups are dropped too
  int64_t gid;                 ///< -1 keeps
  int64_t file_size_max;       ///< RLIMIT_FSIZE in bytes; -1 keeps
  int64_t open_files_max;      ///< RLIMIT_NOFILE; -1 keeps
  int64_t processes_max;       ///< RLIMIT_NPROC; -1 keeps
};

/// Returns the child's pid, or -errno where fork, a step after it, or exec failed.
pid_t sluice_spawn(const struct sluice_spawn *spawn);

/// pipe2(2), close-on-exec; 0 or -errno.
int sluice_pipe(int ends[2]);

/// syncfs(2) on the file system that holds the descriptor; 0 or -errno.
int sluice_syncfs(int descriptor);

/// wait status helpers, which are macros in C.
int sluice_wait_exited(int status);
int sluice_wait_exit_status(int status);
int sluice_wait_signal(int status);

#endif
