/// The lines that a change adds to one file.
package struct AddedLines: Sendable {
  /// Lines that follow one another in the new file, with their line ends.
  package struct Run: Sendable {
    /// From 1.
    package let firstLine: Int
    /// A slice of the new file, so that nothing need be copied.
    package let bytes: ArraySlice<UInt8>

    package init(firstLine: Int, bytes: ArraySlice<UInt8>) {
      self.firstLine = firstLine
      self.bytes = bytes
    }
  }

  package let path: TreePath
  /// In the order of the file. A secret of several lines is seen only inside one run: join lines that are neighbours.
  package let runs: [Run]

  package init(path: TreePath, runs: [Run]) {
    self.path = path
    self.runs = runs
  }

  /// A new file: every line is added.
  package init(path: TreePath, whole bytes: [UInt8]) {
    self.init(path: path, runs: [Run(firstLine: 1, bytes: bytes[...])])
  }
}

/// Counts line ends up to positions that only grow.
struct LineCount {
  private let bytes: ArraySlice<UInt8>
  private var position: Int
  private var line: Int

  init(_ run: AddedLines.Run) {
    bytes = run.bytes
    position = run.bytes.startIndex
    line = run.firstLine
  }

  /// The line of the byte at `next`.
  mutating func line(at next: Int) -> Int {
    line += bytes[position..<next].count { $0 == UInt8(ascii: "\n") }
    position = next
    return line
  }
}
