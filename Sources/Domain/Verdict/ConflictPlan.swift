/// What an agent needs to resolve a conflict: where the sides meet, who caused it, and how to see it in a clone.
package struct ConflictPlan: Hashable, Sendable {
  /// How two sides disagree about a path.
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    case content
    case addAdd = "add/add"
    case modifyDelete = "modify/delete"
    case renameRename = "rename/rename"
    case renameDelete = "rename/delete"
    case directoryFile = "directory/file"
    case directoryRename = "directory rename"
    case mode
    case submodule
    case binary
    case symlink
    case other
  }

  /// Lines of one version of a file, as they may be shown.
  package struct Lines: Hashable, Sendable {
    /// The number of the first line, from 1; where there are no lines, of the line they would stand before.
    package let start: Int
    /// How many there are, shown or not.
    package let count: Int
    package let shown: [String]

    /// - Parameter text: the lines' bytes; at most `linesMax` are shown, each of at most `lineMax` characters.
    package init(start: Int, count: Int, text: [UInt8]) {
      self.start = start
      self.count = count
      shown = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).prefix(min(count, linesMax))
        .map { Printable.line(String(decoding: $0, as: UTF8.self), max: lineMax) }
    }
  }

  package struct Hunk: Hashable, Sendable {
    package let base: Lines
    package let ours: Lines
    package let theirs: Lines

    package init(base: Lines, ours: Lines, theirs: Lines) {
      self.base = base
      self.ours = ours
      self.theirs = theirs
    }
  }

  /// Work that changed the path on the target's side.
  package struct Cause: Hashable, Sendable {
    package let work: LandedWork
    /// Whether it stands on the target; otherwise it waits ahead in the queue.
    package let isLanded: Bool

    package init(_ work: LandedWork, isLanded: Bool) {
      self.work = work
      self.isLanded = isLanded
    }
  }

  package struct File: Hashable, Sendable {
    package let path: String
    package let kind: Kind
    /// Empty where lines say nothing.
    package let hunks: [Hunk]
    /// Newest first.
    package let causes: [Cause]
    /// Why the policy's rule for the path did not settle it, where there is one.
    package let unresolved: String?

    package init(path: String, kind: Kind, hunks: [Hunk], causes: [Cause], unresolved: String? = nil) {
      self.path = path
      self.kind = kind
      self.hunks = hunks
      self.causes = causes
      self.unresolved = unresolved
    }
  }

  /// Most hunks in all files together, lines of each side, characters of a line, files, and causes of a file.
  package static let hunksMax = 20
  package static let linesMax = 40
  package static let lineMax = 200
  package static let filesMax = 50
  package static let causesMax = 10

  package let target: String
  /// The name under `submit/` to push to again.
  package let name: String
  /// The submitted commit.
  package let work: ObjectID
  /// The newest commit that both sides have; nil where there is none.
  package let base: ObjectID?
  /// What the work was merged onto: the target's tip, or that with the queued work ahead.
  package let tip: ObjectID
  /// At most `filesMax`, in the order of their paths.
  package let files: [File]
  /// How many files conflict.
  package let count: Int

  package init(
    target: String, name: String, work: ObjectID, base: ObjectID?, tip: ObjectID, files: [File], count: Int
  ) {
    self.target = target
    self.name = name
    self.work = work
    self.base = base
    self.tip = tip
    self.files = files
    self.count = count
  }

  /// The same plan with what has landed looked at again.
  package func updating(_ isLanded: (Cause) throws -> Bool) rethrows -> ConflictPlan {
    let files = try files.map { file in
      File(
        path: file.path, kind: file.kind, hunks: file.hunks,
        causes: try file.causes.map { Cause($0.work, isLanded: try isLanded($0)) }, unresolved: file.unresolved)
    }
    return ConflictPlan(
      target: target, name: name, work: work, base: base, tip: tip, files: files, count: count)
  }

  /// What shows the conflict in a clone whose remote is `origin`, and what ends it.
  package var commands: [String] { steps + ["git push origin HEAD:refs/heads/submit/\(name)"] }

  /// The same without the push.
  var steps: [String] {
    [
      "git fetch origin \(ShellWord.quoted(target))", "git merge-tree --write-tree FETCH_HEAD \(work.hex)",
      "git rebase FETCH_HEAD",
    ]
  }

  /// The document.
  package var json: JSONValue {
    [
      "target": .string(target), "target_tip": .string(tip.hex), "base": (base?.hex).json,
      "submitted_commit": .string(work.hex), "file_count": .integer(count),
      "files": .array(files.map(\.json)), "commands": .array(commands.map(JSONValue.string)),
    ]
  }

  /// At most eight lines for a push's output: the files with their kinds and lines, then who caused it.
  package var lines: [String] {
    var lines = files.prefix(4).map(\.line)
    if count > lines.count { lines.append("… and \(count - lines.count) more files") }
    var causes: [Cause] = []
    var paths: [Cause: [String]] = [:]
    for file in files {
      for cause in file.causes {
        if paths[cause] == nil { causes.append(cause) }
        paths[cause, default: []].append(Printable.line(file.path, max: 80))
      }
    }
    let room = 8 - lines.count
    for cause in causes.prefix(causes.count > room ? room - 1 : room) {
      let shown = (paths[cause] ?? []).prefix(3).joined(separator: ", ")
      lines.append("\(cause.isLanded ? "landed meanwhile" : "ahead in the queue"): \(cause.work.line) (\(shown))")
    }
    if causes.count > room { lines.append("… and \(causes.count - room + 1) more landings") }
    return lines
  }
}

extension ConflictPlan.File {
  fileprivate var json: JSONValue {
    [
      "path": .string(path), "kind": .string(kind.rawValue),
      "hunks": .array(hunks.map { ["base": $0.base.json, "ours": $0.ours.json, "theirs": $0.theirs.json] }),
      "caused_by": .array(
        causes.map { cause in
          var object = cause.work.json
          object["state"] = cause.isLanded ? "landed" : "queued"
          return .object(object)
        }),
      "unresolved": unresolved.json,
    ]
  }

  fileprivate var line: String {
    var places = hunks.prefix(3).map(\.ours).map { side in
      side.count < 2 ? "\(side.start)" : "\(side.start)-\(side.start + side.count - 1)"
    }
    if hunks.count > 3 { places.append("…") }
    let word = hunks.count == 1 && hunks[0].ours.count < 2 ? "line" : "lines"
    let at = places.isEmpty ? "" : ", \(word) \(places.joined(separator: ", ")) of the target"
    let why = unresolved.map { ": \($0)" } ?? ""
    return "conflict in \(Printable.line(path, max: 200)) (\(kind.rawValue)\(at))\(why)"
  }
}

extension ConflictPlan.Lines {
  fileprivate var json: JSONValue {
    ["start": .integer(start), "count": .integer(count), "lines": .array(shown.map(JSONValue.string))]
  }
}
