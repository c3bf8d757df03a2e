import Glibc

/// The descriptors 0, 1 and 2 of a hook.
enum StandardStreams {
  /// Makes the process safe to write: a reader that has gone is an error, not a signal, and what is opened later never takes
  /// the place of a stream that git has closed.
  static func prepare() {
    signal(SIGPIPE, SIG_IGN)
    var opened: Int32 = 0
    repeat { opened = open("/dev/null", O_RDWR | O_CLOEXEC) } while (0...STDERR_FILENO).contains(opened)
    close(opened)
  }
}
