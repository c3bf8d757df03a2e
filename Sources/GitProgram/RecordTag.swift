package import Domain
import Processes

extension GitProgram {
  /// Writes the tag object that carries a record of the inbox, pointing at the object that the record is about.
  ///
  /// - Parameter leavesSync: whether the caller makes the file system durable afterwards.
  package func writeRecord(
    _ record: InboxRecord, about object: ObjectID, _ kind: ObjectKind, at seconds: Int64, leavesSync: Bool = false
  ) throws(GitProgramError) -> ObjectID {
    let text = """
      object \(object.hex)
      type \(kind.rawValue)
      tag \(record.id.text)
      tagger Sluice <sluice@localhost> \(seconds) +0000

      \(record.json.compact)

      """
    let tag = LooseObject(.tag, Array(text.utf8))
    do { try tag.write(into: repository, leavesSync: leavesSync) } catch { throw .system(error) }
    return tag.id
  }
}
