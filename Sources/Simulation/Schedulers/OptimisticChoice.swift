/// Takes everyone ahead to land; whoever stands behind a failure is built again.
struct OptimisticChoice: BuildChoice {
  func wanted(in line: Line, upTo max: Int) -> [Wanted] {
    var wanted: [Wanted] = []
    for change in line.changes where wanted.count < max && line[change].results[line[change].everything] == nil {
      wanted.append(line.wanted(change))
    }
    return wanted
  }
}
