/// What a path must be before anything is written under it.
package enum PathRule {
  /// Why a new path is not taken, as the end of a sentence that begins with the path; nil where it is.
  ///
  /// - Source: the names that git's `core.protectHFS` and `core.protectNTFS` keep away, on every system, since a clone may be on any.
  package static func objection(to path: TreePath, limits: AdmissionLimits) -> String? {
    guard path.bytes.count <= limits.pathBytes else { return "is longer than \(limits.pathBytes) bytes" }
    guard path.depth <= limits.depth else { return "is more than \(limits.depth) folders deep" }
    guard let text = path.text else { return "is not UTF-8" }
    guard !text.unicodeScalars.contains(where: { $0.isControl || $0.isBidiControl }) else {
      return "holds control or direction characters"
    }
    for component in path.components {
      if let objection = objection(to: component, bytesMax: limits.nameBytes) { return objection }
    }
    return nil
  }

  /// Whether what is wrong with a path is its size.
  package static func exceeds(_ limits: AdmissionLimits, _ path: TreePath) -> Bool {
    path.bytes.count > limits.pathBytes || path.depth > limits.depth
      || path.components.contains { $0.count > limits.nameBytes }
  }

  private static func objection(to component: [UInt8], bytesMax: Int) -> String? {
    guard component.count <= bytesMax else { return "has a part of more than \(bytesMax) bytes" }
    guard !component.isEmpty, component != Array(".".utf8), component != Array("..".utf8) else {
      return "has an empty, '.' or '..' part"
    }
    guard !component.contains(UInt8(ascii: "\\")) else { return "holds a backslash" }
    return isGitFolder(component) ? "has a part that git takes for its own folder" : nil
  }

  /// Whether some file system takes this name for `.git`.
  private static func isGitFolder(_ component: [UInt8]) -> Bool {
    // HFS+ ignores these characters; NTFS ignores dots and spaces at the end and what follows a colon.
    let visible = String(decoding: component, as: UTF8.self).unicodeScalars.filter { !isIgnoredByHFS($0) }
    var name = String(String.UnicodeScalarView(visible)).lowercased()
    if let colon = name.firstIndex(of: ":") { name = String(name[..<colon]) }
    while name.hasSuffix(".") || name.hasSuffix(" ") { name.removeLast() }
    return name == ".git" || name == "git~1"
  }

  private static func isIgnoredByHFS(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x200C...0x200F, 0x202A...0x202E, 0x206A...0x206F, 0xFEFF: true
    default: false
    }
  }
}
