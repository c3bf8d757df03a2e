import Domain

/// A notice in the form that Slack and many others take.
struct SlackMessage {
  let text: String

  init(_ notice: Notice) {
    let words = NoticeText(notice)
    var escaped = ""
    // Slack's own signs: else a task's name could mention everybody or hide a link.
    for character in "\(words.repository): \(words.message)" {
      switch character {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      default: escaped.append(character)
      }
    }
    text = JSONValue.object(["text": .string(escaped)]).compact
  }
}

/// What people read of a notice: printable, on one line.
struct NoticeText {
  let repository: String
  let message: String
  /// The other fields that hold a text, a number or a truth, in order.
  let details: [(name: String, value: String)]

  init(_ notice: Notice) {
    let data = Self.data(notice.body)
    repository = Printable.line(data["repository"]?.string ?? "", max: 200)
    message = Printable.line(data["message"]?.string ?? notice.occasion.rawValue, max: 1_000)
    details = data.members.compactMap { member in
      guard !["repository", "message"].contains(member.name) else { return nil }
      switch member.value {
      case .string(let text): return (member.name, Printable.line(text, max: 1_000))
      case .number(let number): return (member.name, number.literal)
      case .bool(let truth): return (member.name, "\(truth)")
      case .null, .array, .object: return nil
      }
    }
  }

  private static func data(_ body: String) -> JSONObject {
    do { return try JSONValue.parse(Array(body.utf8))["data"]?.object ?? [:] } catch { return [:] }
  }
}

/// A notice as mail.
///
/// - Source: RFC 5322; RFC 3834 for `Auto-Submitted`, so that no robot answers; RFC 2047 for a subject that is not ASCII.
struct MailMessage {
  let text: String

  init(_ notice: Notice, to address: String, from settings: ServerSettings, at seconds: Int64) {
    let words = NoticeText(notice)
    let host = settings.committerEmail.split(separator: "@").last.map(String.init) ?? "localhost"
    let subject = "[\(words.repository)] \(words.message)"
    let lines = [
      "From: \(Self.phrase(settings.committerName)) <\(Self.plain(settings.committerEmail))>", "To: \(address)",
      "Subject: \(Self.header(String(subject.prefix(200))))", "Date: \(Self.date(seconds))",
      "Message-ID: <\(notice.id.text)@\(Self.plain(host))>", "Auto-Submitted: auto-generated", "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", "",
      Self.folded(words.message), "",
    ]
    text = (lines + words.details.map { Self.folded("\($0.name): \($0.value)") }).joined(separator: "\n") + "\n"
  }

  /// RFC 5322 lets a line have 998 bytes at most.
  private static func folded(_ line: String) -> String {
    var result = ""
    var width = 0
    for character in line {
      if width + character.utf8.count > 900 {
        result += "\n"
        width = 0
      }
      result.append(character)
      width += character.utf8.count
    }
    return result
  }

  private static func plain(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.filter { (33..<127).contains($0.value) && !"<>".contains(Character($0)) }))
  }

  /// A name before an address, where most signs have a meaning.
  private static func phrase(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { $0 < 128 } && text.allSatisfy { $0.isLetter || $0.isNumber || $0 == " " }
    return isPlain ? text : encoded(Printable.line(text, max: 400))
  }

  private static func header(_ text: String) -> String {
    let line = Printable.line(text, max: 400)
    return line.utf8.allSatisfy { (32..<127).contains($0) } ? line : encoded(line)
  }

  private static func encoded(_ line: String) -> String {
    // One encoded word has 75 characters at most: 45 bytes of text in base64.
    var words: [[UInt8]] = [[]]
    for character in line {
      if (words.last?.count ?? 0) + character.utf8.count > 45 { words.append([]) }
      words[words.count - 1] += Array(character.utf8)
    }
    return words.map { "=?utf-8?B?\(DiffPackage(bytes: $0).base64)?=" }.joined(separator: "\n ")
  }

  /// `25 Nov 2026 09:33:44 +0000`.
  private static func date(_ seconds: Int64) -> String {
    let text = Array(Timestamp.rfc3339(seconds))
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let month = (Int(String(text[5..<7])) ?? 1) - 1
    return "\(String(text[8..<10])) \(months[month]) \(String(text[0..<4])) \(String(text[11..<19])) +0000"
  }
}
