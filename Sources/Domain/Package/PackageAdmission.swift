/// Whether a package tells the truth about the work it comes with.
package enum PackageAdmission {
  /// Compares the declared lists with what differs between the work and its merge base.
  ///
  /// The package's own file, where it is part of the work, is no change.
  ///
  /// - Returns: a violation for each path on a wrong side: first the declared ones, then the ones left out.
  package static func compare(declared: WorkPackage.Changes, actual: [TreeChange]) -> [Violation] {
    var real: [TreePath: Side] = [:]
    real.reserveCapacity(actual.count)
    let own = PackageEmbedding.path
    for change in actual where change.path != own { real[change.path] = Side(change) }
    var violations: [Violation] = []
    var declaredPaths: Set<TreePath> = []
    for (side, paths) in [(Side.modified, declared.modified), (.added, declared.added), (.deleted, declared.deleted)] {
      for (index, text) in paths.enumerated() {
        let path = TreePath(text)
        declaredPaths.insert(path)
        guard real[path] != side else { continue }
        violations.append(declaredWrongly(text, real[path], at: "\(side.pointer)/\(index)"))
      }
    }
    for change in actual where change.path != own && !declaredPaths.contains(change.path) {
      violations.append(leftOut(change))
    }
    return violations
  }

  private enum Side: String {
    case modified, added, deleted

    init(_ change: TreeChange) { self = change.old == nil ? .added : change.new == nil ? .deleted : .modified }

    var pointer: String { "/changes/files_\(rawValue)" }

    var verb: String {
      switch self {
      case .modified: "modifies"
      case .added: "adds"
      case .deleted: "deletes"
      }
    }
  }

  private static func declaredWrongly(_ path: String, _ real: Side?, at pointer: String) -> Violation {
    let expected = real.map { "it in files_\($0.rawValue), because the work \($0.verb) it" }
    return violation(pointer, expected ?? "only files that the work changes", Violation.show(path))
  }

  private static func leftOut(_ change: TreeChange) -> Violation {
    let side = Side(change)
    guard let path = change.path.text else {
      let shown = Violation.show(change.path.description)
      return violation(side.pointer, "paths in UTF-8, because JSON can name no others", "\(shown) changed")
    }
    return violation(side.pointer, "\(Violation.show(path)), because the work \(side.verb) it", "no such path")
  }

  private static func violation(_ pointer: String, _ expected: String, _ found: String) -> Violation {
    Violation(pointer, expected: expected, found: found, category: .undeclaredChanges)
  }
}
