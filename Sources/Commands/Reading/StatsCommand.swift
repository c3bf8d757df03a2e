import ArgumentParser
import Domain
import Store

/// `sluice stats`
struct StatsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats",
    abstract: "Prints what the past says: who holds how often, what checks take, which tests are flaky.",
    discussion: """
      The model that the queue predicts by. How likely a submission holds is naive Bayes over its agent, the folders it \
      changes and how many files: each rate is drawn towards the overall one by as much as ten submissions weigh. What a \
      check takes is the median of its newest runs. Expected times and the choice of what idle workers test come from it; \
      it never decides a verdict. Runs on the server.

        sluice -C /srv/git/app.git stats
        sluice -C /srv/git/app.git stats --json | jq '.checks'
      """)

  @OptionGroup var place: Place

  @Flag(help: "Print the result as JSON.")
  var json = false

  func run() throws {
    try place.enter()
    let record = try Record.open()
    let flaky: [String: Int]
    do { flaky = try record.ledger?.flakyTests(newest: Prediction.pastMax) ?? [:] } catch {
      throw CommandFailure(error)
    }
    let statistics = Statistics(prediction: try record.prediction(), flakyTests: flaky)
    if json {
      Console.say(statistics.json.pretty)
    } else {
      statistics.lines.forEach(Console.say)
    }
  }
}

/// A prediction and the flaky tests, for people and programs.
struct Statistics {
  let prediction: Prediction
  let flakyTests: [String: Int]

  private typealias Row = (trait: Prediction.Trait, count: Prediction.Count)

  private var rows: [Row] {
    prediction.traits.map { (trait: $0.key, count: $0.value) }.sorted {
      Self.words(of: $0.trait) < Self.words(of: $1.trait)
    }
  }

  private var flakes: [(name: String, count: Int)] {
    flakyTests.map { (name: $0.key, count: $0.value) }.sorted { ($1.count, $0.name) < ($0.count, $1.name) }
  }

  var lines: [String] {
    let overall = prediction.overall
    guard overall.total > 0 else { return ["nothing has been judged yet"] }
    var lines = [
      "\(overall.held) of \(overall.total) judged submissions held; the next one is expected to by \(Self.percent(prediction.rate))"
    ]
    lines += Columns.aligned(
      rows.map { row in
        [
          "  " + Self.words(of: row.trait), "\(row.count.held) of \(row.count.total)",
          Self.percent(prediction.rate(of: row.trait)),
        ]
      })
    lines += Columns.aligned(
      prediction.checks.map { ["  check \($0)", "about \(Self.seconds(prediction.seconds(of: $0) ?? 0)) s"] })
    if !flakes.isEmpty { lines.append("flaky tests, by how often they failed and passed on the same inputs:") }
    return lines + flakes.prefix(50).map { "  \($0.count)  \(Printable.line($0.name, max: 200))" }
  }

  var json: JSONValue {
    [
      "held": .integer(prediction.overall.held), "failed": .integer(prediction.overall.failed),
      "rate": Self.number(prediction.rate),
      "traits": .array(
        rows.map { row in
          [
            "trait": .string(Self.words(of: row.trait)), "held": .integer(row.count.held),
            "failed": .integer(row.count.failed), "rate": Self.number(prediction.rate(of: row.trait)),
          ]
        }),
      "checks": .array(
        prediction.checks.map { ["name": .string($0), "seconds": Self.number(prediction.seconds(of: $0) ?? 0)] }),
      "flaky_tests": .array(flakes.map { ["name": .string($0.name), "count": .integer($0.count)] }),
    ]
  }

  private static func words(of trait: Prediction.Trait) -> String {
    switch trait {
    case .agent(let agent): "agent \(Printable.line(agent, max: 60))"
    case .folder(let folder): "folder \(Printable.line(folder, max: 60))"
    case .size(let size): "size \(size.rawValue)"
    }
  }

  private static func percent(_ rate: Double) -> String { "\(Event.decimal(rate * 100, places: 0)) %" }
  private static func seconds(_ seconds: Double) -> String { Event.decimal(seconds, places: 1) }
  private static func number(_ value: Double) -> JSONValue {
    .number(JSONNumber(literal: Event.decimal(value, places: 3)))
  }
}
