package import Domain
import Glibc
import Processes

/// Applies the diff of a work package to a tree, without a worktree and without the tree's whole index.
///
/// - Isolated: only the paths that the diff names are looked at, in an index of their own; nothing outside the object
///   database and `scratch` is written.
package struct AppliedDiff {
  private let git: GitProgram
  private let scratch: String
  private let limits: AdmissionLimits

  /// - Parameter scratch: a folder of Sluice's own, made where it is missing.
  package init(git: GitProgram, scratch: String, limits: AdmissionLimits = AdmissionLimits()) {
    self.git = git
    self.scratch = scratch
    self.limits = limits
  }

  /// What the diff changes in the tree; new files are written as blobs.
  ///
  /// - Bound: at most `filesMax` files.
  /// - Throws: a `Refusal` where the diff is malformed, leaves the tree, or does not fit, also not by a three-way merge;
  ///   `GitProgramError`, `SystemError` or the reader's error where nothing can be said about it.
  package func apply<Reader: ObjectReader>(
    _ diff: [UInt8], to tree: ObjectID, in reader: inout Reader, filesMax: Int = 100_000
  ) throws -> [TreeChange] {
    if let refusal = DiffHeaders.objection(to: diff, blobMax: limits.blob) { throw refusal }
    let folder = try ScratchFolder(in: scratch)
    let session = Session(git: git, environment: ["GIT_INDEX_FILE=\(folder.path)/index"])
    let paths = try session.paths(of: diff).union(DiffHeaders.sources(of: diff))
    guard !paths.isEmpty else { throw Refusal(.invalidPackage, "the diff_package holds no diff") }
    guard paths.count <= filesMax else {
      throw Refusal(.limitExceeded, "the diff_package changes more than \(filesMax) files")
    }
    var before: [TreePath: TreeChange.Side] = [:]
    for path in paths { try look(at: path, in: tree, &reader, paths, &before) }
    try session.enter(before)
    try session.apply(diff)
    let after = try session.entries()
    return Set(before.keys).union(after.keys).sorted().compactMap { path in
      before[path] == after[path] ? nil : TreeChange(path: path, old: before[path], new: after[path])
    }
  }

  /// Notes what stands at a path before, and refuses a path that the tree cannot take.
  private func look<Reader: ObjectReader>(
    at path: TreePath, in tree: ObjectID, _ reader: inout Reader, _ paths: Set<TreePath>,
    _ before: inout [TreePath: TreeChange.Side]
  ) throws {
    if let objection = PathRule.objection(to: path, limits: limits) {
      throw Refusal(.invalidPackage, "the diff_package: \(Printable.line(path.description, max: 200)) \(objection)")
    }
    var folder = tree
    var place = TreePath(bytes: [])
    let components = path.components
    for (index, name) in components.enumerated() {
      guard let entry = try reader.tree(folder).first(where: { $0.name == name }) else { return }
      place = place.appending(name)
      if index == components.count - 1 {
        guard entry.mode != .submodule else { throw Self.submodule(path) }
        guard entry.isTree else {
          before[path] = TreeChange.Side(mode: entry.mode, id: entry.id)
          return
        }
        // A file may take the place of a folder only where the diff takes away all that is in it.
        return try checkIsEmptied(entry.id, at: place, paths, &reader)
      }
      guard entry.isTree else {
        // What the diff itself takes out of the way is judged by git.
        guard !paths.contains(place) else { return }
        let what = entry.mode == .symlink ? "is beyond the symbolic link" : "is below the file"
        throw Refusal(
          .invalidPackage,
          "the diff_package: \(Printable.line(path.description, max: 200)) \(what) "
            + Printable.line(place.description, max: 200)
        )
      }
      folder = entry.id
    }
  }

  private func checkIsEmptied<Reader: ObjectReader>(
    _ folder: ObjectID, at place: TreePath, _ paths: Set<TreePath>, _ reader: inout Reader
  ) throws {
    for entry in try reader.tree(folder) {
      let path = place.appending(entry.name)
      if entry.isTree {
        try checkIsEmptied(entry.id, at: path, paths, &reader)
      } else if !paths.contains(path) {
        throw Refusal(
          .invalidPackage, "the diff_package makes a file of the folder \(Printable.line(place.description, max: 200))")
      }
    }
  }

  static func submodule(_ path: TreePath) -> Refusal {
    Refusal(
      .invalidPackage, "the diff_package: \(Printable.line(path.description, max: 200)) is a submodule",
      hint: "push the change as a commit")
  }

  /// The calls of git on one index.
  private struct Session {
    let git: GitProgram
    let environment: [String]

    /// The paths that git would write.
    func paths(of diff: [UInt8]) throws -> Set<TreePath> {
      let result = try git.run(
        ["apply", "--numstat", "-z"], input: diff, environment: environment, outputMax: 64 << 20)
      guard result.exit.isSuccess else { throw refusal(.invalidPackage, "is malformed", result) }
      return Set(
        result.output.split(separator: 0).compactMap { entry in
          let fields = entry.split(separator: UInt8(ascii: "\t"), maxSplits: 2, omittingEmptySubsequences: false)
          return fields.count == 3 ? TreePath(bytes: Array(fields[2])) : nil
        })
    }

    func enter(_ entries: [TreePath: TreeChange.Side]) throws {
      var input: [UInt8] = []
      for (path, side) in entries {
        input += Array("\(side.mode.octal) \(side.id.hex)\t".utf8) + path.bytes + [0]
      }
      let result = try git.run(["update-index", "-z", "--index-info"], input: input, environment: environment)
      guard result.exit.isSuccess else { throw GitProgramError.ended(what: "update-index", message: result.messages) }
    }

    /// Applies as it stands; where that fails, once more by a three-way merge with the files that the diff was made from.
    func apply(_ diff: [UInt8]) throws {
      let plain = try git.run(
        ["apply", "--cached", "--whitespace=nowarn"], input: diff, environment: environment)
      guard !plain.exit.isSuccess else { return }
      let merged = try git.run(
        ["apply", "--cached", "--3way", "--whitespace=nowarn"], input: diff, environment: environment)
      guard !merged.exit.isSuccess else { return }
      throw refusal(.mergeConflicts, "does not apply", plain)
    }

    func entries() throws -> [TreePath: TreeChange.Side] {
      let result = try git.run(["ls-files", "--stage", "-z"], environment: environment, outputMax: 64 << 20)
      guard result.exit.isSuccess else { throw GitProgramError.ended(what: "ls-files", message: result.messages) }
      var entries: [TreePath: TreeChange.Side] = [:]
      for line in result.output.split(separator: 0) {
        let parts = line.split(separator: UInt8(ascii: "\t"), maxSplits: 1)
        let words = String(decoding: parts[0], as: UTF8.self).split(separator: " ")
        guard parts.count == 2, words.count == 3, let digits = UInt32(words[0], radix: 8),
          let mode = FileMode(rawValue: digits), let id = ObjectID(hex: words[1]), words[2] == "0"
        else { throw GitProgramError.ended(what: "ls-files", message: "an entry does not read") }
        let path = TreePath(bytes: Array(parts[1]))
        guard mode != .submodule else { throw AppliedDiff.submodule(path) }
        entries[path] = TreeChange.Side(mode: mode, id: id)
      }
      return entries
    }

    /// git's first words name the file and the line.
    private func refusal(_ category: FailureCategory, _ what: String, _ result: GitResult) -> Refusal {
      let words = result.messages.split(separator: ";").map { line in
        let text = line.drop { $0 == " " }
        return String(text.hasPrefix("error: ") ? text.dropFirst(7) : text)
      }
      return Refusal(
        category, "the diff_package \(what): \(words.first ?? "git gives no reason")",
        details: Array(words.dropFirst()),
        hint: "make it with git diff --binary against the base that the package names")
    }
  }
}
