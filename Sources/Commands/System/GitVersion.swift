/// The version of the git program.
struct GitVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
  let major: Int
  let minor: Int

  init(_ major: Int, _ minor: Int) {
    self.major = major
    self.minor = minor
  }

  /// Reads what `git --version` prints: `git version 2.39.5`, also with a vendor's suffix.
  init?(line: some StringProtocol) {
    let words = line.split(separator: " ")
    guard words.count >= 3, words[0] == "git" else { return nil }
    let numbers = words[2].split(separator: ".").prefix(2).compactMap { Int($0) }
    guard numbers.count == 2 else { return nil }
    self.init(numbers[0], numbers[1])
  }

  static let procReceive = GitVersion(2, 29)
  static let fsync = GitVersion(2, 36)
  static let mergeTree = GitVersion(2, 38)

  static func < (left: GitVersion, right: GitVersion) -> Bool {
    (left.major, left.minor) < (right.major, right.minor)
  }

  var description: String { "\(major).\(minor)" }
}
