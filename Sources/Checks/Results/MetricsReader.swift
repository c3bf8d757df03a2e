import Domain

/// Reads what a check has measured itself: an array of `{name, value, unit, better}`, or one below `metrics`.
enum MetricsReader {
  static let fileName = "metrics.json"
  static let bytesMax = 1 << 20
  private static let nameMax = 200
  private static let unitMax = 40

  /// - Throws: where it is not strict JSON of that shape: a measurement that is not understood is none.
  static func read(_ bytes: [UInt8]) throws(ResultError) -> [Metric] {
    let value: JSONValue
    do { value = try JSONValue.parse(bytes) } catch { throw ResultError("it is not JSON (\(error))") }
    guard let elements = value.array ?? value["metrics"]?.array else {
      throw ResultError("it is neither an array nor an object with an array named metrics")
    }
    guard elements.count <= CheckResult.metricsMax else {
      throw ResultError("it has more than \(CheckResult.metricsMax) metrics")
    }
    var names: Set<String> = []
    var metrics: [Metric] = []
    for (index, element) in elements.enumerated() {
      let metric = try metric(element, at: index)
      guard names.insert(metric.name).inserted else { throw ResultError("it has two metrics named \(metric.name)") }
      metrics.append(metric)
    }
    return metrics
  }

  private static func metric(_ element: JSONValue, at index: Int) throws(ResultError) -> Metric {
    guard element.object != nil else { throw ResultError("/\(index) is no object") }
    guard let name = element["name"]?.string.map({ Printable.line($0, max: nameMax) }), !name.isEmpty else {
      throw ResultError("/\(index) has no name")
    }
    guard let value = element["value"]?.double else { throw ResultError("\(name) has no number as its value") }
    var unit = ""
    if let member = element["unit"] {
      guard let text = member.string else { throw ResultError("the unit of \(name) is no string") }
      unit = Printable.line(text, max: unitMax)
    }
    // What is measured is a cost unless it says otherwise.
    var better = Metric.Better.lower
    if let member = element["better"] {
      guard let word = member.string.flatMap(Metric.Better.init) else {
        throw ResultError("better is neither lower nor higher at \(name)")
      }
      better = word
    }
    return Metric(name: name, value: value, unit: unit, better: better)
  }
}
