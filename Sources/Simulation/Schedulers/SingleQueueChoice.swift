/// One at a time: a change is built when nothing in its way is in flight any more.
struct SingleQueueChoice: BuildChoice {
  func wanted(in line: Line, upTo max: Int) -> [Wanted] {
    // All that may run: what runs already is then not stopped for one that came earlier and was held up longer.
    line.changes.filter { line[$0].open.isEmpty }.map { line.wanted($0) }
  }
}
