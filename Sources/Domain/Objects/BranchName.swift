/// The rules for what a branch may be called.
package enum BranchName {
  /// Whether `refs/heads/<name>` is a ref that git takes and `name` is not read as something else on a command line.
  ///
  /// - Source: git-check-ref-format(1), and for `HEAD`, `@` and a leading dash its `--branch` mode.
  package static func isValid(_ name: some StringProtocol) -> Bool {
    let bytes = Array(name.utf8)
    guard name != "HEAD", name != "@", bytes.first != UInt8(ascii: "-"), bytes.last != UInt8(ascii: ".") else {
      return false
    }
    return !bytes.isEmpty && !contains(UInt8(ascii: "."), UInt8(ascii: "."), in: bytes)
      && !contains(UInt8(ascii: "@"), UInt8(ascii: "{"), in: bytes)
      && bytes.allSatisfy(isAllowed)
      && bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy(isComponent)
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case 0...0x20, 0x7F: false
    case UInt8(ascii: "~"), UInt8(ascii: "^"), UInt8(ascii: ":"), UInt8(ascii: "?"), UInt8(ascii: "*"),
      UInt8(ascii: "["), UInt8(ascii: "\\"):
      false
    default: true
    }
  }

  private static func isComponent(_ component: ArraySlice<UInt8>) -> Bool {
    !component.isEmpty && component.first != UInt8(ascii: ".")
      && !component.reversed().starts(with: ".lock".utf8.reversed())
  }

  private static func contains(_ first: UInt8, _ second: UInt8, in bytes: [UInt8]) -> Bool {
    zip(bytes, bytes.dropFirst()).contains { $0 == first && $1 == second }
  }
}
