/// A table in Markdown whose columns stand below one another in plain text, too.
struct MarkdownTable {
  let head: [String]
  let rows: [[String]]

  var text: String {
    let widths = head.indices.map { column in ([head] + rows).map { $0[column].count }.max() ?? 0 }
    let rule = widths.enumerated().map { index, width in
      index == 0 ? String(repeating: "-", count: width) : String(repeating: "-", count: width - 1) + ":"
    }
    return ([head, rule] + rows).map { Self.line($0, widths) }.joined(separator: "\n")
  }

  /// The first column to the left, numbers to the right.
  private static func line(_ parts: [String], _ widths: [Int]) -> String {
    let padded = zip(parts, widths).enumerated().map { index, part in
      let space = String(repeating: " ", count: part.1 - part.0.count)
      return index == 0 ? part.0 + space : space + part.0
    }
    return "| " + padded.joined(separator: " | ") + " |"
  }
}
