import Domain
import PolicyFile

/// Whether a policy file can be used.
enum PolicyCheck {
  /// Refuses a policy that the owner of the repository cannot read, that does not hold, or that proves nothing.
  static func demandReadable(_ path: String) throws(CommandFailure) { _ = try read(path) }

  /// Reads a policy file, or says everything that is wrong with it.
  static func read(_ path: String) throws(CommandFailure) -> Policy {
    let bytes = try Disk.read(path, max: 1 << 20)
    do {
      return try PolicyFile.read(bytes, name: path)
    } catch {
      for line in error.lines.dropFirst() { Console.note("sluice: \(line)") }
      throw .refused(error.lines.first ?? "\(path) does not read")
    }
  }
}
