/// Lines whose parts stand below one another.
enum Columns {
  /// Pads every part but the last to the widest of its column.
  static func aligned(_ rows: [[String]]) -> [String] {
    let count = rows.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0 }
    return rows.map { row in
      var line = ""
      for (column, part) in row.enumerated() {
        line += part
        if column < row.count - 1 { line += String(repeating: " ", count: widths[column] - part.count + 2) }
      }
      while line.last == " " { line.removeLast() }
      return line
    }
  }
}
