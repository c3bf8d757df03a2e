import ArgumentParser
import Domain
import Store

/// `sluice notices`
struct NoticesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "notices",
    abstract: "Shows which notifications were not taken yet, and sends dead ones again.",
    discussion: """
      A notification that its receiver does not take is tried again for about a day, then it is a dead letter: nobody \
      tries it any more until it is sent again from here. Runs on the server; sending again is for administrators.

        sluice -C /srv/git/app.git notices
        sluice -C /srv/git/app.git notices retry msg-1703123456-a1b2c3d4
        sluice -C /srv/git/app.git notices retry --dead
      """,
    subcommands: [List.self, Retry.self], defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Shows what was not taken yet, oldest first.")

    @OptionGroup var place: Place

    @Flag(help: "Print the result as JSON.")
    var json = false

    func run() throws {
      try place.enter()
      let notices = try Record.open().notices()
      if json { return Console.say(JSONValue.array(notices.map(\.json)).pretty) }
      if notices.isEmpty { Console.say("every notification was taken") }
      let rows = notices.map { notice in
        let state = notice.isDead ? "dead" : "waiting"
        let why = notice.error.map { "\(Printable.line($0, max: 400)) (attempts: \(notice.attempts))" } ?? ""
        return [notice.id.text, state, notice.occasion.rawValue, Printable.line(notice.sink.text, max: 200), why]
      }
      for line in Columns.aligned(rows) { Console.say(line) }
    }
  }

  struct Retry: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Sends notifications again, at once and under the same ids.")

    @OptionGroup var place: Place

    @Flag(help: "Every dead letter.")
    var dead = false

    @Argument(help: ArgumentHelp("The ids of notifications.", valueName: "id"))
    var ids: [String] = []

    func run() throws {
      try place.enter()
      guard dead != !ids.isEmpty else {
        throw CommandFailure(.usage, "name the notifications, or give --dead", hint: "sluice notices lists them")
      }
      let record = try Record.open()
      let known = try record.notices()
      let chosen = try dead ? known.filter(\.isDead) : ids.map { try Self.notice($0, in: known) }
      let inbox = try ServerInbox(record.repository)
      for notice in chosen { try inbox.resend(notice.id) }
      if !chosen.isEmpty { inbox.callWorker() }
      Console.say("\(chosen.count) to be sent again")
    }

    private static func notice(_ text: String, in known: [Notice]) throws -> Notice {
      guard let notice = known.first(where: { $0.id.text == text }) else {
        throw CommandFailure.refused(
          "no notification waits or is dead as \(Printable.line(text, max: 80))", hint: "sluice notices lists what is")
      }
      return notice
    }
  }
}

extension Record {
  private static let noticesMax = 10_000

  /// The notifications that were not taken yet, oldest first.
  func notices() throws(CommandFailure) -> [Notice] {
    do { return try ledger?.notices(limit: Self.noticesMax) ?? [] } catch { throw CommandFailure(error) }
  }
}
