package import Domain
import Processes

extension GitProgram {
  /// Writes the tag object that carries a record of the inbox, pointing at the object that the record is about.
  package func writeRecord(
    _ record: InboxRecord, about object: ObjectID, _ kind: ObjectKind, at seconds: Int64
  ) throws(GitProgramError) -> ObjectID {
    do {
      let staged = try StagedObject(Self.tag(record, about: object, kind, seconds), in: repository, leavesSync: false)
      try staged.finish()
      return staged.id
    } catch { throw .system(error) }
  }

  /// Begins to write such a tag: the transaction that points refs at it finishes it, and the caller makes the file system
  /// durable afterwards.
  package func stageRecord(
    _ record: InboxRecord, about object: ObjectID, _ kind: ObjectKind, at seconds: Int64
  ) throws(GitProgramError) -> StagedObject {
    do {
      return try StagedObject(Self.tag(record, about: object, kind, seconds), in: repository, leavesSync: true)
    } catch { throw .system(error) }
  }

  private static func tag(
    _ record: InboxRecord, about object: ObjectID, _ kind: ObjectKind, _ seconds: Int64
  ) -> LooseObject {
    let text = """
      object \(object.hex)
      type \(kind.rawValue)
      tag \(record.id.text)
      tagger Sluice <sluice@localhost> \(seconds) +0000

      \(record.json.compact)

      """
    return LooseObject(.tag, Array(text.utf8))
  }
}
