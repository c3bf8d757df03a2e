#include "CProcesses.h"

#include <errno.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/xattr.h>

// What an owner may switch on with chattr(1): the others tell how the file system stores a file.
enum { flags_of_owner = 0x6003c0ff };

int sluice_has_attributes(int descriptor) {
  ssize_t length = flistxattr(descriptor, 0, 0);
  if (length > 0 || (length < 0 && errno != ENOTSUP)) return 1;
  // The kernel writes an int, whatever the macro says.
  unsigned int flags[2] = {0, 0};
  if (ioctl(descriptor, FS_IOC_GETFLAGS, flags) != 0) return errno != ENOTTY && errno != ENOTSUP && errno != ENOSYS;
  return (flags[0] & flags_of_owner) != 0;
}
