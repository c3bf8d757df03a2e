import Domain
import Testing

@testable import Notices

@Suite struct MailTests {
  @Test func `nothing in a notice adds a header or a receiver`() throws {
    let data: JSONValue = [
      "type": "freeze", "timestamp": "x",
      "data": ["repository": "a.git", "message": "Grüße\nBcc: all@example.org\r\n.", "count": 3, "list": ["x"]],
    ]
    let notice = try Notice(
      id: #require(NoticeID("msg-1-a")), submission: nil, occasion: .freeze, sink: .mail("ops@example.org"),
      body: data.compact, createdAt: 0)
    let text = MailMessage(notice, to: "ops@example.org", from: ServerSettings(), at: 1_700_000_000).text
    let head = text.prefix(upTo: try #require(text.firstRange(of: "\n\n")).lowerBound).split(separator: "\n")
    #expect(!head.contains { $0.hasPrefix("Bcc") }, "\(text)")
    #expect(head.contains("From: Sluice <sluice@localhost>"))
    #expect(head.contains("Date: 14 Nov 2023 22:13:20 +0000"))
    #expect(head.contains { $0.hasPrefix("Subject: =?utf-8?B?") } && head.allSatisfy { $0.utf8.count < 100 }, "\(text)")
    #expect(text.hasSuffix("\n\nGrüße\\u{a}Bcc: all@example.org\\u{d}\\u{a}.\n\ncount: 3\n"), "\(text)")
  }
}
