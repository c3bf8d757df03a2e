/// What the conflict radar saw when a submission was accepted: who of those ahead it collides with, and where many meet.
///
/// A forecast decides nothing: whoever is ahead may fail, and a newer version of either may not meet the other any more.
package struct ConflictForecast: Hashable, Sendable {
  /// A submission ahead whose work and the newcomer's do not merge.
  package struct Collision: Hashable, Sendable {
    package let other: SubmissionRequest
    /// Where the two meet, ascending; all of them.
    package let paths: [TreePath]

    package init(with other: SubmissionRequest, paths: [TreePath]) {
      self.other = other
      self.paths = paths
    }
  }

  /// A path that the newcomer changes, as others in flight do.
  package struct HotPath: Hashable, Sendable {
    package let path: TreePath
    /// How many of those ahead change it.
    package let others: Int

    package init(_ path: TreePath, others: Int) {
      self.path = path
      self.others = others
    }
  }

  /// In the order of the queue.
  package var collisions: [Collision] = []
  /// The hottest first; a few.
  package var hotPaths: [HotPath] = []
  /// How many are ahead, and at how many of them there was time to look.
  package var ahead = 0
  package var lookedAt = 0

  package init() {}

  /// Whether there is nothing to tell.
  package var isEmpty: Bool { collisions.isEmpty && hotPaths.isEmpty }

  private static let pathsMax = 20

  var fields: JSONObject {
    [
      "collisions": .array(
        collisions.map { collision in
          [
            "submission_id": .string(collision.other.id.text), "task_id": .string(collision.other.taskID),
            "agent_id": .string(collision.other.agentID),
            "paths": .array(collision.paths.prefix(Self.pathsMax).map { .string(Self.shown($0)) }),
            "path_count": .integer(collision.paths.count),
          ]
        }),
      "hot_paths": .array(
        hotPaths.map { ["path": .string(Self.shown($0.path)), "others": .integer($0.others)] }),
      "ahead": .integer(ahead), "looked_at": .integer(lookedAt),
    ]
  }

  private static func shown(_ path: TreePath) -> String { Printable.line(path.description, max: 1_000) }
}

extension Event {
  /// What of the work ahead a submission that was just accepted will collide with.
  package static func conflictRadar(_ request: SubmissionRequest, _ forecast: ConflictForecast) -> Event {
    var fields: JSONObject = ["target": .string(request.target), "name": .string(request.name)]
    for member in forecast.fields.members { fields[member.name] = member.value }
    return Event("conflict_radar", of: request, fields)
  }

  /// A warning for each collision, what to do about it, and the paths on which many work.
  var radarLines: [String] {
    func text(_ value: JSONValue, _ name: String, max: Int) -> String {
      Printable.line(value[name]?.string ?? "", max: max)
    }
    let collisions = fields["collisions"]?.array ?? []
    var lines = collisions.map { collision in
      let paths = (collision["paths"]?.array ?? []).prefix(3).map { Printable.line($0.string ?? "", max: 80) }
      let more = (collision["path_count"]?.integer ?? 0) - Int64(paths.count)
      let rest = more > 0 ? " and \(more) more" : ""
      return "warning: sluice: it collides with \(text(collision, "submission_id", max: 60)) ahead of it"
        + " (task \(text(collision, "task_id", max: 60))) in \(paths.joined(separator: ", "))\(rest)"
    }
    if !lines.isEmpty {
      let target = ShellWord.quoted(fields["target"]?.string ?? "")
      let name = fields["name"]?.string ?? ""
      lines.append(
        "hint: nothing is refused yet; once that has landed: git fetch origin \(target) && git rebase FETCH_HEAD, and push to refs/heads/submit/\(name) again"
      )
    }
    let hot = (fields["hot_paths"]?.array ?? []).map { path in
      let others = path["others"]?.integer ?? 0
      return "\(text(path, "path", max: 80)) (\(others) others)"
    }
    if !hot.isEmpty { lines.append("hint: changed by several ahead of it: \(hot.joined(separator: ", "))") }
    return lines
  }
}
