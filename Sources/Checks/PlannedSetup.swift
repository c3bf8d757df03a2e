package import Domain

/// One step of a setup with the key of what it makes.
package struct PlannedSetup: Hashable, Sendable {
  package let setup: Policy.Setup
  /// Over its words, the content of its inputs, the keys of all earlier steps and the environment: under it, what the step
  /// keeps is found again.
  package let key: CheckKey

  /// - Parameter key: what `key` describes; whoever makes it has seen the steps before.
  package init(setup: Policy.Setup, key: CheckKey) {
    self.setup = setup
    self.key = key
  }
}
