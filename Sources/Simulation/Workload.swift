/// What arrives at a simulated queue, and how it behaves.
///
/// The shape is the one that the SubmitQueue paper (EuroSys 2019) describes; the numbers are ours. Nobody's traces are
/// reproduced: they are private.
package struct Workload: Hashable, Sendable {
  /// Changes that arrive in an hour, as a Poisson process.
  package var rate = 500.0
  /// For how many hours changes arrive; what is in flight then is worked off.
  package var hours = 6.0
  /// The probability that two changes in flight at the same time may affect each other's checks.
  package var conflicts = 0.01
  /// The probability that two such changes really fail together.
  package var realConflicts = 0.04
  /// The probability that a change is good by itself.
  package var success = 0.95
  /// The probability that a run that should pass fails.
  package var flakes = 0.0
  /// How often a failed run is tried again on its worker; counted only where there are flakes.
  package var retries = 2
  package var seed: UInt64 = 1

  /// Build times are lognormal, in minutes.
  static let buildMinutesMedian = 27.0
  static let buildMinutesSigma = 0.55
  static let buildMinutes = 4.0...120.0

  package init() {}
}
