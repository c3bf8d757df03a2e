import Domain
import Testing

@Suite struct InboxRecordTests {
  @Test(arguments: [ReviewAnswer.approved, .refused(reason: "no \"tests\"\n")])
  func `an answer to a review is read as it was written, or not at all`(answer: ReviewAnswer) throws {
    let id = try #require(SubmissionID("sub-1-a"))
    let submission = try #require(SubmissionID("sub-1-b"))
    let record = InboxRecord.review(id: id, submission: submission, answer, identity: "carol", at: 7)
    #expect(record.id == id)
    #expect(InboxRecord(json: try JSONValue.parse(Array(record.json.compact.utf8))) == record)
    for (field, value) in [("answer", "maybe"), ("submission", "int-1-b"), ("at", "7"), ("record", "reviews")] {
      var damaged = try #require(record.json.object)
      damaged[field] = .string(value)
      #expect(InboxRecord(json: .object(damaged)) == nil, "\(field)")
    }
    var reasonless = try #require(record.json.object)
    reasonless["answer"] = "refused"
    reasonless["reason"] = .null
    #expect(InboxRecord(json: .object(reasonless)) == nil, "nobody is refused without a reason")
  }

  @Test func `a report is read as it was written, or not at all`() throws {
    let id = try #require(SubmissionID("sub-1-a"))
    let integration = try #require(IntegrationID("int-1-b"))
    let context = try #require(ContextName("ci/build (ubuntu)"))
    let report = ContextReport(context, .error, url: "https://x/1", description: "\"no\"\n", by: "ci", at: 7)
    let record = InboxRecord.status(id: id, integration, report)
    #expect(record.id == id)
    #expect(InboxRecord(json: try JSONValue.parse(Array(record.json.compact.utf8))) == record)
    for (field, value) in [("integration", "sub-1-b"), ("identity", "eve"), ("report", "success")] {
      var damaged = try #require(record.json.object)
      damaged[field] = .string(value)
      #expect(InboxRecord(json: .object(damaged)) == nil, "\(field)")
    }
  }

  @Test(arguments: ["", " a", "a ", "a\nb", "\u{202E}a", String(repeating: "a", count: 101)])
  func `what does not print is no name of a context`(text: String) { #expect(ContextName(text) == nil) }
}
