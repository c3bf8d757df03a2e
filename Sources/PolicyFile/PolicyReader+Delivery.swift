import Domain

/// What is said from outside of candidates and of landings.
extension PolicyReader {
  private static let contextsMax = 20
  /// What is wrong with a landing shows within a month, in hours.
  private static let watchHoursMax: Int64 = 720

  /// `{ contexts: [ci/build, ci/e2e], timeout: 30m }`
  mutating func readDelivery(_ node: YAMLNode, into delivery: inout Policy.Delivery) {
    guard let fields = fields(node, "deliver", known: ["contexts", "timeout"], required: ["contexts"]) else { return }
    if let node = fields["contexts"] {
      delivery.contexts = list(node, "deliver.contexts", min: 1, max: Self.contextsMax, "contexts") {
        reader, node, path in
        let what = "a context such as ci/build, of up to \(ContextName.bytesMax) bytes"
        return reader.text(node, path, what) { ContextName($0) != nil }.flatMap(ContextName.init)
      }
      var seen: Set<ContextName> = []
      for context in delivery.contexts where !seen.insert(context).inserted {
        fail(node.mark, "deliver.contexts: expected each context once, found \(PolicyText.show(context.text)) twice")
      }
    }
    if let node = fields["timeout"] { delivery.timeout = duration(node, "deliver.timeout") ?? delivery.timeout }
  }

  /// `{ watch: 1h, freeze: true }`
  mutating func readRollback(_ node: YAMLNode, into rollback: inout Policy.Rollback) {
    guard let fields = fields(node, "rollback", known: ["watch", "freeze"]) else { return }
    if let node = fields["watch"] {
      rollback.watch = duration(node, "rollback.watch", hoursMax: Self.watchHoursMax)
    }
    if let node = fields["freeze"] { rollback.freezes = boolean(node, "rollback.freeze") ?? false }
  }
}
