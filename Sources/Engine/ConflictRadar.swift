package import Domain
package import Git
package import GitProgram

/// Merges a newcomer with each of those ahead of it, in memory, to say at once whom it will collide with.
///
/// Two that touch none of the same paths cost nothing, two that merge by trees a fraction of a millisecond; only where that
/// does not decide is git asked, so that nobody is warned of what git merges. It is given little time and takes no more.
package final class ConflictRadar {
  /// One submission's work, and where it could meet others.
  private struct Contact {
    let request: SubmissionRequest
    /// The submitted commit: who has it in their history stands on this work.
    let commit: ObjectID
    /// The same without the package's file.
    let work: ObjectID
    let paths: Set<TreePath>
    /// Folders that lost a file: with a folder that is renamed go the files that others add to it.
    private let thinned: Set<TreePath>
    /// Folders that got a file, and those these stand in.
    private let filled: Set<TreePath>

    init(_ request: SubmissionRequest, commit: ObjectID, work: ObjectID, _ changes: [TreeChange]) {
      self.request = request
      self.commit = commit
      self.work = work
      paths = Set(changes.map(\.path))
      thinned = Set(changes.lazy.filter { $0.new == nil }.compactMap(\.path.folders.last))
      filled = Set(changes.lazy.filter { $0.old == nil }.flatMap(\.path.folders))
    }

    /// Whether a merge with another could be anything but clean.
    func meets(_ other: Contact) -> Bool {
      !paths.isDisjoint(with: other.paths) || !thinned.isDisjoint(with: other.filled)
        || !filled.isDisjoint(with: other.thinned) || !paths.isDisjoint(with: other.filled)
        || !filled.isDisjoint(with: other.paths)
    }
  }

  private let objects: Repository
  private let merging: Merging
  private let clock = Clock()
  private var contacts: [SubmissionID: Contact] = [:]

  /// Larger changes meet everybody, and take long to look at: no more than a policy lets in where it says nothing.
  private static let changesMax = 500
  private static let collisionsMax = 5
  private static let hotPathsMax = 5
  /// So many others make a path hot.
  private static let hotMin = 2

  package init(objects: Repository, git: GitProgram) {
    self.objects = objects
    merging = Merging(objects: objects, git: git)
  }

  package func knows(_ id: SubmissionID) -> Bool { contacts[id] != nil }

  /// Takes a submission's work in, as a change of what it shares with the target; one that is too large is left out.
  package func take(_ request: SubmissionRequest, commit: ObjectID, work: ObjectID, target tip: ObjectID) throws {
    guard let parting = try objects.mergeBases(tip, work).first else { return }
    do {
      let changes = try objects.changes(
        from: objects.commit(parting).tree, to: objects.commit(work).tree, countMax: Self.changesMax)
      contacts[request.id] = Contact(request, commit: commit, work: work, changes)
    } catch GitError.tooManyChanges {}
  }

  /// Forgets all but these.
  func keep(_ isKept: (SubmissionID) -> Bool) { contacts = contacts.filter { isKept($0.key) } }

  /// Looks for those that a submission collides with.
  ///
  /// - Parameters:
  ///   - ahead: those it is served after, in their order.
  ///   - rules: what the policy settles is no collision.
  ///   - seconds: no merge begins after so long, the first one aside.
  package func look(
    for newcomer: SubmissionID, among ahead: [SubmissionID], settledBy rules: [Policy.Resolution],
    seconds: Double
  ) throws -> ConflictForecast {
    var forecast = ConflictForecast()
    guard let mine = contacts[newcomer] else { return forecast }
    let end = clock.monotonic + seconds
    forecast.ahead = ahead.count
    var shared: [TreePath: Int] = [:]
    for other in ahead.lazy.compactMap({ self.contacts[$0] }) {
      for path in mine.paths where other.paths.contains(path) { shared[path, default: 0] += 1 }
    }
    forecast.hotPaths = shared.filter { $0.value >= Self.hotMin }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .prefix(Self.hotPathsMax).map { .init($0.key, others: $0.value) }
    for id in ahead {
      guard forecast.lookedAt == 0 || clock.monotonic < end, forecast.collisions.count < Self.collisionsMax else {
        break
      }
      guard let other = contacts[id] else { continue }
      forecast.lookedAt += 1
      let paths = try meetings(of: mine, with: other, rules)
      if !paths.isEmpty { forecast.collisions.append(.init(with: other.request, paths: paths)) }
    }
    return forecast
  }

  /// The paths in which two do not merge and that the other has changed; none where they merge.
  private func meetings(
    of mine: Contact, with other: Contact, _ rules: [Policy.Resolution]
  ) throws -> [TreePath] {
    guard mine.meets(other), try !objects.isAncestor(other.commit, of: mine.commit) else { return [] }
    var pending = PendingObjects()
    if case .clean = try objects.mergeCommits(ours: other.work, theirs: mine.work, keepingIn: &pending) { return [] }
    // What a command writes is not known before it has run: it is given the benefit of the doubt.
    let settling = ResolutionRules(
      rules: rules,
      commands: { [objects] request in
        guard let side = try objects.entry(at: request.path, in: request.tree) else {
          return .failed(reason: "is gone")
        }
        return .written(side.id)
      }, recorded: RecordedHunks(objects: objects).settled)
    guard case .conflict(let conflict) = try merging.merge(other.work, mine.work, by: settling) else { return [] }
    // What else conflicts has landed since one of the two began.
    return conflict.unmerged.map(\.path).filter { !conflict.related(to: $0).isDisjoint(with: other.paths) }
  }
}

