package import Domain
import Processes

extension GitProgram {
  /// Writes the tag object that carries a record of the inbox, pointing at the object that the record is about.
  package func writeRecord(
    _ record: InboxRecord, about object: ObjectID, _ kind: ObjectKind, at seconds: Int64
  ) throws(GitProgramError) -> ObjectID {
    let text = """
      object \(object.hex)
      type \(kind.rawValue)
      tag \(record.id.text)
      tagger Sluice <sluice@localhost> \(seconds) +0000

      \(record.json.compact)

      """
    let result = try run(["hash-object", "-t", "tag", "-w", "--stdin"], input: Array(text.utf8), writes: true)
    guard result.exit.isSuccess, let id = ObjectID(hex: result.text.prefix(40)) else {
      throw .ended(what: "hash-object", message: result.messages)
    }
    return id
  }
}
