extension Report {
  /// How the turnaround of all changes is spread, a panel for each cell: SVG.
  package var spread: String {
    let panels = cells.map { cell in
      Plot.Panel(title: Self.caption(cell), lines: cell.rows.map(Self.spread))
    }
    return Plot(
      panels: panels,
      x: .init(title: "turnaround, minutes", isLogarithmic: true, ticks: [4, 10, 30, 60, 120, 300, 1_000, 3_000]),
      y: .init(title: "share of changes", isLogarithmic: false, ticks: [0, 0.2, 0.4, 0.6, 0.8, 1]),
      note: Self.note
    ).svg
  }

  /// The median turnaround in units of the Oracle's over the rate, a panel for each number of workers: SVG; nil where
  /// there is but one rate.
  package var growth: String? {
    let rates = Set(cells.map(\.workload.rate)).sorted()
    guard rates.count > 1 else { return nil }
    let groups = Dictionary(grouping: cells) { [Double($0.workers), $0.workload.conflicts] }
    let panels = groups.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { key, group in
      let cells = group.sorted { $0.workload.rate < $1.workload.rate }
      let title = "\(Int(key[0])) workers, conflicts \(Self.number(key[1] * 100, 1)) %"
      return Plot.Panel(title: title, lines: Self.growth(cells))
    }
    return Plot(
      panels: panels, x: .init(title: "changes per hour", isLogarithmic: false, ticks: rates),
      y: .init(title: "median turnaround / Oracle's", isLogarithmic: true, ticks: [0.5, 1, 2, 5, 10, 30]),
      note: Self.note
    ).svg
  }

  private static func growth(_ cells: [Cell]) -> [Plot.Line] {
    (cells.first?.rows ?? []).map(\.contender).map { contender in
      let points = cells.compactMap { cell in
        cell.rows.first { $0.contender == contender }.map { (x: cell.workload.rate, y: $0.ratio(0.5)) }
      }
      return Plot.Line(name: contender.rawValue, colour: contender.colour, points: points)
    }
  }

  private static func spread(_ row: Cell.Row) -> Plot.Line {
    let all = row.measurements.flatMap(\.turnarounds).sorted()
    // A hundred points draw the curve as well as thousands.
    let points = stride(from: 0.0, through: 1.0, by: 0.01).compactMap { share in
      all.isEmpty ? nil : (x: all[min(Int(share * Double(all.count)), all.count - 1)], y: share)
    }
    return Plot.Line(name: row.contender.rawValue, colour: row.contender.colour, points: points)
  }

  private static func caption(_ cell: Cell) -> String {
    "\(Int(cell.workload.rate)) changes/h, \(cell.workers) workers, conflicts "
      + "\(number(cell.workload.conflicts * 100, 1)) %"
  }

  private static let note = "sluice simulate: a workload of ours, shaped on a published description; nobody's traces"
}

extension Contender {
  var colour: String {
    switch self {
    case .oracle: "#555555"
    case .sluice: "#0b62d6"
    case .submitQueue: "#d9480f"
    case .speculateAll: "#9c36b5"
    case .optimistic: "#2b8a3e"
    case .batch: "#c2a000"
    case .single: "#c92a2a"
    }
  }
}
