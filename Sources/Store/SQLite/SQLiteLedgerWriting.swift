package import Domain
import GRDB

extension SQLiteLedger {
  package func takeLease() throws(LedgerError) -> Fence {
    try writing { try LeaseTable($0).takeNext() }
  }

  package func write(
    _ changes: [LedgerChange], holding fence: Fence
  ) throws(LedgerError) -> [(SubmissionID, NumberedEvent)] {
    try writing(holding: fence) { database in
      var numbered: [(SubmissionID, NumberedEvent)] = []
      for change in changes {
        switch change {
        case .entered(let request): try SubmissionTable(database).enter(request)
        case .submission(let submission): try SubmissionTable(database).update(submission)
        case .integration(let integration): try IntegrationTable(database).put(integration)
        case .event(let id, let json): numbered.append((id, try EventTable(database).append(json, to: id)))
        case .landing(let landing): try LandingTable(database).add(landing)
        case .checkResult(let result): try CheckTable(database).store(result)
        case .review(let review): try ReviewTable(database).put(review)
        case .gate(let target, let gate): try GateTable(database).set(target, gate)
        case .notice(let notice): try NoticeTable(database).add(notice)
        case .resend(let id, let now): try NoticeTable(database).resend(id, at: now)
        }
      }
      return numbered
    }
  }

  package func prune(
    endedBefore seconds: Int64, keepNewest: Int, holding fence: Fence
  ) throws(LedgerError) -> [SubmissionID] {
    precondition(keepNewest >= 0, "a count is not negative")
    return try writing(holding: fence) { database in
      let old = try SubmissionTable(database).prunable(endedBefore: seconds, keepNewest: keepNewest, max: Self.pruneMax)
      for id in old { try EventTable(database).removeAll(of: id) }
      try NoticeTable(database).removeDead(createdBefore: seconds)
      return old
    }
  }

  package func settle(_ settlements: [NoticeSettlement], holding fence: Fence) throws(LedgerError) {
    try writing(holding: fence) { database in
      for settlement in settlements { try NoticeTable(database).settle(settlement) }
    }
  }
}
