#ifndef SLUICE_CPROCESSES_H
#define SLUICE_CPROCESSES_H

#include <stdint.h>
#include <sys/types.h>

/// Mounts that only the child and its children see, and that end with the last of them.
///
/// The child gets a mount namespace of its own. In it a small tmpfs covers `point`, and below that tmpfs stand
/// `tree` and the folders of `binds`. So a user who may not pass the folders above a path still reaches it here.
struct sluice_stage {
  int own_user_namespace;      ///< for a caller without privileges: mounts are then made in a user namespace
  const char *folder;          ///< relative paths below start here
  const char *point;           ///< an existing folder that may be covered, such as /mnt
  const char *overlay_options; ///< options of an overlay at point/tree; NULL binds `tree` there
  const char *tree;            ///< NULL where there is an overlay
  const char *const *binds;    ///< source, name, source, name, …, NULL; an empty source makes an empty folder
};

/// How to start a child. Everything that must happen between clone and exec happens in C, where it is safe.
struct sluice_spawn {
  const char *path;            ///< executable, no search
  char *const *argv;           ///< NULL-terminated
  char *const *envp;           ///< NULL-terminated; nothing is inherited
  const char *directory;       ///< NULL keeps the caller's
  const int *descriptors;      ///< descriptors[i] becomes i in the child; -1 opens /dev/null
  int descriptor_count;        ///< everything above is closed
  int new_session;             ///< setsid, so that the group can be ended as one
  int new_group;               ///< setpgid, the same within the caller's session
  int die_with_parent;         ///< SIGKILL when the starting thread's process ends
  int64_t uid;                 ///< -1 keeps; groups are dropped too
  int64_t gid;                 ///< -1 keeps
  int64_t file_size_max;       ///< RLIMIT_FSIZE in bytes; -1 keeps
  int64_t open_files_max;      ///< RLIMIT_NOFILE; -1 keeps
  int64_t processes_max;       ///< RLIMIT_NPROC; -1 keeps
  const struct sluice_stage *stage; ///< NULL for a child that sees what the caller sees
};

/// Returns the child's pid, or -errno where clone, a step after it, or exec failed; `failed_step` then names the step.
pid_t sluice_spawn(const struct sluice_spawn *spawn, const char **failed_step);

/// pipe2(2), close-on-exec; 0 or -errno.
int sluice_pipe(int ends[2]);

/// syncfs(2) on the file system that holds the descriptor; 0 or -errno.
int sluice_syncfs(int descriptor);

/// Begins to write a file's content to the disk and does not wait; 0 or -errno.
int sluice_begin_write_out(int descriptor);

/// Writes a file's content to the disk, without what a power cut needs beside it; 0 or -errno.
int sluice_write_out(int descriptor);

/// Whether the file has extended attributes (access lists are such), or flags that its owner can set; 1 where that is not
/// known.
int sluice_has_attributes(int descriptor);

/// A file in memory without a name, close-on-exec; or -errno.
int sluice_memory_file(void);

/// A descriptor for a process, close-on-exec, which polls readable when the process has ended; or -errno.
int sluice_pidfd_open(pid_t pid);

/// Signals the very process that the descriptor stands for; 0 or -errno.
int sluice_pidfd_signal(int pidfd, int signal);

/// Lowers how many processes a process of the given user, and what it starts, may have; 0 or -errno.
int sluice_limit_processes(pid_t pid, int64_t max, uid_t uid, gid_t gid);

/// wait status helpers, which are macros in C.
int sluice_wait_exited(int status);
int sluice_wait_exit_status(int status);
int sluice_wait_signal(int status);

#endif
