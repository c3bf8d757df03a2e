import Domain

/// What the header lines of a diff say, found without reading its hunks.
///
/// A line that begins with one of these words is a header wherever it stands: lines of hunks begin with a space, `+`, `-`
/// or a backslash, and lines of binary patches hold no space.
enum DiffHeaders {
  /// Refuses submodules, which `git apply` would enter without a word, and files that are larger unpacked than they may be.
  static func objection(to diff: [UInt8], blobMax: Int) -> Refusal? {
    for line in lines(of: diff, beginningWith: ["literal "]) {
      let size = Int(String(decoding: line.value, as: UTF8.self)) ?? .max
      guard size <= blobMax else {
        return Refusal(.limitExceeded, "the diff_package holds a file of more than \(blobMax) bytes")
      }
    }
    for line in lines(of: diff, beginningWith: ["old mode ", "new mode ", "new file mode ", "deleted file mode "])
    where line.value.starts(with: "160000".utf8) {
      return submodule
    }
    for line in lines(of: diff, beginningWith: ["index "])
    where line.value.count > 7 && line.value.suffix(7).elementsEqual(" 160000".utf8) {
      return submodule
    }
    return nil
  }

  private static let submodule = Refusal(
    .invalidPackage, "the diff_package changes a submodule", hint: "push the change as a commit")

  /// The paths that files are renamed or copied from, which git's own list leaves out.
  static func sources(of diff: [UInt8]) -> Set<TreePath> {
    Set(
      lines(of: diff, beginningWith: ["rename from ", "copy from "]).map { line in
        TreePath(bytes: unquoted(Array(line.value)))
      })
  }

  private static func lines(
    of diff: [UInt8], beginningWith words: [String]
  ) -> [(word: String, value: ArraySlice<UInt8>)] {
    var found: [(word: String, value: ArraySlice<UInt8>)] = []
    var start = diff.startIndex
    while start < diff.endIndex {
      let end = diff[start...].firstIndex(of: 10) ?? diff.endIndex
      for word in words where diff[start..<end].starts(with: word.utf8) {
        found.append((word, diff[start..<end].dropFirst(word.utf8.count)))
      }
      start = end + 1
    }
    return found
  }

  /// Reads a path that git has put in quotes, as in C; other paths stand for themselves.
  private static func unquoted(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.count >= 2, bytes.first == UInt8(ascii: "\""), bytes.last == UInt8(ascii: "\"") else { return bytes }
    let escapes: [UInt8: UInt8] = [
      UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8, UInt8(ascii: "t"): 9, UInt8(ascii: "n"): 10,
      UInt8(ascii: "v"): 11, UInt8(ascii: "f"): 12, UInt8(ascii: "r"): 13,
    ]
    var result: [UInt8] = []
    var rest = bytes[1..<(bytes.count - 1)]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\"), let escape = rest.popFirst() else {
        result.append(byte)
        continue
      }
      if (UInt8(ascii: "0")...UInt8(ascii: "3")).contains(escape), rest.count >= 2 {
        let digits = [escape, rest.removeFirst(), rest.removeFirst()]
        result.append(digits.reduce(0) { $0 << 3 | ($1 & 7) })
      } else {
        result.append(escapes[escape] ?? escape)
      }
    }
    return result
  }
}