extension TreePath {
  /// The folders that the path stands in, the outermost first; the root is none.
  fileprivate var folders: [TreePath] {
    bytes.indices.filter { bytes[$0] == UInt8(ascii: "/") }.map { TreePath(bytes: Array(bytes[..<$0])) }
  }
}

extension Engine {
  /// Seconds for one newcomer, and for all that come at once: whoever comes in a crowd is integrated, looked at or not.
  private static let radarSeconds = 0.025
  private static let radarSecondsOfAll = 0.1
  /// Bytes of a package that carries a diff.
  private static let radarDiffMax = 256 << 10

  /// Begins another round of looking.
  func resetRadar() {
    radarSecondsLeft = Self.radarSecondsOfAll
    radar.keep { open[$0] != nil }
  }

  /// Tells a newcomer whom it will collide with; whatever goes wrong, it is only not told.
  func warn(_ request: SubmissionRequest) {
    guard let order = trains[request.target]?.order, let place = order.firstIndex(of: request.id), radarSecondsLeft > 0
    else { return }
    let began = clock.monotonic
    defer { radarSecondsLeft -= clock.monotonic - began }
    do {
      guard let tip = try objects.tip(of: SluiceRef.branch(request.target)) else { return }
      let ahead = order[..<place].filter { open[$0]?.request.options.isDryRun == false }
      guard try sight(request, on: tip) != nil, !ahead.isEmpty else { return }
      let seconds = min(Self.radarSeconds, radarSecondsLeft)
      // After a start the radar knows nobody.
      for id in ahead where !radar.knows(id) && (id == ahead.first || clock.monotonic - began < seconds) {
        if let other = open[id]?.request { _ = try sight(other, on: tip) }
      }
      let rules = try judgingPolicy(in: tip).policy.resolve
      let forecast = try radar.look(
        for: request.id, among: ahead, settledBy: rules, seconds: seconds - (clock.monotonic - began))
      if !forecast.isEmpty { record([event(.conflictRadar(request, forecast), of: request.id)]) }
    } catch {
      log("\(request.id.text): the radar saw nothing: \(error)")
    }
  }

  /// Takes a submission in; nil for a diff that takes long to apply.
  private func sight(_ request: SubmissionRequest, on tip: ObjectID) throws -> Work? {
    guard try request.embedding != .blob || objects.size(of: request.pushed) <= Self.radarDiffMax else { return nil }
    let work = try finder.work(of: request, tip: tip)
    try radar.take(request, commit: work.commit, work: work.stripped, target: tip)
    return work
  }
}
