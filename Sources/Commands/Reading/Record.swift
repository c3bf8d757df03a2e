import Domain
import Store

/// What a server knows of its submissions: the ledger, and the inbox entries that no worker has read yet.
struct Record: Sendable {
  let repository: ServerRepository
  /// Nil where no worker has ever run.
  let ledger: SQLiteLedger?

  /// Opens the record of the repository that the working folder stands in, to read.
  static func open() throws(CommandFailure) -> Record {
    let repository = try ServerRepository.installed()
    do {
      return Record(repository: repository, ledger: try SQLiteLedger.openReading(repository.ledger))
    } catch { throw CommandFailure(error) }
  }

  /// The submission of an id, of either kind, with its newest integration, or with the one that was named.
  func find(_ id: String) throws(CommandFailure) -> (Submission, Integration?) {
    do {
      if let id = IntegrationID(id) {
        if let integration = try ledger?.integration(id),
          let submission = try ledger?.submission(integration.submission)
        {
          return (submission, integration)
        }
      } else if let id = SubmissionID(id) {
        if let submission = try ledger?.submission(id) {
          return (submission, try ledger?.integrations(of: id).last)
        }
        if let waiting = try unread().first(where: { $0.id == id }) { return (waiting, nil) }
        // A worker may have entered it between the two looks.
        if let submission = try ledger?.submission(id) { return (submission, nil) }
      } else {
        throw CommandFailure(
          .usage, "'\(Printable.line(id, max: 80))' is no id: one begins with sub- or int-",
          hint: "sluice status lists them")
      }
    } catch let error as LedgerError { throw CommandFailure(error) } catch let failure as CommandFailure {
      throw failure
    } catch { throw .unreachable("\(error)") }
    throw .refused("\(repository.path) knows no \(id)", hint: "sluice status lists the newest ones")
  }

  /// Accepted submissions that are not in the ledger yet.
  func unread() throws(CommandFailure) -> [Submission] {
    let answer = try repository.run(["for-each-ref", "--format=%(contents)%00", SluiceRef.inboxSpace])
    var waiting: [Submission] = []
    for message in answer.text.split(separator: "\0") {
      guard let json = Self.parse(message), case .submission(let request)? = InboxRecord(json: json) else { continue }
      do {
        if try ledger?.submission(request.id) == nil { waiting.append(Submission(request: request)) }
      } catch { throw CommandFailure(error) }
    }
    return waiting
  }

  /// What the past says about what is to come, from as much of it as a worker looks at.
  func prediction() throws(CommandFailure) -> Prediction {
    guard let ledger else { return Prediction() }
    do {
      return try Prediction(
        ledger.endedSubmissions(limit: Prediction.pastMax).reversed(),
        ledger.checkSeconds(newest: Prediction.pastMax))
    } catch { throw CommandFailure(error) }
  }

  private static func parse(_ text: Substring) -> JSONValue? {
    do { return try JSONValue.parse(Array(text.utf8)) } catch { return nil }
  }
}

extension CommandFailure {
  init(_ error: LedgerError) {
    switch error {
    case .unavailable(let text), .damaged(let text), .conflict(let text): self = .unreachable(text)
    case .fenced: self = .unreachable("a newer worker has taken over")
    }
  }
}
