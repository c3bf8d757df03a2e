import Domain
import Testing

/// What an administrator writes in git config.
@Suite struct SettingsTests {
  private func settings(_ pairs: (String, String)...) throws -> ServerSettings {
    try ServerSettings(pairs: pairs.map { ($0.0, $0.1) })
  }

  @Test func `receivers are read, with their events`() throws {
    let read = try settings(
      ("sluice.notify", "webhook https://hooks.example.org/a"), ("sluice.notify", "slack http://chat.example.org/x"),
      ("sluice.notify", "mail ops@example.org events=freeze,rollback"),
      ("sluice.notify", "command  /usr/bin/tell me twice"), ("sluice.notify", "notes"))
    #expect(
      read.notify == [
        .init(.webhook("https://hooks.example.org/a")), .init(.slack("http://chat.example.org/x")),
        .init(.mail("ops@example.org"), events: [.freeze, .rollback]),
        .init(.command(["/usr/bin/tell", "me", "twice"])), .init(.notes),
      ])
    for receiver in read.notify { #expect(NoticeSink(receiver.sink.text) == receiver.sink) }
  }

  @Test(arguments: [
    "", "webhook", "webhook ftp://a.example", "webhook https://a.example https://b.example", "mail", "mail nobody",
    "mail -x@example.org", "mail a,b@example.org", "mail a@b@c", "command", "command tell", "command /bin/",
    "notes now",
    "notes events=", "notes events=landed", "notes events=freeze,", "pager 1", "Notes",
  ])
  func `what is no receiver is refused`(text: String) {
    #expect { _ = try settings(("sluice.notify", text)) } throws: { ($0 as? SettingError)?.key == "sluice.notify" }
  }

  @Test func `secrets belong to a URL and what lies below it`() throws {
    let read = try settings(("sluice.webhooksecret", "https://hooks.example.org/ /etc/sluice/my secret"))
    #expect(read.webhookSecrets.map(\.file) == ["/etc/sluice/my secret"])
    #expect(WebAddress.holds("https://a.org/x/y", below: "https://a.org/x"))
    #expect(WebAddress.holds("https://a.org/x?y", below: "https://a.org/x"))
    #expect(!WebAddress.holds("https://a.org/xy", below: "https://a.org/x"))
    #expect(!WebAddress.holds("https://a.org.evil.example/", below: "https://a.org"))
    for text in ["https://a.org", "https://a.org/ secrets", "/etc/secrets", "ftp://a.org/ /etc/secrets"] {
      #expect(throws: SettingError.self) { try settings(("sluice.webhooksecret", text)) }
    }
  }

  @Test func `a log shows of a URL no more than the host`() {
    #expect(
      NoticeSink.slack("https://chat.example.org:8443/hooks/T0/secret").shown == "slack https://chat.example.org:8443/…"
    )
    #expect(NoticeSink.command(["/bin/tell", "a"]).shown == "command /bin/tell a")
  }

  @Test func `attempts come at longer and longer distances, and end`() {
    var random = SystemRandomNumberGenerator()
    var latest: Int64 = 0
    for attempts in 1..<NoticeSchedule.attemptsMax {
      let wait = NoticeSchedule.secondsToWait(afterAttempts: attempts, using: &random) ?? 0
      #expect((latest / 4...NoticeSchedule.secondsMax).contains(wait) && wait > 0)
      latest = wait
    }
    #expect(NoticeSchedule.secondsToWait(afterAttempts: NoticeSchedule.attemptsMax, using: &random) == nil)
  }
}
