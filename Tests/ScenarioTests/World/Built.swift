import Foundation

/// What was built, and what it was built from.
enum Built {
  /// The folder that holds the test bundle and the executables.
  static let folder: String = {
    var path = [CChar](repeating: 0, count: 4_096)
    let count = readlink("/proc/self/exe", &path, path.count - 1)
    let executable = count > 0 ? String(decoding: path.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self) : ""
    return URL(filePath: executable).deletingLastPathComponent().path
  }()

  static var sluice: String { folder + "/sluice" }

  /// The top folder of the project.
  static let project = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  /// The names of all failpoints in the sources, sorted.
  static let failpoints: [String] = {
    let sources = project + "/Sources"
    var names: Set<String> = []
    for file in FileManager.default.enumerator(atPath: sources)?.compactMap({ $0 as? String }) ?? [] {
      guard file.hasSuffix(".swift"), let bytes = FileManager.default.contents(atPath: "\(sources)/\(file)") else {
        continue
      }
      let text = String(decoding: bytes, as: UTF8.self)
      for match in text.matches(of: /failpoint\("([a-z_.]+)"\)/) { names.insert(String(match.1)) }
    }
    return names.sorted()
  }()

  /// The absolute path of a program, where this machine has it.
  static func program(_ name: String) -> String? {
    ["/usr/bin/", "/usr/sbin/", "/usr/local/bin/", "/bin/", "/sbin/"].map { $0 + name }
      .first { access($0, X_OK) == 0 }
  }
}
