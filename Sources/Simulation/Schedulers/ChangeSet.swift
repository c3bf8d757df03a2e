/// A set of changes of one trace, cheap to copy: each path of a train has one.
struct ChangeSet {
  private var words: [UInt64]

  init(count: Int) { words = Array(repeating: 0, count: (count + 63) / 64) }

  func contains(_ change: Trace.Change) -> Bool { words[change / 64] >> UInt64(change % 64) & 1 == 1 }

  func inserting(_ change: Trace.Change) -> ChangeSet {
    var set = self
    set.words[change / 64] |= 1 << UInt64(change % 64)
    return set
  }
}
