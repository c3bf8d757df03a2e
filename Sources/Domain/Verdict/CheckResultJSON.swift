extension CheckResult {
  /// The form in `sluice show --json` and in events; single tests are left out, so that it stays small.
  package var json: JSONValue {
    [
      "name": .string(name), "kind": .string(kind), "verdict": .string(verdict.rawValue), "cached": .bool(isCached),
      "seconds": Self.seconds(seconds), "input": .string(key.digest.hex),
      "tests": tests.map {
        ["passed": .integer($0.passed), "failed": .integer($0.failed), "skipped": .integer($0.skipped)]
      } ?? .null,
      "failures": .array(
        failures.map { ["name": .string($0.name), "output": .array($0.output.map(JSONValue.string))] }),
      "reason": reason.json, "output": .array(outputTail.map(JSONValue.string)),
      "peak_memory": peakMemory.map(JSONValue.integer) ?? .null,
      "cpu_seconds": cpuSeconds.map(Self.seconds) ?? .null,
      "read_bytes": readBytes.map(JSONValue.integer) ?? .null,
      "written_bytes": writtenBytes.map(JSONValue.integer) ?? .null,
      "coverage": coverage.map { ["lines_covered": .integer($0.covered), "lines_valid": .integer($0.valid)] } ?? .null,
      // The worst first: what is left out must not be what matters.
      "findings": .array(findings.worst.map(\.json)), "findings_total": .integer(findings.count),
      "metrics": .array(metrics.map(\.json)), "performance": performance?.json ?? .null,
    ]
  }

  private static func seconds(_ seconds: Double) -> JSONValue {
    .number(JSONNumber(literal: Event.decimal(seconds, places: 3)))
  }
}

extension Metric {
  fileprivate var json: JSONValue {
    [
      "name": .string(name), "value": .number(JSONNumber(literal: "\(value)")), "unit": .string(unit),
      "better": .string(better.rawValue),
    ]
  }
}
