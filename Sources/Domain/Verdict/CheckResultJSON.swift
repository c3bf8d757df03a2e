extension CheckResult {
  /// The form in `sluice show --json` and in events.
  package var json: JSONValue {
    [
      "name": .string(name), "kind": .string(kind), "verdict": .string(verdict.rawValue), "cached": .bool(isCached),
      "seconds": .number(JSONNumber(literal: Event.decimal(seconds, places: 3))), "input": .string(key.digest.hex),
      "tests": tests.map {
        ["passed": .integer($0.passed), "failed": .integer($0.failed), "skipped": .integer($0.skipped)]
      } ?? .null,
      "failures": .array(
        failures.map { ["name": .string($0.name), "output": .array($0.output.map(JSONValue.string))] }),
      "reason": reason.json, "output": .array(outputTail.map(JSONValue.string)),
      "peak_memory": peakMemory.map(JSONValue.integer) ?? .null,
    ]
  }
}
