package import Domain
import Processes

extension GitProgram {
  /// Reads the repository's configuration.
  ///
  /// - Throws: `GitProgramError`, or a `SettingError` that names the key whose value does not read.
  package func settings() throws -> ServerSettings {
    let result = try run(["config", "--null", "--list"])
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
