package import Domain
package import Web

/// Hands notices to receivers outside the repository, one at a time.
///
/// - Not for two threads at a time; connections are kept while it lives.
package final class NoticeSender {
  private let settings: ServerSettings
  private let repository: String
  private let web: WebClient
  private let isStopped: @Sendable () -> Bool

  package init(
    settings: ServerSettings, repository: String, isStopped: @escaping @Sendable () -> Bool
  ) throws(WebError) {
    self.settings = settings
    self.repository = repository
    self.isStopped = isStopped
    web = try WebClient(rules: AddressRules(allowed: settings.allowedPrivateURLs), isStopped: isStopped)
  }

  /// - Parameter now: seconds since 1970.
  package func send(_ notice: Notice, at now: Int64) -> NoticeOutcome {
    let body = Array(notice.body.utf8)
    switch notice.sink {
    case .webhook(let url):
      let headers: [(name: String, value: String)]
      do { headers = try signedHeaders(notice, url, body, now) } catch { return .failed(error.words) }
      return post(url, body, headers)
    case .slack(let url): return post(url, Array(SlackMessage(notice).text.utf8), [])
    case .mail(let address):
      let message = MailMessage(notice, to: address, from: settings, at: now)
      return ProgramSink(isStopped: isStopped).run(
        [settings.sendmail, "-i", "-f", settings.committerEmail, "--", address], input: Array(message.text.utf8),
        environment: [])
    case .command(let words):
      return ProgramSink(isStopped: isStopped).run(
        words, input: body + [UInt8(ascii: "\n")],
        environment: ["SLUICE_EVENT=\(notice.occasion.rawValue)", "SLUICE_NOTICE_ID=\(notice.id.text)"])
    case .notes: preconditionFailure("notes are the repository's own")
    }
  }

  /// - Source: Standard Webhooks, "Webhook headers": the time is that of the attempt, the id stays.
  private func signedHeaders(
    _ notice: Notice, _ url: String, _ body: [UInt8], _ now: Int64
  ) throws(SecretError) -> [(name: String, value: String)] {
    var headers = [(name: "webhook-id", value: notice.id.text), (name: "webhook-timestamp", value: "\(now)")]
    // The longest URL that holds it says most.
    let secret = settings.webhookSecrets.filter { WebAddress.holds(url, below: $0.url) }
      .max { $0.url.utf8.count < $1.url.utf8.count }
    if let secret {
      let keys = try SecretFile(path: secret.file, repository: repository).read()
      headers.append(("webhook-signature", keys.signatures(id: notice.id.text, timestamp: now, body: body)))
    }
    return headers
  }

  private func post(_ url: String, _ body: [UInt8], _ headers: [(name: String, value: String)]) -> NoticeOutcome {
    let type = (name: "Content-Type", value: "application/json")
    do throws(WebError) {
      return Self.outcome(of: try web.send(WebRequest("POST", url, headers: headers + [type], body: body)))
    } catch {
      switch error {
      case .stopped: return .stopped
      case .malformed, .refused: return .refused("\(error)")
      case .unreachable, .timedOut, .untrusted: return .failed("\(error)")
      }
    }
  }

  private static func outcome(of answer: WebAnswer) -> NoticeOutcome {
    let words = "it answered \(answer.status)"
    switch answer.status {
    case 200..<300: return .taken
    // What was vetted is where we go: a receiver that has moved is for the administrator to follow.
    case 300..<400: return .refused("\(words), and no redirect is followed")
    case 410: return .gone("\(words): it wants nothing more")
    default: return .failed(words, retryAfter: answer.header("retry-after").flatMap { Int64($0) })
    }
  }
}
