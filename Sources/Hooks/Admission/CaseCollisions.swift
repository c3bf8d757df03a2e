import Domain
import GitProgram

/// New paths that some systems take for others: they differ in the case of letters, or in how these are composed.
struct CaseCollisions {
  let questions: ObjectQuestions

  private static let shownMax = 3

  /// What the pusher is warned of; nil where every new path is one everywhere.
  ///
  /// - Parameter base: the tree that the changes were made to.
  func warning(of changes: [TreeChange], to base: ObjectID) throws(Refusal) -> String? {
    let added = changes.filter { $0.old == nil && $0.new != nil }.map(\.path)
    guard !added.isEmpty else { return nil }
    var pairs: [(TreePath, TreePath)] = []
    for path in added {
      if let pair = try pair(of: path, in: base), !pairs.contains(where: { $0 == pair }) { pairs.append(pair) }
    }
    if added.count > 1 { pairs += twins(among: added) }
    guard !pairs.isEmpty else { return nil }
    let shown = pairs.prefix(Self.shownMax).map { pair in
      [pair.0, pair.1].map { Printable.line($0.description, max: 120) }.joined(separator: " and ")
    }
    let rest = pairs.count > shown.count ? " and \(pairs.count - shown.count) more" : ""
    return "case-collision: \(shown.joined(separator: "; "))\(rest) are one path on systems that do not tell case apart"
  }

  /// The first part of a new path that is mistaken for one in the tree, and that one.
  private func pair(of path: TreePath, in base: ObjectID) throws(Refusal) -> (TreePath, TreePath)? {
    var folder = base
    var place = TreePath(bytes: [])
    for component in path.components {
      let entries: [TreeEntry]
      do { entries = try questions.tree(folder) } catch { throw Refusal(error) }
      if let other = entries.first(where: { Self.areTwins($0.name, component) }) {
        return (place.appending(component), place.appending(other.name))
      }
      guard let next = entries.first(where: { $0.name == component }), next.isTree else { return nil }
      folder = next.id
      place = place.appending(component)
    }
    return nil
  }

  private func twins(among added: [TreePath]) -> [(TreePath, TreePath)] {
    var seen: [String: TreePath] = [:]
    var pairs: [(TreePath, TreePath)] = []
    for path in added {
      var place = TreePath(bytes: [])
      for component in path.components {
        place = place.appending(component)
        let folded = Self.folded(place.bytes)
        if let other = seen[folded], other != place {
          pairs.append((place, other))
          break
        }
        seen[folded] = place
      }
    }
    return pairs
  }

  private static func areTwins(_ one: [UInt8], _ two: [UInt8]) -> Bool {
    guard one != two else { return false }
    guard one.contains(where: { $0 >= 128 }) || two.contains(where: { $0 >= 128 }) else {
      return one.count == two.count && zip(one, two).allSatisfy { lower($0) == lower($1) }
    }
    return folded(one) == folded(two)
  }

  /// Strings are equal where their characters are, however they are composed.
  private static func folded(_ name: [UInt8]) -> String { String(decoding: name, as: UTF8.self).lowercased() }

  private static func lower(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 32 : byte
  }
}
