import ArgumentParser
import Domain
import Processes
import Store

/// `sluice approve ID`
struct ApproveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "approve",
    abstract: "Answers a submission that waits for a review.",
    discussion: """
      The policy's checks of kind review ask for it. What is approved is this one version, whatever is built of it; a newer \
      one is asked for anew, so that it takes an id and no name. It then takes its place in the queue and is checked like \
      everything else. Runs on the server; for administrators.

        sluice -C /srv/git/app.git approve sub-1703123456-a1b2c3
        sluice -C /srv/git/app.git approve sub-1703123456-a1b2c3 --refuse 'no tests'
        git -C /srv/git/app.git show refs/sluice/inbox/sub-1703123456-a1b2c3

      The last shows what it is about. Exit statuses: 0 entered, 1 nothing in flight has this id, it waits for no answer, or you are no administrator.
      """)

  @OptionGroup var place: Place

  @Option(help: ArgumentHelp("Refuse it instead, for this reason, which its pusher reads.", valueName: "reason"))
  var refuse: String?

  @Argument(help: ArgumentHelp("The id of the submission.", valueName: "id"))
  var id: String

  func validate() throws {
    guard SubmissionID(id) != nil else {
      throw ValidationError("'\(Printable.line(id, max: 80))' is no id of a submission; one begins with sub-")
    }
    guard refuse.map({ !PackageText.isBlank($0) && $0.utf8.count <= 2_000 }) ?? true else {
      throw ValidationError("--refuse needs a reason of up to 2000 bytes")
    }
  }

  func run() throws {
    try place.enter()
    let record = try Record.open()
    let inbox = try ServerInbox(record.repository)
    let (request, tag) = try inbox.inFlight(id)
    let review: Review?
    do { review = try record.ledger?.review(of: request.id) } catch { throw CommandFailure(error) }
    if let approval = review?.approval {
      throw CommandFailure.refused("\(request.id) was approved by \(Printable.line(approval.by, max: 80)) already")
    }
    guard let refuse else {
      try inbox.answer(.approved, about: request, tag: tag)
      inbox.callWorker()
      return Console.say(
        review?.isPending == true
          ? "\(request.id) is approved, and takes its place in the queue of \(request.target)"
          : "\(request.id) is approved, though nobody has asked for it yet")
    }
    guard review?.isPending == true else {
      throw CommandFailure.refused(
        "\(request.id) waits for no review", hint: "sluice cancel \(request.id) withdraws it")
    }
    try inbox.answer(.refused(reason: refuse), about: request, tag: tag)
    inbox.callWorker()
    Console.say("\(request.id) is refused")
  }
}
