/// The policies that a simulation compares.
package enum Contender: String, CaseIterable, Sendable {
  case oracle, sluice
  case submitQueue = "submitqueue"
  case speculateAll = "speculate-all"
  case optimistic
  case batch
  case single

  /// What the policy does, in a line.
  package var explanation: String {
    switch self {
    case .oracle: "knows every outcome beforehand and keeps the order of arrival: one build a change"
    case .sluice: "the train that this program runs in production"
    case .submitQueue: "speculation ranked by a predictor that is right in 97 % of cases, in the order of arrival"
    case .speculateAll: "speculation on all outcomes alike, in the order of arrival"
    case .optimistic: "takes everyone ahead to land; what stands behind a failure is built again"
    case .batch: "tests what waits and may conflict as one batch, and halves a batch that fails"
    case .single: "one at a time among changes that may conflict"
    }
  }

  /// Plays a trace under this policy.
  ///
  /// The same trace gives the same result, always.
  package func run(_ trace: Trace, workers: Int) -> Measurement {
    var world = World(trace, workers: workers)
    switch self {
    case .oracle: ArrivalOrder(OracleChoice(count: trace.count), trace: trace).run(in: &world)
    case .sluice: ProductionTrain(trace, workers: workers).run(in: &world)
    case .submitQueue:
      ArrivalOrder(Speculation(.accurate(0.97), count: trace.count), trace: trace).run(in: &world)
    case .speculateAll: ArrivalOrder(Speculation(.none, count: trace.count), trace: trace).run(in: &world)
    case .optimistic: ArrivalOrder(OptimisticChoice(), trace: trace).run(in: &world)
    case .batch: BatchAndBisect(trace).run(in: &world)
    case .single: ArrivalOrder(SingleQueueChoice(), trace: trace).run(in: &world)
    }
    return Measurement(world)
  }
}
