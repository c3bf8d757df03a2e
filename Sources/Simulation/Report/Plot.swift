import Glibc

/// Line charts beside each other, as SVG written by hand.
struct Plot {
  struct Line {
    let name: String
    let colour: String
    /// In the order of x.
    let points: [(x: Double, y: Double)]
  }

  struct Panel {
    let title: String
    let lines: [Line]
  }

  struct Axis {
    let title: String
    let isLogarithmic: Bool
    let ticks: [Double]

    private var low: Double { ticks.first ?? 0 }
    private var high: Double { ticks.last ?? 1 }

    /// Where a value stands between the first tick and the last, in 0...1.
    func position(_ value: Double) -> Double {
      let part =
        isLogarithmic
        ? log(max(value, .leastNormalMagnitude) / low) / log(high / low) : (value - low) / (high - low)
      return min(max(part, 0), 1)
    }
  }

  private enum Size {
    static let panel = (width: 300.0, height: 240.0)
    static let margin = (left: 52.0, top: 34.0, right: 16.0, bottom: 44.0)
    static let columnsMax = 3
    static let legend = 26.0
    static var cell: (width: Double, height: Double) {
      (panel.width + margin.left + margin.right, panel.height + margin.top + margin.bottom)
    }
  }

  let panels: [Panel]
  let x: Axis
  let y: Axis
  /// Small print below everything.
  let note: String

  var svg: String {
    let columns = min(max(panels.count, 1), Size.columnsMax)
    let rows = (panels.count + columns - 1) / columns
    let width = Double(columns) * Size.cell.width
    let height = Double(rows) * Size.cell.height + Size.legend * 2
    var parts = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(text(width))\" height=\"\(text(height))\" "
        + "font-family=\"sans-serif\" font-size=\"11\">",
      "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
    ]
    for (index, panel) in panels.enumerated() {
      let left = Double(index % columns) * Size.cell.width + Size.margin.left
      let top = Double(index / columns) * Size.cell.height + Size.margin.top
      parts.append("<g transform=\"translate(\(text(left)) \(text(top)))\">")
      parts += frame(panel.title) + panel.lines.map(path)
      parts.append("</g>")
    }
    parts += legend(at: Double(rows) * Size.cell.height + Size.legend / 2)
    parts.append(label(note, x: 12, y: height - 8, anchor: "start", size: 9))
    return (parts + ["</svg>"]).joined(separator: "\n") + "\n"
  }

  private func frame(_ title: String) -> [String] {
    let (width, height) = Size.panel
    var parts = [label(title, x: width / 2, y: -12, size: 12)]
    for tick in x.ticks {
      let at = x.position(tick) * width
      parts.append("<path d=\"M\(text(at)) 0V\(text(height))\" stroke=\"#e4e4e4\"/>")
      parts.append(label(Self.tick(tick), x: at, y: height + 15))
    }
    for tick in y.ticks {
      let at = height - y.position(tick) * height
      parts.append("<path d=\"M0 \(text(at))H\(text(width))\" stroke=\"#e4e4e4\"/>")
      parts.append(label(Self.tick(tick), x: -6, y: at + 4, anchor: "end"))
    }
    parts.append("<rect width=\"\(text(width))\" height=\"\(text(height))\" fill=\"none\" stroke=\"#888\"/>")
    parts.append(label(x.title, x: width / 2, y: height + 32))
    parts.append(
      "<g transform=\"translate(-38 \(text(height / 2))) rotate(-90)\">" + label(y.title, x: 0, y: 0) + "</g>")
    return parts
  }

  private func path(_ line: Line) -> String {
    let points = line.points.map { point in
      "\(text(x.position(point.x) * Size.panel.width)),\(text((1 - y.position(point.y)) * Size.panel.height))"
    }
    return "<polyline fill=\"none\" stroke=\"\(line.colour)\" stroke-width=\"1.8\" points=\""
      + points.joined(separator: " ") + "\"/>"
  }

  private func legend(at top: Double) -> [String] {
    var left = 14.0
    return (panels.first?.lines ?? []).map { line in
      defer { left += 44 + 6.5 * Double(line.name.count) }
      return "<path d=\"M\(text(left)) \(text(top))h22\" stroke=\"\(line.colour)\" stroke-width=\"3\"/>"
        + label(line.name, x: left + 27, y: top + 4, anchor: "start")
    }
  }

  private func label(
    _ string: String, x: Double, y: Double, anchor: String = "middle", size: Int = 11
  ) -> String {
    let escaped = string.map { $0 == "&" ? "&amp;" : $0 == "<" ? "&lt;" : String($0) }.joined()
    return "<text x=\"\(text(x))\" y=\"\(text(y))\" text-anchor=\"\(anchor)\" font-size=\"\(size)\">\(escaped)</text>"
  }

  private func text(_ value: Double) -> String { Report.number(value, 1) }
  private static func tick(_ value: Double) -> String { Report.number(value, value == value.rounded() ? 0 : 1) }
}
