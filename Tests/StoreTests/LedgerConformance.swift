import Domain
import Store
import Testing

/// What every ledger keeps and finds again, whatever database stands behind it.
@Suite struct LedgerConformance {
  static let databases = LedgerUnderTest.allCases

  @Test(arguments: databases)
  func `a request that is entered stands as a queued submission, once`(database: LedgerUnderTest) throws {
    let folder = try Folder()
    let ledger = try database.open(in: folder)
    let fence = try ledger.takeLease()
    let request = try Samples.request(1)
    #expect(try ledger.submission(request.id) == nil)

    try ledger.enter(request, events: ["{\"a\":1}", "{\"b\":2}"], holding: fence)
    #expect(throws: LedgerError.self) { try ledger.enter(request, events: ["{\"c\":3}"], holding: fence) }

    #expect(try ledger.submission(request.id) == Submission(request: request))
    #expect(
      try ledger.events(of: request.id, after: 0) == [
        NumberedEvent(number: 1, json: "{\"a\":1}"), NumberedEvent(number: 2, json: "{\"b\":2}"),
      ])
  }

  @Test(arguments: databases)
  func `the queue is ordered by priority and then by arrival`(database: LedgerUnderTest) throws {
    let folder = try Folder()
    let ledger = try database.open(in: folder)
    let fence = try ledger.takeLease()
    let priorities: [(Int, Priority)] = [(5, .low), (4, .normal), (3, .urgent), (2, .normal), (1, .high), (6, .urgent)]
    for (number, priority) in priorities {
      try ledger.enter(Samples.request(number, priority: priority), events: [], holding: fence)
    }
    _ = try ledger.write([.submission(Samples.ended(4))], holding: fence)

    #expect(try ledger.openSubmissions().map(\.id) == [3, 6, 1, 2, 5].map(Samples.submissionID))
    #expect(try ledger.openSubmissions().first?.request == Samples.request(3, priority: .urgent))
  }

  @Test(arguments: databases)
  func `every column of a submission is kept`(database: LedgerUnderTest) throws {
    let folder = try Folder()
    let ledger = try database.open(in: folder)
    let fence = try ledger.takeLease()
    var submission = try Submission(request: Samples.request(1))
    try ledger.enter(submission.request, events: [], holding: fence)

    submission.state = .integrating
    submission.integration = try Samples.integrationID(7)
    _ = try ledger.write([.submission(submission)], holding: fence)
    #expect(try ledger.submission(submission.id) == submission)

    submission.state = .quarantined
    submission.category = .undeclaredChanges
    submission.reason = "a 'reason' with\nlines, ü and 🚆"
    submission.landedCommit = try Samples.object(3)
    submission.endedAt = 1_700_000_300
    _ = try ledger.write([.submission(submission)], holding: fence)
    #expect(try ledger.submission(submission.id) == submission)
    #expect(try ledger.openSubmissions().isEmpty)
  }

  @Test(arguments: SubmissionState.allCases.filter(\.isEnd))
  func `a submission that has ended never changes again`(end: SubmissionState) throws {
    for database in Self.databases {
      let folder = try Folder()
      let ledger = try database.open(in: folder)
      let fence = try ledger.takeLease()
      try ledger.enterSamples([1], holding: fence)
      let ended = try Samples.ended(1, as: end)
      _ = try ledger.write([.submission(ended)], holding: fence)

      var changed: [Submission] = try [Submission(request: Samples.request(1)), Samples.ended(1, as: end, at: 5)]
      changed += try SubmissionState.allCases.filter { $0 != end }.map { try Samples.ended(1, as: $0) }
      for other in changed {
        let error = #expect(throws: LedgerError.self) { try ledger.write([.submission(other)], holding: fence) }
        guard case .conflict(let text) = error else { throw Unexpected(error) }
        #expect(text.contains(end.rawValue))
      }
      _ = try ledger.write([.submission(ended)], holding: fence)
      #expect(try ledger.submission(ended.id) == ended)
    }
  }

  @Test(arguments: databases)
  func `what nobody entered can neither change nor have events`(database: LedgerUnderTest) throws {
    let folder = try Folder()
    let ledger = try database.open(in: folder)
    let fence = try ledger.takeLease()
    let changes: [LedgerChange] = try [
      .submission(Submission(request: Samples.request(1))), .event(Samples.submissionID(1), json: "{}"),
      .integration(Samples.integration(1, of: 1)), .landing(Samples.landing(1, by: 1, old: 1)),
    ]
    for change in changes {
      let error = #expect(throws: LedgerError.self) { try ledger.write([change], holding: fence) }
      guard case .conflict = error else { throw Unexpected(error) }
    }
  }

  @Test(arguments: databases)
  func `ended submissions come newest first, as many as asked for`(database: LedgerUnderTest) throws {
    let folder = try Folder()
    let ledger = try database.open(in: folder)
    let fence = try ledger.takeLease()
    try ledger.enterSamples(1...4, holding: fence)
    for (number, seconds) in [(1, 30), (2, 10), (3, 30)] {
      _ = try ledger.write([.submission(Samples.ended(number, as: .rejected, at: Int64(seconds)))], holding: fence)
    }
    #expect(try ledger.endedSubmissions(limit: 9).map(\.id) == [3, 1, 2].map(Samples.submissionID))
    #expect(try ledger.endedSubmissions(limit: 1).map(\.id) == [Samples.submissionID(3)])
  }

  @Test(arguments: databases)
  func `a landed submission is found by name, target and object, and by its task`(database: LedgerUnderTest) throws {
    let folder = try Folder()
    let ledger = try database.open(in: folder)
    let fence = try ledger.takeLease()
    try ledger.enterSamples(1...2, holding: fence)
    let landed = try Samples.ended(1)
    _ = try ledger.write([.submission(landed), .submission(Samples.ended(2, as: .verified))], holding: fence)

    func find(_ name: String, _ target: String, _ pushed: Int) throws -> Submission? {
      try ledger.landedSubmission(name: name, target: target, pushed: Samples.object(pushed))
    }
    #expect(try find("work-1", "main", 1) == landed)
    #expect(try find("work-1", "main", 2) == nil)
    #expect(try find("work-1", "next", 1) == nil)
    #expect(try find("work-2", "main", 1) == nil)
    #expect(try find("work-2", "main", 2) == nil)

    #expect(try ledger.hasLanded(taskOrSubmission: "task-1", target: "main"))
    #expect(try ledger.hasLanded(taskOrSubmission: landed.id.text, target: "main"))
    #expect(try !ledger.hasLanded(taskOrSubmission: "task-1", target: "next"))
    #expect(try !ledger.hasLanded(taskOrSubmission: "task-2", target: "main"))
    #expect(try !ledger.hasLanded(taskOrSubmission: "task", target: "main"))
  }

  @Test(arguments: databases)
  func `texts of every kind come back whole`(database: LedgerUnderTest) throws {
    let folder = try Folder()
    let ledger = try database.open(in: folder)
    let fence = try ledger.takeLease()
    try ledger.enterSamples([1], holding: fence)
    let texts = ["", " ", "'; DROP TABLE submission; --", "a\tb\r\nc", "🚆ü\u{301}", "{\"a\":\"\\u0000\"}"]
    _ = try ledger.write(texts.map { .event(try Samples.submissionID(1), json: $0) }, holding: fence)
    #expect(try ledger.events(of: Samples.submissionID(1), after: 0).map(\.json) == texts)

    var submission = try Submission(request: Samples.request(1))
    submission.reason = "before\0after"
    _ = try ledger.write([.submission(submission)], holding: fence)
    #expect(try ledger.submission(submission.id)?.reason == "before␀after")
  }

  @Test(arguments: databases)
  func `what people were asked and said of a submission is kept`(database: LedgerUnderTest) throws {
    let folder = try Folder()
    let ledger = try database.open(in: folder)
    let fence = try ledger.takeLease()
    try ledger.enterSamples(1...2, holding: fence)
    var review = Review(submission: try Samples.submissionID(1), askedAt: 7)
    #expect(try ledger.review(of: review.submission) == nil)
    _ = try ledger.write([.review(review)], holding: fence)
    #expect(try ledger.review(of: review.submission) == review)
    review.approval = Approval(by: "ada 'ü'", at: 9)
    let early = Review(submission: try Samples.submissionID(2), approval: Approval(by: "bob", at: 3))
    _ = try ledger.write([.review(review), .review(early)], holding: fence)
    #expect(try ledger.review(of: review.submission) == review)
    #expect(try ledger.review(of: early.submission) == early)
  }

  @Test(arguments: databases)
  func `a target is paused until it is resumed`(database: LedgerUnderTest) throws {
    let folder = try Folder()
    let ledger = try database.open(in: folder)
    let fence = try ledger.takeLease()
    _ = try ledger.write([.gate(target: "main", .closed), .gate(target: "next", .closed)], holding: fence)
    _ = try ledger.write([.gate(target: "main", .closed)], holding: fence)
    #expect(try ledger.gates() == ["main": .closed, "next": .closed])
    _ = try ledger.write([.gate(target: "main", .open), .gate(target: "other", .open)], holding: fence)
    #expect(try ledger.gates() == ["next": .closed])
  }
}

/// Another error than the story expects.
struct Unexpected: Error {
  let error: LedgerError?
  init(_ error: LedgerError?) { self.error = error }
}
