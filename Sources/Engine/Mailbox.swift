import CProcesses
import Glibc
import Processes
import Synchronization

/// Where lanes leave their reports for the engine's loop: a queue and a descriptor that is readable while it is not empty.
final class Mailbox<Report: Sendable>: Sendable {
  private let reports = Mutex<[Report]>([])
  private let reading: Int32
  private let writing: Int32

  init() throws(SystemError) {
    var ends: [Int32] = [0, 0]
    let result = sluice_pipe(&ends)
    guard result == 0 else { throw SystemError("cannot make a pipe", code: -result) }
    reading = ends[0]
    writing = ends[1]
    for end in ends { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
  }

  /// What to poll for `POLLIN`.
  var descriptor: Int32 { reading }

  func post(_ report: Report) {
    reports.withLock { $0.append(report) }
    var byte: UInt8 = 1
    // A full pipe already says what this byte would say.
    _ = write(writing, &byte, 1)
  }

  /// Takes everything that has come in.
  func take() -> [Report] {
    var buffer = [UInt8](repeating: 0, count: 256)
    while read(reading, &buffer, buffer.count) > 0 {}
    return reports.withLock { reports in
      let taken = reports
      reports = []
      return taken
    }
  }

  deinit {
    close(reading)
    close(writing)
  }
}
