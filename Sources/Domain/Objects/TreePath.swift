/// A path inside a tree: the bytes that git stores, which need not be UTF-8.
package struct TreePath: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let bytes: [UInt8]

  package init(bytes: [UInt8]) { self.bytes = bytes }
  package init(_ text: some StringProtocol) { bytes = Array(text.utf8) }

  /// The path of `name` inside this folder; the root folder is the empty path.
  package func appending(_ name: [UInt8]) -> TreePath {
    bytes.isEmpty ? TreePath(bytes: name) : TreePath(bytes: bytes + [UInt8(ascii: "/")] + name)
  }

  /// The path as text; nil where the bytes are not UTF-8.
  package var text: String? { String(validating: bytes, as: UTF8.self) }

  /// The path for people: bytes that are not UTF-8 are replaced.
  package var description: String { String(decoding: bytes, as: UTF8.self) }

  /// The number of components.
  package var depth: Int { bytes.isEmpty ? 0 : bytes.count { $0 == UInt8(ascii: "/") } + 1 }

  /// The components between the slashes.
  package var components: [[UInt8]] {
    bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map(Array.init)
  }

  package static func < (left: TreePath, right: TreePath) -> Bool {
    left.bytes.lexicographicallyPrecedes(right.bytes)
  }
}
