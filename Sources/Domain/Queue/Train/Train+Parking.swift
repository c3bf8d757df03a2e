extension Train {
  /// Takes a ticket out of everybody's way without ending it; those that depend on it go on waiting.
  mutating func park(_ submission: SubmissionID, _ effects: inout [Effect]) {
    guard let number = numbers[submission], !isLanding(number) else { return }
    tickets[number]?.isParked = true
    removeNodes(of: number, &effects)
  }

  /// Lets everything that is parked be looked at again: by the policy that counts now, it may wait for nothing.
  mutating func unparkAll() {
    for number in line { tickets[number]?.isParked = false }
  }

  /// Ends a ticket by a person's word; what is on its way to the target already cannot be called back.
  mutating func refuse(_ submission: SubmissionID, _ refusal: Refusal, _ effects: inout [Effect]) {
    guard let number = numbers[submission], !isLanding(number) else { return }
    effects.append(.end(submission, .rejected, refusal))
    remove(number, as: .rejected, &effects)
  }

  private func isLanding(_ ticket: Int) -> Bool {
    guard let delivery, delivery.isLanding else { return false }
    return path(to: delivery.node).contains { nodes[$0]?.ticket == ticket }
  }
}
