/// Something that a check has measured itself.
package struct Metric: Hashable, Sendable {
  /// Which direction is an improvement.
  package enum Better: String, Hashable, Sendable, CaseIterable { case lower, higher }

  /// Unique within its run.
  package let name: String
  package let value: Double
  /// As the check writes it, such as `ms`; may be empty.
  package let unit: String
  package let better: Better

  package init(name: String, value: Double, unit: String, better: Better) {
    self.name = name
    self.value = value
    self.unit = unit
    self.better = better
  }
}
