import ArgumentParser
import Domain
import Store

/// `sluice status`
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Shows the queues and the newest answers.",
    discussion: """
      Reads the repository's own record, so it runs on the server. From a clone, 'git push' itself tells position and \
      progress.

        sluice -C /srv/git/app.git status
        sluice -C /srv/git/app.git status --json | jq '.queues[].items[].state'
      """)

  @OptionGroup var place: Place

  @Flag(help: "Print the result as JSON.")
  var json = false

  @Option(help: "How many of the ended submissions to show.")
  var recent = 10

  func validate() throws {
    guard (0...1_000).contains(recent) else { throw ValidationError("--recent needs a count from 0 to 1000") }
  }

  func run() throws {
    try place.enter()
    let status = try QueueStatus(Record.open(), recentMax: recent)
    if json {
      Console.say(status.json.pretty)
    } else {
      status.lines.forEach(Console.say)
    }
  }
}
