/// What text of a work package may be: it ends in terminals, commit messages and logs.
package enum PackageText {
  package static let identifierMax = 200
  package static let pathMax = 1024
  package static let componentMax = 255

  /// Whether this can be an agent's or a task's id: 1 to 200 bytes, no control or direction characters, not only spaces.
  package static func isIdentifier(_ text: String) -> Bool {
    (1...identifierMax).contains(text.utf8.count) && !isBlank(text)
      && !text.unicodeScalars.contains { $0.isControl || $0.isBidiControl }
  }

  /// Whether this is free of control characters other than line ends and tabs, and of direction characters.
  package static func isProse(_ text: String) -> Bool {
    !text.unicodeScalars.contains { scalar in
      (scalar.isControl && scalar != "\n" && scalar != "\r" && scalar != "\t") || scalar.isBidiControl
    }
  }

  package static func isBlank(_ text: String) -> Bool {
    text.utf8.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
  }

  /// Whether this is a path that git can hold: relative, slashes between components, none of them `.` or `..`.
  package static func isPath(_ text: String) -> Bool {
    text.utf8.count <= pathMax && !text.unicodeScalars.contains { $0.isControl }
      && text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy { component in
        (1...componentMax).contains(component.count) && !component.elementsEqual(".".utf8)
          && !component.elementsEqual("..".utf8)
      }
  }

  /// Whether this is a version by Semantic Versioning 2.0.0, at most 200 bytes.
  package static func isSemanticVersion(_ text: String) -> Bool {
    guard text.utf8.count <= identifierMax else { return false }
    let build = text.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
    let release = build[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    let core = release[0].split(separator: ".", omittingEmptySubsequences: false)
    return core.count == 3 && core.allSatisfy { isNumeric($0) && isCanonical($0) }
      && (release.count == 1 || areLabels(release[1]) { !isNumeric($0) || isCanonical($0) })
      && (build.count == 1 || areLabels(build[1]) { _ in true })
  }

  private static func areLabels(_ text: Substring, _ rule: (Substring) -> Bool) -> Bool {
    text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
      !label.isEmpty && label.unicodeScalars.allSatisfy(isLabelScalar) && rule(label)
    }
  }

  private static func isLabelScalar(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "0"..."9", "a"..."z", "A"..."Z", "-": true
    default: false
    }
  }

  private static func isNumeric(_ text: Substring) -> Bool {
    !text.isEmpty && text.unicodeScalars.allSatisfy { ("0"..."9").contains($0) }
  }

  /// Whether a number has no zero in front that could be left out.
  private static func isCanonical(_ text: Substring) -> Bool { text.count == 1 || text.first != "0" }
}
