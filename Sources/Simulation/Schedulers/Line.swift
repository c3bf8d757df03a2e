/// Who is in flight, and who stands in whose way: the changes ahead that may conflict and had not ended on arrival.
struct Line {
  /// Where one change stands.
  struct Place {
    /// Ahead and in flight, in the order of arrival.
    fileprivate(set) var open: [Trace.Change] = []
    /// Ahead and landed.
    private(set) var landedChanges: [Trace.Change] = []
    private(set) var landed = Fingerprint.empty
    /// `landed` and all of `open`.
    fileprivate(set) var everything = Fingerprint.empty
    /// Behind and in flight.
    fileprivate(set) var followers: [Trace.Change] = []
    /// What finished builds came to, by what they stood on.
    fileprivate(set) var results: [Fingerprint: Bool] = [:]
    /// Grows whenever one ahead ends: what was thought up before is void.
    private(set) var version = 0

    /// What a build stands on that takes `excluded` to fail and the rest to land.
    func ahead(without excluded: [Trace.Change]) -> [Trace.Change] {
      landedChanges + open.filter { !excluded.contains($0) }
    }

    fileprivate mutating func ended(_ change: Trace.Change, landed isLanded: Bool, _ fingerprint: Fingerprint) {
      open.removeAll { $0 == change }
      version += 1
      if isLanded {
        landedChanges.append(change)
        landed = landed ^ fingerprint
      } else {
        everything = everything ^ fingerprint
      }
    }
  }

  /// Everyone in flight, in the order of arrival.
  private(set) var changes: [Trace.Change] = []
  private var places: [Place]
  private var isInFlight: [Bool]
  let trace: Trace

  init(_ trace: Trace) {
    self.trace = trace
    places = Array(repeating: Place(), count: trace.count)
    isInFlight = Array(repeating: false, count: trace.count)
  }

  subscript(change: Trace.Change) -> Place { _read { yield places[change] } }
  func isOpen(_ change: Trace.Change) -> Bool { isInFlight[change] }

  /// The build of a change that takes `excluded` of those ahead to fail and the rest to land.
  func wanted(_ change: Trace.Change, excluded: [Trace.Change] = []) -> Wanted {
    let onto = excluded.reduce(places[change].everything) { $0 ^ trace.fingerprint($1) }
    return Wanted(build: Build(change: change, onto: onto), excluded: excluded)
  }

  mutating func enter(_ change: Trace.Change) {
    for other in changes where trace.mayConflict(other, change) {
      places[change].open.append(other)
      places[change].everything = places[change].everything ^ trace.fingerprint(other)
      places[other].followers.append(change)
    }
    changes.append(change)
    isInFlight[change] = true
  }

  mutating func learn(_ build: Build, passed: Bool) { places[build.change].results[build.onto] = passed }

  /// Takes a change that ended out; gives those that waited for it.
  mutating func leave(_ change: Trace.Change, landed: Bool) -> [Trace.Change] {
    isInFlight[change] = false
    if let index = changes.firstIndex(of: change) { changes.remove(at: index) }
    let followers = places[change].followers
    for follower in followers { places[follower].ended(change, landed: landed, trace.fingerprint(change)) }
    return followers
  }
}
