import ArgumentParser
import Domain
import Glibc
import Simulation

/// `sluice simulate`
struct SimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Plays the queue in virtual time, beside other policies.",
    discussion: """
      Draws a workload from a seed and lets this program's queue, exactly as it runs in production, and six other \
      policies work it off: how long changes take from arrival to landing, how many builds that costs, and whether \
      anybody is refused for another's fault.

        sluice simulate                               500 changes/h on 500 workers for 6 hours
        sluice simulate --rate 40 --workers 8 --success 0.85
        sluice simulate --rate 100,300,500 --seeds 4 --output results
        sluice simulate --grid --seeds 4 --output results

      The policies:
      \(Contender.allCases.map { "  \($0.rawValue): \($0.explanation)" }.joined(separator: "\n"))

      \(Report.provenance)
      """)

  @OptionGroup var place: Place

  @Option(help: "Changes that arrive in an hour; several separated by commas.")
  var rate = NumberList([500])

  @Option(help: "Builds that can run at the same time; several separated by commas.")
  var workers = NumberList([500])

  @Option(help: "For how many hours changes arrive.")
  var hours = 6.0

  @Option(help: "Probability that two changes in flight may affect each other; several separated by commas.")
  var conflicts = NumberList([0.01])

  @Option(help: "Probability that a change is good by itself.")
  var success = 0.95

  @Option(help: "Probability that a run which should pass fails; failed runs are then tried twice more.")
  var flakes = 0.0

  @Option(help: "From how many seeds each workload is drawn; figures are means.")
  var seeds = 1

  @Option(help: "Only these policies, separated by commas.")
  var policies = ContenderList(Contender.allCases)

  @Flag(help: "The grid of 100 to 500 changes/h by 100 to 500 workers, in place of --rate and --workers.")
  var grid = false

  @Option(help: ArgumentHelp("Also write report.md, report.json and the plots there.", valueName: "folder"))
  var output: String?

  @Flag(help: "Print the result as JSON.")
  var json = false

  mutating func validate() throws {
    try Self.demand(rate.numbers.allSatisfy { (0.1...10_000).contains($0) }, "--rate is 0.1 to 10000")
    try Self.demand(
      workers.numbers.allSatisfy { (1...10_000).contains($0) && $0 == $0.rounded() }, "--workers is 1 to 10000")
    try Self.demand((0.1...100).contains(hours), "--hours is 0.1 to 100")
    try Self.demand(conflicts.numbers.allSatisfy { (0...1).contains($0) }, "--conflicts is 0 to 1")
    try Self.demand((0...1).contains(success), "--success is 0 to 1")
    try Self.demand((0...0.9).contains(flakes), "--flakes is 0 to 0.9")
    try Self.demand((1...100).contains(seeds), "--seeds is 1 to 100")
  }

  func run() throws {
    try place.enter()
    let corners: [Double] = [100, 200, 300, 400, 500]
    var cells: [Cell] = []
    for conflicts in conflicts.numbers {
      for workers in grid ? corners : workers.numbers {
        for rate in grid ? corners : rate.numbers {
          var workload = Workload()
          (workload.rate, workload.hours, workload.conflicts) = (rate, hours, conflicts)
          (workload.success, workload.flakes) = (success, flakes)
          cells.append(
            Cell(
              workload, workers: Int(workers), seeds: seeds, contenders: policies.contenders, progress: Console.note))
        }
      }
    }
    let report = Report(cells)
    if let output { try Self.write(report, to: output) }
    Console.say(json ? report.json.pretty : report.text)
  }

  private static func write(_ report: Report, to folder: String) throws(CommandFailure) {
    guard mkdir(folder, 0o755) == 0 || errno == EEXIST else { throw Disk.failure("cannot create \(folder)") }
    var files = [
      "report.md": report.text + "\n", "report.json": report.json.pretty + "\n", "turnaround.svg": report.spread,
    ]
    files["growth.svg"] = report.growth
    for (name, text) in files { try Disk.replace("\(folder)/\(name)", with: Array(text.utf8), mode: 0o644) }
  }

  private static func demand(_ holds: Bool, _ sentence: String) throws {
    guard holds else { throw ValidationError(sentence) }
  }
}
