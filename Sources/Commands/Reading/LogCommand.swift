import ArgumentParser
import Checks
import Domain
import Glibc
import Store

/// `sluice log ID [CHECK]`
struct LogCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log",
    abstract: "Prints what happened to a submission, or the output of one of its checks.",
    discussion: """
      Without a check: the events, in the words of the push output; with --json one event a line, as in the journal. \
      With a check: its whole output, control characters made visible. Runs on the server.

        sluice -C /srv/git/app.git log sub-1703123456-a1b2c3
        sluice -C /srv/git/app.git log sub-1703123456-a1b2c3 tests
      """)

  @OptionGroup var place: Place

  @Flag(help: "Print the events as JSON, one a line.")
  var json = false

  @Argument(help: ArgumentHelp("A submission's or an integration's id.", valueName: "id"))
  var id: String

  @Argument(help: ArgumentHelp("The check whose output to print.", valueName: "check"))
  var check: String?

  func run() throws {
    try place.enter()
    let record = try Record.open()
    let (submission, integration) = try record.find(id)
    if let check {
      try Self.printOutput(of: check, integration, in: record)
    } else {
      try printEvents(of: submission, in: record)
    }
  }

  private func printEvents(of submission: Submission, in record: Record) throws {
    let events: [NumberedEvent]
    do { events = try record.ledger?.events(of: submission.id, after: 0) ?? [] } catch { throw CommandFailure(error) }
    for event in events {
      if json {
        Console.say("{\"seq\":\(event.number),\(event.json.dropFirst())")
      } else if let known = Event(json: try JSONValue.parse(Array(event.json.utf8), limits: .own)) {
        let time = known.fields["time"]?.string.map { "\($0) " } ?? ""
        for line in known.lines { Console.say(time + line) }
      }
    }
  }

  private static func printOutput(of check: String, _ integration: Integration?, in record: Record) throws {
    guard let integration else {
      throw CommandFailure(.unfinished, "no integration has started yet, so no check has run")
    }
    let place = StatePaths(repository: record.repository.path)
    let folder = place.logs(of: integration.id)
    let names = Disk.names(in: folder).filter { $0.hasSuffix(".log") }
    let known = integration.checks.first { $0.name == check }
    var path = "\(folder)/\(CheckLog.fileName(check))"
    if !names.contains(CheckLog.fileName(check)) {
      // What failed may have run for others, or before: the verdict is the same, and so is the output.
      let failure = known.map { place.failureLog(of: $0.key) } ?? ""
      guard access(failure, F_OK) == 0 else { return try sayNothing(of: check, known, integration, names) }
      path = failure
    }
    let bytes = try Disk.read(path, max: 256 << 20)
    for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast(
      bytes.last == 10 ? 1 : 0)
    {
      Console.say(Self.printable(line))
    }
  }

  /// Tells why there is no output to print.
  private static func sayNothing(
    of check: String, _ known: CheckResult?, _ integration: Integration, _ names: [String]
  ) throws {
    guard let known else {
      let checks = integration.checks.map(\.name) + names.map { String($0.dropLast(4)) }
      throw CommandFailure.refused(
        "there is no output of '\(Printable.line(check, max: 80))' in \(integration.id)",
        hint: checks.isEmpty ? nil : "there is output of \(Set(checks).sorted().joined(separator: ", "))")
    }
    guard known.isCached || known.verdict == .notRun else { return Console.note("\(check) printed nothing") }
    let why = known.isCached ? "its verdict was known" : known.reason ?? "no reason is known"
    throw CommandFailure.refused("\(check) did not run in \(integration.id): \(why)")
  }

  /// A line with its tabs, and everything that could move a cursor made visible.
  private static func printable(_ line: ArraySlice<UInt8>) -> String {
    String(decoding: line, as: UTF8.self).split(separator: "\t", omittingEmptySubsequences: false)
      .map { Printable.line($0, max: 10_000) }.joined(separator: "\t")
  }
}
