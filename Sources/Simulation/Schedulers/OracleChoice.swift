/// Knows every outcome beforehand: builds each change once, on exactly those that will land.
struct OracleChoice: BuildChoice {
  /// What each change that arrived will come to.
  private var lands: [Bool]
  private var fails: [[Trace.Change]]

  init(count: Int) {
    lands = Array(repeating: false, count: count)
    fails = Array(repeating: [], count: count)
  }

  mutating func arrived(_ change: Trace.Change, in line: Line) {
    let ahead = line[change].open
    fails[change] = ahead.filter { !lands[$0] }
    lands[change] = line.trace.passes(change, on: ahead.filter { lands[$0] })
  }

  func wanted(in line: Line, upTo max: Int) -> [Wanted] {
    var wanted: [Wanted] = []
    for change in line.changes where wanted.count < max && line[change].results.isEmpty {
      wanted.append(line.wanted(change, excluded: fails[change].filter { line.isOpen($0) }))
    }
    return wanted
  }
}
