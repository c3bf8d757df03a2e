package import Domain

/// What a simulation tells: the same figures as text, as JSON and as plots.
package struct Report: Sendable {
  package let cells: [Cell]

  package init(_ cells: [Cell]) { self.cells = cells }

  /// What every output says about where its numbers come from.
  package static let provenance = """
    The workload is ours. Its shape follows the published description of SubmitQueue (EuroSys 2019): Poisson arrivals, \
    build times lognormal with a median of 27 minutes between 4 and 120. It is no reproduction of anybody's traces, \
    which are private. All policies build on the same inputs: equal builds are never run twice, a build that is \
    stopped counts, and the Oracle keeps the order of arrival, which a train may leave where every outcome agrees.
    """

  /// Markdown that also reads on a terminal.
  package var text: String {
    var parts = cells.map { Self.title($0.workload, workers: $0.workers, seeds: $0.seeds) + "\n\n" + Self.table($0) }
    let contenders = cells.first?.rows.map(\.contender) ?? []
    parts.append(contenders.map { "- \($0.rawValue): \($0.explanation)" }.joined(separator: "\n"))
    parts.append(Self.provenance)
    return parts.joined(separator: "\n\n")
  }

  package var json: JSONValue {
    ["provenance": .string(Self.provenance), "cells": .array(cells.map(Self.json))]
  }

  static func title(_ workload: Workload, workers: Int, seeds: Int) -> String {
    var facts = [
      "\(number(workload.rate, 0)) changes/h", "\(workers) workers", "\(number(workload.hours, 1)) h",
      "conflicts \(number(workload.conflicts * 100, 1)) %", "good alone \(number(workload.success * 100, 0)) %",
    ]
    if workload.flakes > 0 { facts.append("flakes \(number(workload.flakes * 100, 1)) %") }
    facts.append(
      seeds == 1 ? "seed \(workload.seed)" : "mean of seeds \(workload.seed) to \(workload.seed + UInt64(seeds) - 1)")
    return "### " + facts.joined(separator: ", ")
  }

  private static func table(_ cell: Cell) -> String {
    let head = [
      "policy", "P50 min", "P95", "P99", "P50/Oracle", "P95", "P99", "landings/h", "builds/change", "builds/landing",
      "load", "innocents",
    ]
    return MarkdownTable(head: head, rows: cell.rows.map(figures)).text
  }

  private static func figures(_ row: Cell.Row) -> [String] {
    [row.contender.rawValue] + [0.5, 0.95, 0.99].map { share in number(row.mean { $0.turnaround(share) }, 1) }
      + [0.5, 0.95, 0.99].map { number(row.ratio($0), 2) }
      + [
        number(row.mean(\.landingsPerHour), 0), number(row.mean(\.buildsPerChange), 2),
        number(row.mean(\.buildsPerLanding), 2), number(row.mean(\.load) * 100, 0) + " %", "\(row.innocents)",
      ]
  }

  private static func json(_ cell: Cell) -> JSONValue {
    let workload = cell.workload
    return [
      "rate": json(workload.rate), "workers": .integer(cell.workers), "hours": json(workload.hours),
      "conflicts": json(workload.conflicts), "real_conflicts": json(workload.realConflicts),
      "success": json(workload.success), "flakes": json(workload.flakes), "retries": .integer(workload.retries),
      "seed": .integer(workload.seed), "seeds": .integer(cell.seeds), "policies": .array(cell.rows.map(json)),
    ]
  }

  private static func json(_ row: Cell.Row) -> JSONValue {
    [
      "policy": .string(row.contender.rawValue), "p50_minutes": json(row.mean { $0.turnaround(0.5) }),
      "p95_minutes": json(row.mean { $0.turnaround(0.95) }), "p99_minutes": json(row.mean { $0.turnaround(0.99) }),
      "p50_to_oracle": json(row.ratio(0.5)), "p95_to_oracle": json(row.ratio(0.95)),
      "p99_to_oracle": json(row.ratio(0.99)), "landings_per_hour": json(row.mean(\.landingsPerHour)),
      "builds_per_change": json(row.mean(\.buildsPerChange)), "builds_per_landing": json(row.mean(\.buildsPerLanding)),
      "load": json(row.mean(\.load)), "innocents_refused": .integer(row.innocents),
    ]
  }

  private static func json(_ value: Double) -> JSONValue { .number(JSONNumber(literal: number(value, 4))) }

  static func number(_ value: Double, _ places: Int) -> String { Event.decimal(value, places: places) }
}
