import Domain
import Glibc
import Processes

/// The hooks that the repository had before Sluice, and still has in `<hook>.d/`.
struct ChainedHooks {
  let context: ReceiveContext

  /// Runs the scripts of `<hook>.d/` in the order of their names, each with the whole input, until one fails.
  ///
  /// They get what git gave us: the environment, the folder, and our standard output and error.
  /// - Returns: 0, or the status of the one that failed.
  func run(_ hook: String, input: [UInt8]) -> Int32 {
    for script in ChainedScripts.executables(in: "\(context.hooksFolder)/\(hook).d") {
      let status = Self.status(of: start(script, [], input: input))
      guard status == 0 else { return status }
    }
    return 0
  }

  /// Asks the repository's `update` hook, which git does not ask for refs that `proc-receive` takes.
  func update(_ ref: String, to new: ObjectID?) -> Bool {
    let path = context.hooksFolder + "/update"
    guard access(path, X_OK) == 0 else { return true }
    let none = String(repeating: "0", count: 2 * ObjectID.byteCount)
    return start(path, [ref, none, new?.hex ?? none], input: []) == .status(0)
  }

  private func start(_ path: String, _ arguments: [String], input: [UInt8]) -> Exit? {
    do {
      let pipe = try Descriptor.pipe()
      var environment: [String] = []
      var entry = environ
      while let text = entry.pointee {
        environment.append(String(cString: text))
        entry += 1
      }
      var child = try ChildProcess(
        Command(path, arguments, environment: environment),
        descriptors: [pipe.reading.number, STDERR_FILENO, STDERR_FILENO])
      let sink = pipe.keepWriting()
      // A script need not read what it is told.
      do { try sink.write(input) } catch {}
      _ = consume sink
      return child.wait()
    } catch { return nil }
  }

  private static func status(of exit: Exit?) -> Int32 {
    switch exit {
    case .status(let status)?: status
    case .signal(let number)?: 128 + number
    case nil: 1
    }
  }
}
