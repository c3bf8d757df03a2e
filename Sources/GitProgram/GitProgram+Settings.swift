package import Domain
import Glibc
import Processes

extension GitProgram {
  /// Reads the repository's own configuration, and what it includes.
  ///
  /// - Throws: `GitProgramError`, or a `SettingError` that names the key whose value does not read.
  package func settings() throws -> ServerSettings {
    let file = try Descriptor(opening: repository + "/config", O_RDONLY)
    if let bytes = try file.readAll(max: 1 << 20), let read = ConfigurationFile(bytes) {
      return try ServerSettings(pairs: read.pairs)
    }
    let result = try run(["config", "--local", "--includes", "--null", "--list"])
    guard result.exit.isSuccess else { throw GitProgramError.ended(what: "config", message: result.messages) }
    return try ServerSettings(pairs: Self.pairs(result.output))
  }

  /// `key LF value NUL`, or `key NUL` for a key without a value.
  package static func pairs(_ output: [UInt8]) -> [(key: String, value: String?)] {
    output.split(separator: 0).map { entry in
      let parts = entry.split(separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
      return (
        String(decoding: parts[0], as: UTF8.self), parts.count > 1 ? String(decoding: parts[1], as: UTF8.self) : nil
      )
    }
  }
}
