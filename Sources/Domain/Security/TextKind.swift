/// What a file's name says of the text in it.
enum TextKind: Hashable, Sendable {
  /// Values stand bare after names.
  case configuration
  /// Values that count are quoted literals.
  case source
  /// Made by a tool, and full of hashes: names of secrets say nothing there.
  case generated

  init(_ path: TreePath) {
    let name = (path.components.last ?? []).map(\.lowercased)
    let text = String(decoding: name, as: UTF8.self)
    if Self.locks.contains(text) || Self.generatedEndings.contains(where: text.hasSuffix) {
      self = .generated
    } else if text.hasPrefix(".env") || Self.configurationEndings.contains(where: text.hasSuffix) {
      self = .configuration
    } else {
      self = .source
    }
  }

  private static let locks: Set<String> = [
    "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "go.sum", "package.resolved", "packages.lock.json",
    "gradle.lockfile", "verification-metadata.xml", "module.bazel.lock",
  ]
  private static let generatedEndings = [
    ".lock", ".min.js", ".min.css", ".min.mjs", ".bundle.js", ".map", ".svg", ".ipynb", ".snap", ".pem", ".crt", ".asc",
  ]
  private static let configurationEndings = [
    ".env", ".ini", ".cfg", ".conf", ".config", ".properties", ".yml", ".yaml", ".toml", ".tfvars", ".sh", ".npmrc",
    ".pypirc", ".netrc", "credentials", ".xml", ".plist", ".bash", ".zsh", ".envrc", "dockerfile",
  ]
}
