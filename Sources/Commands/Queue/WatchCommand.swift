import ArgumentParser
import Domain
import GitProgram

/// `sluice watch ID`
struct WatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Follows a submission until it has landed or was refused.",
    discussion: """
      Prints what has happened and what happens, as the push does; several may watch, and Ctrl-C ends the watching only. \
      Runs on the server; from a clone, pushing the same commit to the same name again does the same.

        sluice -C /srv/git/app.git watch sub-1703123456-a1b2c3

      Exit statuses: 0 landed or verified, 1 refused, cancelled or superseded, 3 not finished when --timeout was over.
      """)

  @OptionGroup var place: Place

  @Flag(help: "Print each event as JSON.")
  var json = false

  @Option(help: ArgumentHelp("Stop watching after this many seconds.", valueName: "seconds"))
  var timeout: Double?

  @Argument(help: ArgumentHelp("A submission's or an integration's id.", valueName: "id"))
  var id: String

  func validate() throws {
    guard timeout.map({ $0 >= 0 && $0 <= 1e9 }) ?? true else { throw ValidationError("--timeout needs seconds from 0") }
  }

  func run() throws {
    try place.enter()
    let record = try Record.open()
    let (submission, _) = try record.find(id)
    let end = try Following.follow(submission.id, in: record.repository, secondsMax: timeout) { entry in
      if json {
        Console.say(entry.line)
      } else {
        entry.event.lines.forEach(Console.say)
      }
    }
    let status = Following.status(end)
    guard status == .done else { throw ExitCode(status.rawValue) }
  }
}
