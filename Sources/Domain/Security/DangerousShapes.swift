/// Looks for changes whose danger is in their shape: what a reader of the difference does not see, and what runs by itself.
///
/// A finding that is `low` or `medium` says that somebody should look; `high` is what no honest change needs.
/// - Bound: at most `findingsMax` findings, at most one of each rule for a file.
package enum DangerousShapes {
  package static let findingsMax = 200

  package static func findings(in files: some Sequence<ChangedFile>) -> [Finding] {
    var findings: [Finding] = []
    for file in files {
      findings += of(file).map { $0.finding(in: file.path) }
      if findings.count >= findingsMax { return Array(findings.prefix(findingsMax)) }
    }
    return findings
  }

  /// What is dangerous about a file, before it becomes a finding.
  struct Shape {
    let rule: String
    let severity: Finding.Severity
    var line: Int?
    /// A whole sentence, of our words alone.
    let message: String
    /// What tells this finding from the next of its rule in the same file.
    var detail: [UInt8] = []

    fileprivate func finding(in path: TreePath) -> Finding {
      Finding(
        rule: rule, severity: severity, path: path.description, line: line, message: message,
        fingerprint: SHA256.text(Array(rule.utf8) + [0] + path.bytes + [0] + detail))
    }
  }

  private static func of(_ file: ChangedFile) -> [Shape] {
    let shapes =
      [disguise(file), executable(file), SteeringFile.shape(of: file.path), link(file), submodule(file)]
      .compactMap(\.self)
    return shapes + Submodules.shapes(file) + HiddenCharacters.shapes(file)
  }

  private static func executable(_ file: ChangedFile) -> Shape? {
    guard file.newMode == .executable, file.oldMode != .executable else { return nil }
    return Shape(
      rule: "new-executable", severity: .low, message: "The change makes this file a program that can be started.")
  }

  private static func submodule(_ file: ChangedFile) -> Shape? {
    guard file.newMode == .submodule, file.oldMode != .submodule else { return nil }
    return Shape(
      rule: "new-submodule", severity: .medium, message: "The change brings in another repository as a submodule.")
  }

  // MARK: Binaries

  private static func disguise(_ file: ChangedFile) -> Shape? {
    guard file.isFile else { return nil }
    let head = file.content.prefix(8_000)
    let program = ProgramFormat.name(of: head)
    if SourceName.isSource(file.path) {
      if let program {
        return Shape(
          rule: "disguised-binary", severity: .high,
          message: "The file has the name of a text and the content of \(program).")
      }
      guard head.contains(0) else { return nil }
      // UTF-16 has a mark of its own, and a NUL in every Latin letter.
      let isUTF16 = head.starts(with: [0xff, 0xfe]) || head.starts(with: [0xfe, 0xff])
      return isUTF16
        ? Shape(
          rule: "unread-encoding", severity: .low,
          message: "The file is UTF-16, which neither a difference nor this scan shows: write it as UTF-8.")
        : Shape(
          rule: "disguised-binary", severity: .medium, message: "The file has the name of a text and NUL bytes in it.")
    }
    guard let program, file.oldMode == nil, program != ProgramFormat.archive else { return nil }
    return Shape(
      rule: "binary-program", severity: .medium, message: "The change adds \(program), which nobody can read.")
  }

  // MARK: Symbolic links

  /// A link that is followed out of the tree gives whoever reads the file another one.
  private static func link(_ file: ChangedFile) -> Shape? {
    guard file.newMode == .symlink else { return nil }
    let target = TreePath(bytes: Array(file.content.prefix(4_096)))
    let leaves = file.content.first == UInt8(ascii: "/") || isOutside(target, from: file.path.depth - 1)
    let git = Array(".git".utf8)
    guard leaves || target.components.contains(where: { $0.map(\.lowercased) == git }) else { return nil }
    return Shape(
      rule: "symlink-escape", severity: .medium,
      message: leaves ? "The symbolic link leads out of the tree." : "The symbolic link leads into git's own folder.",
      detail: target.bytes)
  }

  /// Whether `path`, followed from a folder so deep, is ever above the root.
  private static func isOutside(_ path: TreePath, from depth: Int) -> Bool {
    var depth = depth
    for component in path.components {
      if component == Array("..".utf8) {
        depth -= 1
        if depth < 0 { return true }
      } else if !component.isEmpty, component != Array(".".utf8) {
        depth += 1
      }
    }
    return false
  }
}
