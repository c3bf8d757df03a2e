/// Where `.gitmodules` sends whoever clones with submodules.
enum Submodules {
  /// - Source: gitmodules(5); CVE-2017-1000117 and CVE-2018-17456 are addresses and paths that begin with a dash,
  ///   gitremote-helpers(7) has `ext::`, which runs a command.
  static func shapes(_ file: ChangedFile) -> [DangerousShapes.Shape] {
    guard file.path == TreePath(".gitmodules") else { return [] }
    var shapes: [DangerousShapes.Shape] = []
    for run in file.added.runs {
      var line = run.firstLine
      for text in run.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
        if let (key, value) = setting(text), key == "url" || key == "path" || key == "update" {
          shapes.append(contentsOf: shape(key, value, line: line))
        }
        line += 1
      }
    }
    // One of each rule is enough to look at the file.
    return ["submodule-command", "submodule-address"].compactMap { rule in shapes.first { $0.rule == rule } }
  }

  private static func shape(_ key: String, _ value: ArraySlice<UInt8>, line: Int) -> [DangerousShapes.Shape] {
    let runsCommand =
      value.first == UInt8(ascii: "-") || value.starts(with: "ext::".utf8)
      || key == "update" && value.first == UInt8(ascii: "!")
    if runsCommand {
      return [
        DangerousShapes.Shape(
          rule: "submodule-command", severity: .critical, line: line,
          message: "The submodule's setting makes git run a command.", detail: Array(value))
      ]
    }
    guard key == "url" else { return [] }
    return [
      DangerousShapes.Shape(
        rule: "submodule-address", severity: .medium, line: line,
        message: "The change alters where a submodule is fetched from.", detail: Array(value))
    ]
  }

  private static func setting(_ line: ArraySlice<UInt8>) -> (String, ArraySlice<UInt8>)? {
    guard let sign = line.firstIndex(of: UInt8(ascii: "=")) else { return nil }
    let isBlank = { (byte: UInt8) in byte == 32 || byte == 9 || byte == 13 || byte == UInt8(ascii: "\"") }
    let key = line[..<sign].filter { !isBlank($0) }.map(\.lowercased)
    return (String(decoding: key, as: UTF8.self), line[(sign + 1)...].drop(while: isBlank))
  }
}
