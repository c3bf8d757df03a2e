import Checks
import Dispatch
package import Domain
import Git
package import GitProgram
import Glibc
import PolicyFile
import Processes
package import Store

/// The only loop: load, decide, persist, perform.
///
/// One thread owns the ledger, the refs and the trains; checks run on a lane of their own and report to the mailbox.
/// Every step writes the fact first and acts on the world second, so that killing it anywhere loses nothing: `recover`
/// reads where things stand and goes on.
package final class Engine {
  let place: StatePaths
  let ledger: any Ledger
  let fence: Fence
  let objects: Repository
  let git: GitProgram
  let refs: RefTransactions
  let finder: WorkFinder
  let merging: Merging
  let landed: LandedLine
  let radar: ConflictRadar
  /// What is left to look with, for those that come together.
  var radarSecondsLeft = 0.0
  var commandResolutions = CommandResolutions()
  var reviews = Reviews()
  let recordedHunks: RecordedHunks
  var conflictsRefused = RefusedConflicts()
  let journal: Journal
  let clock = Clock()
  let mailbox: Mailbox<CheckReport>
  let lane: CheckLane
  /// Held open for `syncfs`.
  let repositoryFolder: Descriptor
  var settings: ServerSettings
  var random = SystemRandomNumberGenerator()

  /// The queues by target branch.
  var trains: [String: Train] = [:]
  /// Everything in flight, as it will stand in the ledger.
  var open: [SubmissionID: Submission] = [:]
  /// The integrations in flight, by target and candidate.
  var integrations: [CandidateKey: RunningIntegration] = [:]
  /// The checks that run.
  var runs: [RunKey: RunningCheck] = [:]
  var runsMade = 0
  /// The verdicts that candidates in flight rest on.
  var verdicts: [CheckKey: SeenVerdict] = [:]
  /// How many verdicts are kept before it is looked which of them are needed.
  var verdictsMax = Engine.verdictsMin
  static let verdictsMin = 1_000
  /// The tests of what has just run, until they are in the ledger.
  var freshCases: [CheckKey: [TestCase]] = [:]
  /// What was compared with the base already.
  var comparisons: [JudgedResult: TestComparison] = [:]
  let checkKeys: CheckKeys
  var lastPolicy: JudgingPolicy?
  /// What has become true and is not written yet: every durable write costs several syncs.
  private var unwritten: [LedgerChange] = []
  /// Refs that are to appear and to go with the next transaction.
  var pins: [RefUpdate] = []
  var unpins: [RefUpdate] = []
  /// What has ended and is still in the inbox.
  var ended: [SubmissionRequest] = []
  /// What runs as soon as its beginning is written.
  var jobs: [CheckJob] = []
  var stagingJobs: [StagingJob] = []
  var watchJobs: [WatchJob] = []
  /// The newest of landings that are checked once more where they have landed.
  var landingsWatched: [IntegrationID: StopFlag] = [:]
  var deploymentsMade = 0
  var arrivals = 0
  var landingsSinceMaintenance = 0
  var landingsSinceRefresh = 0
  var landingsSinceKnown = 0
  var knownAt = -Double.infinity
  var targetsKnown = 0
  /// Where objects are packed, beside the work.
  let maintenance = DispatchQueue(label: "sluice.maintenance")
  /// How often an integration broke without anybody's fault.
  var breakdowns: [SubmissionID: Int] = [:]
  /// What was found in submissions in flight, and what of it an administrator lets pass, by fingerprint.
  var scans: [SubmissionID: [Finding]] = [:]
  var accepted: [SubmissionID: Set<String>] = [:]
  /// Why submissions go into quarantine whose end is not written yet.
  var quarantines: [SubmissionID: Quarantine] = [:]
  var prediction = Prediction()
  var positionsToldAt = 0.0
  var toldPositions: [SubmissionID: Int] = [:]
  /// Sends notifications, beside everything else.
  let delivery: NoticeDelivery
  /// Who stands under `notify:` of targets' policies, with the blob they were read from.
  var knownReceivers: [String: (policy: ObjectID, receivers: [Policy.Notification])] = [:]
  /// Where something has landed since the kept worktree was brought up to date.
  var lastLandedTarget: String?
  /// Whose integration may begin, as far as people have a say in it.
  var gates: [String: Train.Gate] = [:]
  /// Where targets stand with their upstream.
  var upstreams: [String: UpstreamStanding] = [:]
  let upstreamLane: UpstreamLane
  /// Landings that an engine before this one has sent to the upstream, and of which nobody knows yet whether they came there.
  var unsettled: [SubmissionID: Integration] = [:]
  /// Whether the upstream may still show candidates that are gone.
  var isUpstreamLittered = true
  let logLine: @Sendable (String) -> Void
  private var configVersion: ConfigVersion?
  private var pending: [(target: String, effect: Train.Effect)] = []

  /// What changes when the configuration file is written.
  private struct ConfigVersion: Equatable {
    let seconds: Int
    let nanoseconds: Int
    let size: Int
  }

  /// A candidate's name across all trains.
  struct CandidateKey: Hashable {
    let target: String
    let candidate: Train.Candidate.ID
  }

  /// Opens everything the loop needs; the lease must be held for as long as the engine lives.
  ///
  /// - Parameter shared: the lanes that it shares with other engines of the process; nil where it is alone.
  package init(
    place: StatePaths, ledger: any Ledger, settings: ServerSettings, git: GitProgram,
    sharing shared: SharedLanes? = nil,
    log: @escaping @Sendable (String) -> Void
  ) throws {
    logLine = log
    self.place = place
    self.ledger = ledger
    self.settings = settings
    self.git = git
    let link = LedgerLink(git: git)
    try link.verify(ledger)
    fence = try ledger.takeLease()
    try link.record(ledger, fence)
    delivery = NoticeDelivery(ledger: ledger, fence: fence, git: git, settings: settings, log: log)
    objects = try Repository(path: place.repository)
    checkKeys = CheckKeys(objects: objects)
    refs = RefTransactions(git: git)
    finder = WorkFinder(objects: objects, git: git, scratch: place.worktrees)
    merging = Merging(objects: objects, git: git)
    landed = LandedLine(objects: objects)
    recordedHunks = RecordedHunks(objects: objects)
    radar = ConflictRadar(objects: objects, git: git)
    journal = Journal(place: place)
    repositoryFolder = try Descriptor(opening: place.repository, O_RDONLY | O_DIRECTORY)
    mailbox = try Mailbox()
    lane = try CheckLane(place: place, settings: settings, mailbox: mailbox, sharing: shared)
    upstreamLane = UpstreamLane(repository: place.repository, mailbox: mailbox)
  }

  /// Works until `life` says that it is over.
  package func run(_ life: WorkerLife) throws {
    let wake = try WakePipe(path: place.wake)
    defer { maintenance.sync {} }
    // Nobody would hear what they come to.
    defer { stopRuns() }
    try recover()
    delivery.start()
    defer { delivery.stop() }
    var idleSince = clock.monotonic
    while !life.isOver {
      try reloadSettings()
      try importInbox()
      // What a clone has now is worth showing once its target moves.
      if trains.count > targetsKnown { try rememberTips() }
      for report in mailbox.take() { try receive(report) }
      endReviewsOverdue()
      endContextsOverdue()
      try noticeMoves()
      try performPending()
      try deliver()
      try performPending()
      try tellPositions()
      // What waits for people needs no worktree, and may wait for days.
      try maintain(isIdle: trains.values.allSatisfy(\.order.isEmpty) && landingsWatched.isEmpty)
      if trains.values.allSatisfy(\.isEmpty), landingsWatched.isEmpty, !delivery.hasWork, unsettled.isEmpty {
        if let linger = life.lingerSeconds, clock.monotonic - idleSince > linger { return }
      } else {
        idleSince = clock.monotonic
      }
      wake.wait(or: mailbox.descriptor, milliseconds: life.lingerSeconds == nil ? 5_000 : 1_000)
    }
  }

  private func stopRuns() {
    for run in runs.values { run.stop.raise() }
    for running in integrations.values {
      running.stop.raise()
      running.deployment?.stop.raise()
    }
    for stop in landingsWatched.values { stop.raise() }
  }

  /// Reads the settings again where the repository's configuration has changed; what does not read changes nothing.
  private func reloadSettings() throws {
    var status = stat()
    guard stat(place.repository + "/config", &status) == 0 else { return }
    let version = ConfigVersion(
      seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec, size: status.st_size)
    guard version != configVersion else { return }
    configVersion = version
    do {
      let read = try git.settings()
      guard read != settings else { return }
      settings = read
      delivery.use(read)
    } catch let error as SettingError {
      return log(
        "git config \(error.key) is '\(error.value)', expected \(error.expected): the settings from before stay")
    }
    // What is in flight was planned by other settings: it is built again, and checks that would run the same go on.
    for target in trains.keys { tellMoved(target) }
    for target in upstreams.keys { upstreams[target]?.lookAgain() }
  }

  /// Tells the administrator's log.
  func log(_ line: String) { logLine("\(Timestamp.rfc3339(clock.seconds)) \(line)") }

  /// Feeds an event to a train and queues what it asks for.
  func tell(_ target: String, _ event: Train.Event) {
    let effects = trains[target, default: Train()].apply(event)
    pending += effects.map { (target, $0) }
  }

  /// Tells trains whose target was moved by somebody else, before their checks run to an end on what is gone.
  private func noticeMoves() throws {
    for target in Set(integrations.keys.map(\.target)) {
      let standing = integrations.first { $0.key.target == target && isOnTip($0.value) }
      guard let base = standing?.value.record.base else { continue }
      if try objects.tip(of: SluiceRef.branch(target)) != base { tellMoved(target) }
    }
  }

  /// Whether an integration stands on its target's tip: on nothing else, or on what has landed since.
  private func isOnTip(_ running: RunningIntegration) -> Bool { running.base.map { integrations[$0] == nil } ?? true }

  private func performPending() throws {
    while !pending.isEmpty {
      let (target, effect) = pending.removeFirst()
      try perform(effect, on: target)
    }
    try settle()
    forgetVerdicts()
  }

  /// Starts the checks that were decided on, and makes what has become true durable.
  func settle() throws {
    if !jobs.isEmpty || !stagingJobs.isEmpty || !watchJobs.isEmpty { try lane.use(settings) }
    // A check changes nothing and dies with the worker: it runs while the disk is waited for.
    for job in jobs { lane.run(job) }
    jobs = []
    for job in stagingJobs { lane.run(job) }
    stagingJobs = []
    for job in watchJobs { lane.run(job) }
    watchJobs = []
    // Git keeps what is not pinned for two weeks.
    if case .lost(let words) = try pinCandidates() { log("candidates are not pinned: \(words)") }
    try flush()
    try tidy()
  }

  private func perform(_ effect: Train.Effect, on target: String) throws {
    switch effect {
    case .build(let candidate): try build(candidate, on: target)
    case .run(let check, let id, let members, let again):
      try run(check, on: CandidateKey(target: target, candidate: id), for: members, again: again)
    case .stop(let check): stop(check, on: target)
    case .stage(let id): try stage(CandidateKey(target: target, candidate: id))
    case .land(let id): try land(CandidateKey(target: target, candidate: id))
    case .abandon(let id): try abandon(CandidateKey(target: target, candidate: id))
    case .reject(let id): try reject(CandidateKey(target: target, candidate: id))
    case .verify(let id): try verify(CandidateKey(target: target, candidate: id))
    case .end(let submission, let state, let refusal): end(submission, state, refusal)
    }
  }

  /// Notes what has become true; it is written with everything else before anybody acts on it.
  func record(_ changes: [LedgerChange]) {
    unwritten += changes
    unwritten += notices(of: changes)
  }

  /// Writes what was noted in one transaction, then lets the followers of the journal see its events.
  func flush() throws {
    guard !unwritten.isEmpty else { return }
    let changes = unwritten
    unwritten = []
    var bySubmission: [SubmissionID: [NumberedEvent]] = [:]
    for (submission, event) in try ledger.write(changes, holding: fence) {
      bySubmission[submission, default: []].append(event)
    }
    if changes.contains(where: \.isForOutbox) { delivery.look() }
    failpoint("journal.before")
    for (submission, events) in bySubmission { try journal.append(events, of: submission) }
  }

  /// An event as a ledger change, stamped with the time.
  func event(_ event: Event, of submission: SubmissionID) -> LedgerChange {
    .event(submission, json: stamped(event))
  }

  /// The event's JSON with the time in front.
  func stamped(_ event: Event) -> String {
    var fields: JSONObject = ["time": .string(Timestamp.rfc3339(clock.seconds))]
    for member in event.fields.members { fields[member.name] = member.value }
    return JSONValue.object(fields).compact
  }
}

extension LedgerChange {
  fileprivate var isForOutbox: Bool {
    switch self {
    case .notice, .resend: true
    default: false
    }
  }
}

/// How long a worker lives.
package struct WorkerLife: Sendable {
  /// Seconds without work after which a detached worker ends; nil for one that runs until it is told to stop.
  package let lingerSeconds: Double?
  private let stop: @Sendable () -> Bool

  package init(lingerSeconds: Double?, stop: @escaping @Sendable () -> Bool) {
    self.lingerSeconds = lingerSeconds
    self.stop = stop
  }

  var isOver: Bool { stop() }
}
