import Domain
import GitProgram
import Processes

/// Notes on commits: a line for each notice, under `refs/notes/sluice-events`.
///
/// - Shape: `<RFC 3339> <event> <message> [<notice id>]` on the landed commit, or else on what was pushed.
struct EventNotes {
  let git: GitProgram
  private static let noteBytesMax = 1 << 20

  /// - Parameter object: what the notice is about; nil for one that is about no object, which is not noted.
  func note(_ notice: Notice, on object: ObjectID?) throws {
    guard let object else { return }
    let options = ["notes", "--ref=\(SluiceRef.eventNotes)"]
    // A crash between writing the note and settling the notice must not write it twice.
    let present = try git.run(options + ["show", object.hex], outputMax: Self.noteBytesMax)
    if present.exit.isSuccess, present.text.contains("[\(notice.id.text)]") { return }
    let line =
      "\(Timestamp.rfc3339(notice.createdAt)) \(notice.occasion.rawValue) \(message(notice)) [\(notice.id.text)]\n"
    let result = try git.run(
      options + ["append", "-F", "-", object.hex], input: Array(line.utf8), writes: true)
    guard result.exit.isSuccess else { throw EngineError.git("notes", result.messages) }
  }

  private func message(_ notice: Notice) -> String {
    do {
      let text = try JSONValue.parse(Array(notice.body.utf8))["data"]?["message"]?.string ?? ""
      return Printable.line(text, max: 1_000)
    } catch { return "" }
  }
}
