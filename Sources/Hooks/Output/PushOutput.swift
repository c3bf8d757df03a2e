import Domain
import Glibc

/// What the pusher reads: lines on standard error, which git sends on as `remote:` lines.
struct PushOutput {
  /// Whether each line is one JSON event.
  let isJSON: Bool
  /// Whether a line could not be written: whoever watched has gone.
  private(set) var isReaderGone = false

  private static let lineBytesMax = 500
  private static let detailsMax = 40
  private static let detailBytesMax = 3_000

  init(isJSON: Bool) { self.isJSON = isJSON }

  /// Tells why the push is refused: the facts first, then the category and the reason, then what to do.
  mutating func tell(_ refusal: Refusal) {
    let details = Self.shortened(refusal.details)
    guard !isJSON else {
      return tellJSON([
        "event": "refused", "category": .string(refusal.category.rawValue), "reason": .string(refusal.reason),
        "details": .array(details.map(JSONValue.string)), "hint": refusal.hint.json,
      ])
    }
    for detail in details { write("sluice:   \(Printable.line(detail, max: 400))") }
    write("error: sluice: \(refusal.category.rawValue): \(Printable.line(refusal.reason, max: 400))")
    if let hint = refusal.hint { write("hint: \(Printable.line(hint, max: 400))") }
  }

  mutating func tell(_ entry: Event, line: String) {
    guard !isJSON else { return writeWhole(line) }
    for line in entry.lines { write(line) }
  }

  mutating func tellAcceptance(of request: SubmissionRequest, isNew: Bool) {
    guard !isJSON else {
      return tellJSON([
        "event": .string(isNew ? "accepted" : "attached"), "submission_id": .string(request.id.text),
        "task_id": .string(request.taskID), "name": .string(request.name), "target": .string(request.target),
      ])
    }
    let task = Printable.line(request.taskID, max: 200)
    write(
      isNew
        ? "sluice: \(request.id) accepted: \(task)" : "sluice: \(request.id) is in flight already: \(task)")
  }

  mutating func tellRunning(_ check: String, seconds: Double, of submission: SubmissionID) {
    guard !isJSON else {
      return tellJSON([
        "event": "check_running", "submission_id": .string(submission.text), "check": .string(check),
        "seconds": .number(JSONNumber(literal: Event.decimal(seconds, places: 1))),
      ])
    }
    write(Event.heartbeat(check, seconds: seconds))
  }

  mutating func warn(_ sentence: String) { say("warning", sentence) }
  mutating func hint(_ sentence: String) { say("hint", sentence) }

  private mutating func say(_ kind: String, _ sentence: String) {
    guard !isJSON else { return tellJSON(["event": .string(kind), "message": .string(sentence)]) }
    write("\(kind): \(Printable.line(sentence, max: 400))")
  }

  private mutating func tellJSON(_ object: JSONObject) { writeWhole(JSONValue.object(object).compact) }

  private mutating func write(_ line: String) {
    guard line.utf8.count > Self.lineBytesMax else { return writeWhole(line) }
    var cut = line.prefix(Self.lineBytesMax)
    while cut.utf8.count > Self.lineBytesMax - 3 { cut.removeLast() }
    writeWhole(cut + "…")
  }

  /// One write a line, so that lines of several writers do not mix.
  private mutating func writeWhole(_ line: String) {
    guard !isReaderGone else { return }
    var bytes = Array((line + "\n").utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        isReaderGone = true
        return
      }
      bytes = bytes.dropFirst(count)
    }
  }

  /// As many details as fit a short answer, and how many more there are.
  private static func shortened(_ details: [String]) -> [String] {
    var shown: [String] = []
    var bytes = 0
    for detail in details {
      bytes += detail.utf8.count
      guard shown.count < detailsMax, bytes <= detailBytesMax else {
        return shown + ["… and \(details.count - shown.count) more"]
      }
      shown.append(detail)
    }
    return shown
  }
}
