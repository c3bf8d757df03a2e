import Domain
import Store

/// Where one target stands with the upstream.
struct UpstreamStanding {
  /// Whether the target was seen to be where the upstream's is; until it is, nothing begins.
  private(set) var isMet = false
  /// When that was, in seconds of the clock that never jumps.
  private(set) var metAt = -Double.infinity
  /// What is to be shown there as staging.
  var staging: Engine.CandidateKey?
  /// What is on its way there.
  var landing: UpstreamLanding?
  /// Whether an exchange runs.
  var isRunning = false
  /// When the next exchange may begin.
  private(set) var retryAt = -Double.infinity
  /// Exchanges in a row that came to nothing.
  private(set) var failures = 0
  /// Why everything waits; nil while the upstream answers.
  private(set) var sentence: String?
  /// Who was told that it waits.
  var told: Set<SubmissionID> = []
  /// Whether what is planned must be planned again once nothing is on its way there any more.
  var isMoved = false

  /// Seconds between two tries: twice as many after each that failed, and at most the last of these.
  private static let secondsFirst = 0.5
  private static let secondsMax = 60.0

  /// Notes that the upstream answered, and that the target is where the upstream's is.
  mutating func met(at now: Double) {
    (isMet, metAt) = (true, now)
    answered()
  }

  /// Notes that the upstream answered.
  mutating func answered() {
    (failures, retryAt, sentence, told) = (0, -.infinity, nil, [])
  }

  /// Notes that nothing can go on, and tries again after a while.
  mutating func waits(_ sentence: String, at now: Double) {
    failures += 1
    isMet = false
    retryAt = now + min(Self.secondsMax, Self.secondsFirst * Double(1 << min(failures - 1, 10)))
    if self.sentence != sentence { told = [] }
    self.sentence = sentence
  }

  /// Asks for another look before anything begins.
  mutating func lookAgain() { isMet = false }
}

/// A landing on its way to the upstream: it may have come there from the moment it was sent.
struct UpstreamLanding {
  let key: Engine.CandidateKey
  let members: [Engine.Member]
  let base: ObjectID?
  /// How often the upstream has refused it.
  var refusals = 0
}

/// One exchange with the upstream, and what it is for.
struct UpstreamJob: Sendable {
  enum Purpose: Sendable {
    case look
    case stage(Engine.CandidateKey)
    /// Moves the upstream's target from `base` to `tip`.
    case land(base: ObjectID?, tip: ObjectID)
    /// Removes candidates that are gone.
    case clear([IntegrationID])
  }

  let target: String
  let purpose: Purpose
  var updates: [UpstreamUpdate] = []

  var request: UpstreamRequest { UpstreamRequest(branch: target, updates: updates) }
}
