import Domain

/// Where in the tree the results of a scanner's run are.
struct SARIFPlaces {
  /// An `artifactLocation`, taken apart once.
  private struct Location {
    let uri: String?
    let base: String?
    let index: Int?

    init(_ location: JSONValue?) {
      uri = location?["uri"]?.string.flatMap { $0.utf8.count <= uriMax ? $0 : nil }
      base = location?["uriBaseId"]?.string
      index = location?["index"]?.integer.flatMap { Int(exactly: $0) }
    }
  }

  /// Bytes; no path is longer.
  private static let uriMax = 4_096
  private let artifacts: [Location]
  private let bases: [String: Location]

  init(_ run: JSONValue) {
    artifacts = (run["artifacts"]?.array ?? []).map { Location($0["location"]) }
    bases = Dictionary(
      (run["originalUriBaseIds"]?.object?.members ?? []).map { ($0.name, Location($0.value)) },
      uniquingKeysWith: { first, _ in first })
  }

  /// The first place of a result; the path is relative to the tree, and nil for a file outside of it.
  func place(of result: JSONValue) -> (path: String?, line: Int?) {
    let place = result["locations"]?.array?.first?["physicalLocation"]
    let line = place?["region"]?["startLine"]?.integer.flatMap { Int(exactly: $0) }
    let path = uri(of: Location(place?["artifactLocation"]), depth: 0).flatMap(Self.path)
    return (path, line.flatMap { $0 > 0 ? $0 : nil })
  }

  private func uri(of location: Location, depth: Int) -> String? {
    guard depth < 4 else { return nil }
    guard let uri = location.uri else {
      guard let index = location.index, artifacts.indices.contains(index) else { return nil }
      return self.uri(of: artifacts[index], depth: depth + 1)
    }
    guard !uri.contains("://"), !uri.hasPrefix("/"), let base = location.base, let place = bases[base],
      let start = self.uri(of: place, depth: depth + 1)
    else { return uri }
    return start.hasSuffix("/") ? start + uri : "\(start)/\(uri)"
  }

  /// The path below the tree that a URI stands for.
  private static func path(_ uri: String) -> String? {
    var text = uri[...]
    if text.hasPrefix("file:") {
      text = text.dropFirst(5)
      if text.hasPrefix("//") { text = text.dropFirst(2).drop { $0 != "/" } }
    } else if text.contains("://") {
      return nil
    }
    guard let decoded = decoded(text) else { return nil }
    var names = decoded.split(separator: "/").filter { $0 != "." }
    if decoded.hasPrefix("/") {
      guard names.first.map({ "/\($0)" }) == SandboxLayout.tree else { return nil }
      names.removeFirst()
    }
    guard !names.isEmpty, !names.contains("..") else { return nil }
    return names.joined(separator: "/")
  }

  /// The text without `%41` and the like; nil where that is no text.
  private static func decoded(_ text: Substring) -> String? {
    guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(validating: bytes, as: UTF8.self)
  }
}
