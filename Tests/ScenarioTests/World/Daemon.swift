import Foundation
import Glibc
import Processes
import Synchronization

/// A server program that dies with the tests.
final class Daemon: Sendable {
  /// Starts it from a thread that never ends: a child that dies with its parent dies with its parent's thread.
  init(_ executable: String, _ arguments: [String], log: String) throws {
    let started = DispatchSemaphore(value: 0)
    let failure = Failure()
    Thread.detachNewThread {
      do {
        var command = Command(executable, arguments, environment: Git.environment.map { "\($0)=\($1)" })
        command.diesWithParent = true
        let output = try Descriptor(opening: log, O_WRONLY | O_CREAT | O_APPEND)
        var child = try ChildProcess(command, descriptors: [-1, output.number, output.number])
        started.signal()
        _ = child.wait()
        while true { pause() }
      } catch {
        failure.set(error)
        started.signal()
      }
    }
    started.wait()
    if let error = failure.error { throw error }
  }

  /// A port of loopback that was free a moment ago.
  static func freePort() throws -> Int {
    let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(number) }
    var address = loopback(port: 0)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(number, $0, size) == 0 && getsockname(number, $0, &size) == 0
      }
    }
    guard isBound else { throw SystemError("cannot find a free port") }
    return Int(UInt16(bigEndian: address.sin_port))
  }

  /// Waits until something listens on a port of loopback.
  static func awaitListener(on port: Int, log: String) async throws {
    let deadline = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < deadline {
      let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      defer { close(number) }
      var address = loopback(port: port)
      let isOpen = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
      }
      if isOpen { return }
      // There is no event to wait for: a server says nothing when it begins to listen.
      await Task.yield()
    }
    let said = String(decoding: FileManager.default.contents(atPath: log) ?? Data(), as: UTF8.self)
    throw Program.Failure(description: "nothing listens on port \(port)\n\(said)")
  }

  private static func loopback(port: Int) -> sockaddr_in {
    sockaddr_in(
      sin_family: sa_family_t(AF_INET), sin_port: UInt16(port).bigEndian,
      sin_addr: in_addr(s_addr: UInt32(0x7f00_0001).bigEndian),
      sin_zero: (0, 0, 0, 0, 0, 0, 0, 0))
  }
}

/// An error that crosses a thread.
private final class Failure: Sendable {
  private let stored = Mutex<(any Error)?>(nil)

  var error: (any Error)? { stored.withLock { $0 } }
  func set(_ error: any Error) { stored.withLock { $0 = error } }
}
