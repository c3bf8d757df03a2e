/// Programs and archives by the bytes they begin with.
enum ProgramFormat {
  static let archive = "an archive"

  /// The format with its article, for a sentence; nil for bytes that begin none.
  ///
  /// - Source: ELF gABI; Microsoft PE format; Apple mach-o/loader.h; JVMS 4.1; APPNOTE.TXT; RFC 1952; WebAssembly 5.5.
  static func name(of head: ArraySlice<UInt8>) -> String? {
    if let magic = magics.first(where: { head.starts(with: $0.bytes) }) { return magic.name }
    // A text may begin with these two letters, but a program for Windows has zeros beside them.
    if head.starts(with: Array("MZ".utf8)), head.prefix(128).contains(0) { return "a Windows program" }
    return nil
  }

  private static let magics: [(bytes: [UInt8], name: String)] = [
    ([0x7f, 0x45, 0x4c, 0x46], "an ELF program"),
    ([0xfe, 0xed, 0xfa, 0xce], "a Mach-O program"), ([0xfe, 0xed, 0xfa, 0xcf], "a Mach-O program"),
    ([0xce, 0xfa, 0xed, 0xfe], "a Mach-O program"), ([0xcf, 0xfa, 0xed, 0xfe], "a Mach-O program"),
    ([0xca, 0xfe, 0xba, 0xbe], "a Java class or a universal program"),
    ([0x00, 0x61, 0x73, 0x6d], "a WebAssembly program"),
    ([0x50, 0x4b, 0x03, 0x04], archive), ([0x1f, 0x8b, 0x08], archive),
    ([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], archive),
    ([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], archive),
  ]
}

/// Files whose names promise text that people read.
enum SourceName {
  static func isSource(_ path: TreePath) -> Bool {
    guard let name = path.components.last else { return false }
    guard let dot = name.lastIndex(of: UInt8(ascii: ".")) else {
      return bareNames.contains(String(decoding: name.map(\.lowercased), as: UTF8.self))
    }
    return endings.contains(String(decoding: name[(dot + 1)...].map(\.lowercased), as: UTF8.self))
  }

  /// Whether a file is a program's text, where characters that are not seen have no business.
  static func isProgram(_ path: TreePath) -> Bool {
    guard isSource(path), let name = path.components.last, let dot = name.lastIndex(of: UInt8(ascii: ".")) else {
      return false
    }
    return !prose.contains(String(decoding: name[(dot + 1)...].map(\.lowercased), as: UTF8.self))
  }

  private static let bareNames: Set<String> = ["makefile", "dockerfile", "readme", "license", "gemfile", "rakefile"]
  private static let prose: Set<String> = [
    "md", "txt", "rst", "adoc", "html", "htm", "xml", "json", "csv", "tsv", "po", "strings", "xliff", "tex", "yml",
    "yaml", "css",
  ]
  private static let endings = prose.union([
    "c", "h", "cc", "cpp", "cxx", "hh", "hpp", "m", "mm", "swift", "rs", "go", "py", "pyi", "rb", "js", "mjs", "cjs",
    "jsx", "tsx", "vue", "java", "kt", "kts", "scala", "groovy", "cs", "fs", "vb", "php", "pl", "pm", "lua", "r",
    "jl", "ex", "exs", "erl", "hrl", "hs", "ml", "mli", "clj", "el", "lisp", "sh", "bash", "zsh", "fish", "ps1", "bat",
    "cmd", "sql", "proto", "graphql", "tf", "cmake", "mk", "gradle", "toml", "ini", "cfg", "conf", "properties", "scss",
    "less", "dart", "zig", "nim", "sol", "asm", "s", "vim", "awk",
  ])
}
