#include <git2.h>
#include <git2/sys/repository.h>

// `git_libgit2_opts` takes a variable list of arguments, which Swift cannot call.

static inline int sluice_libgit2_set_flag(int option, int value) {
  return git_libgit2_opts(option, value);
}

static inline int sluice_libgit2_set_cache_max(ssize_t bytes) {
  return git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, bytes);
}

static inline int sluice_libgit2_set_cached_object_max(git_object_t kind, size_t bytes) {
  return git_libgit2_opts(GIT_OPT_SET_CACHE_OBJECT_LIMIT, kind, bytes);
}

static inline int sluice_libgit2_set_config_folder(int level, const char *path) {
  return git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, path);
}
