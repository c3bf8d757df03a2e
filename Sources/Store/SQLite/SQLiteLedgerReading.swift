package import Domain
import GRDB

extension SQLiteLedger {
  package func epoch() throws(LedgerError) -> String {
    try reading { try LeaseTable($0).epoch() }
  }

  package func newestLease() throws(LedgerError) -> Fence {
    try reading { try LeaseTable($0).newest() }
  }

  package func submission(_ id: SubmissionID) throws(LedgerError) -> Submission? {
    try reading { try SubmissionTable($0).find(id) }
  }

  package func openSubmissions() throws(LedgerError) -> [Submission] {
    try reading { try SubmissionTable($0).open() }
  }

  package func endedSubmissions(limit: Int) throws(LedgerError) -> [Submission] {
    try reading { try SubmissionTable($0).ended(max: limit) }
  }

  package func landedSubmission(
    name: String, target: String, pushed: ObjectID
  ) throws(LedgerError) -> Submission? {
    try reading { try SubmissionTable($0).landed(name: name, target: target, pushed: pushed) }
  }

  package func newestSubmission(name: String, target: String) throws(LedgerError) -> Submission? {
    try reading { try SubmissionTable($0).newest(name: name, target: target) }
  }

  package func hasLanded(taskOrSubmission: String, target: String) throws(LedgerError) -> Bool {
    try reading { try SubmissionTable($0).hasLanded(taskOrSubmission, on: target) }
  }

  package func integration(_ id: IntegrationID) throws(LedgerError) -> Integration? {
    try reading { try IntegrationTable($0).find(id) }
  }

  package func integrations(of submission: SubmissionID) throws(LedgerError) -> [Integration] {
    try reading { try IntegrationTable($0).all(of: submission) }
  }

  package func events(of submission: SubmissionID, after number: Int) throws(LedgerError) -> [NumberedEvent] {
    try reading { try EventTable($0).all(of: submission, after: number) }
  }

  package func checkResult(_ key: CheckKey) throws(LedgerError) -> CheckResult? {
    try reading { try CheckTable($0).stored(under: key) }
  }

  package func testCases(_ key: CheckKey) throws(LedgerError) -> [TestCase]? {
    try reading { try CaseTable($0).stored(under: key) }
  }

  package func checkSeconds(newest: Int) throws(LedgerError) -> [CheckSeconds] {
    try reading { try CheckTable($0).seconds(newest: newest) }
  }

  package func flakyTests(newest: Int) throws(LedgerError) -> [String: Int] {
    try reading { try CheckTable($0).flakyTests(newest: newest) }
  }

  package func landings(on target: String) throws(LedgerError) -> [Landing] {
    try reading { try LandingTable($0).all(on: target) }
  }

  package func newestLandings(limit: Int) throws(LedgerError) -> [Landing] {
    try reading { try LandingTable($0).newest(max: limit) }
  }

  package func review(of submission: SubmissionID) throws(LedgerError) -> Review? {
    try reading { try ReviewTable($0).find(submission) }
  }

  package func gates() throws(LedgerError) -> [String: Train.Gate] {
    try reading { try GateTable($0).all() }
  }

  package func waitingSinks() throws(LedgerError) -> [WaitingSink] {
    try reading { try NoticeTable($0).waiting() }
  }

  package func dueNotices(for sink: NoticeSink, at seconds: Int64, limit: Int) throws(LedgerError) -> [Notice] {
    try reading { try NoticeTable($0).due(sink, at: seconds, max: limit) }
  }

  package func notices(limit: Int) throws(LedgerError) -> [Notice] {
    try reading { try NoticeTable($0).all(max: limit) }
  }

  package func verifyIntegrity() throws(LedgerError) {
    let faults = try reading { database in
      try String.fetchAll(database, sql: "PRAGMA integrity_check(20)").filter { $0 != "ok" }
        + Row.fetchAll(database, sql: "PRAGMA foreign_key_check").prefix(20).map { row in
          "a row of \(row["table"] ?? "a table") names one of \(row["parent"] ?? "another") that is not there"
        }
    }
    guard faults.isEmpty else { throw .damaged(faults.joined(separator: "; "), path: path) }
  }
}
