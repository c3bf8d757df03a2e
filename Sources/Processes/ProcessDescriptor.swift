import CProcesses
import Glibc

/// A handle on one running process: it never means another process that got the same pid later.
package struct ProcessDescriptor: ~Copyable {
  private let descriptor: Descriptor

  /// Opens a handle on a process that is known to be there: a child not yet waited for, or one just reported.
  package init(pid: Int32) throws(SystemError) {
    let opened = sluice_pidfd_open(pid)
    guard opened >= 0 else { throw SystemError("cannot watch process \(pid)", code: -opened) }
    descriptor = Descriptor(owning: opened)
  }

  /// For `poll(2)`: readable when the process has ended.
  package var number: Int32 { descriptor.number }

  /// Sends a signal; a process that has ended already is no error.
  package func signal(_ number: Int32) { _ = sluice_pidfd_signal(descriptor.number, number) }

  /// Lowers how many processes `pid`, which must be this process, and what it starts may have; says whether it could.
  @discardableResult
  package func limitProcesses(of pid: Int32, to max: Int64, as user: (uid: UInt32, gid: UInt32)) -> Bool {
    sluice_limit_processes(pid, max, user.uid, user.gid) == 0
  }

  /// Waits for the end.
  ///
  /// - Returns: whether the process ended within the bound.
  package func waitForEnd(milliseconds: Int32) -> Bool {
    var entry = pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0)
    while true {
      let count = Glibc.poll(&entry, 1, milliseconds)
      if count < 0 && errno == EINTR { continue }
      return count > 0
    }
  }
}
