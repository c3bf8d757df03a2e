package import Domain
import Glibc
import Processes

/// What kind an object is, in git's words.
package enum ObjectKind: String, Hashable, Sendable {
  case commit, tree, blob, tag
}

/// An object's head: what can be known without reading it.
package struct ObjectInfo: Hashable, Sendable {
  package let id: ObjectID
  package let kind: ObjectKind
  package let size: Int

  package init(id: ObjectID, kind: ObjectKind, size: Int) {
    self.id = id
    self.kind = kind
    self.size = size
  }
}

/// One `git cat-file` child that answers all questions about objects and refs; it starts with the first question.
///
/// - Bound: trees, commits and tags of at most `sizeMax` bytes are read, and at most `objectsMax` objects altogether;
///   the newest few hundred of them are remembered.
/// - Fresh: objects and refs that others add while it runs are seen.
package final class ObjectQuestions: ObjectReader {
  private let git: GitProgram
  private var child: GitChild?
  private var trees: [ObjectID: [TreeEntry]] = [:]
  private var commits: [ObjectID: Commit] = [:]
  private var buffer: [UInt8] = []
  private var position = 0
  private var objectsRead = 0
  private let sizeMax: Int
  private let objectsMax: Int
  private let refusesEmptyFolders: Bool

  private static let rememberedMax = 512

  package init(
    _ git: GitProgram, sizeMax: Int = 16 << 20, objectsMax: Int = 1 << 30, refusesEmptyFolders: Bool = false
  ) {
    self.git = git
    self.sizeMax = sizeMax
    self.objectsMax = objectsMax
    self.refusesEmptyFolders = refusesEmptyFolders
  }

  /// Asks at once for what is needed of two histories: the pushed object, a ref, and the commits and root trees of both.
  ///
  /// - Returns: the heads of the pushed object and of what the ref points at; the rest is remembered.
  package func prefetch(
    pushed: ObjectID, ref: String
  ) throws(GitProgramError) -> (pushed: ObjectInfo?, tip: ObjectInfo?) {
    var questions = ["info \(pushed.hex)", "info \(ref)"]
    for name in [pushed.hex, ref] { questions += ["contents \(name)^{commit}", "contents \(name)^{tree}"] }
    try send(questions.joined(separator: "\n") + "\nflush\n")
    let heads = (pushed: try head(), tip: try head())
    for _ in 2..<questions.count {
      guard let head = try head() else { continue }
      guard head.size <= sizeMax else {
        try skip(head.size)
        continue
      }
      let bytes = try content(head.size)
      do {
        switch head.kind {
        case .commit: commits[head.id] = try Commit(parsing: bytes)
        case .tree: trees[head.id] = try Tree.parse(bytes)
        case .blob, .tag: break
        }
      } catch { continue }
    }
    return heads
  }

  package func tree(_ id: ObjectID) throws(GitProgramError) -> [TreeEntry] {
    guard id != .emptyTree else { return [] }
    let entries: [TreeEntry]
    if let known = trees[id] {
      entries = known
    } else {
      let bytes = try object(id, .tree)
      do { entries = try Tree.parse(bytes) } catch { throw .malformed(id) }
      if trees.count >= Self.rememberedMax { trees.removeAll() }
      trees[id] = entries
    }
    guard !refusesEmptyFolders || !entries.contains(where: { $0.isTree && $0.id == .emptyTree }) else {
      throw .emptyFolder(in: id)
    }
    return entries
  }

  package func commit(_ id: ObjectID) throws(GitProgramError) -> Commit {
    if let known = commits[id] { return known }
    let bytes = try object(id, .commit)
    let commit: Commit
    do { commit = try Commit(parsing: bytes) } catch { throw .malformed(id) }
    if commits.count >= Self.rememberedMax { commits.removeAll() }
    commits[id] = commit
    return commit
  }

  package func tag(_ id: ObjectID, max: Int? = nil) throws(GitProgramError) -> Tag {
    let bytes = try read(id, .tag, max: max ?? sizeMax)
    do { return try Tag(parsing: bytes) } catch { throw .malformed(id) }
  }

  /// The content of a blob; one of more than `max` bytes is not read.
  package func blob(_ id: ObjectID, max: Int) throws(GitProgramError) -> [UInt8] {
    guard let info = try info(id) else { throw .missing(id.hex) }
    guard info.kind == .blob else { throw .unexpectedKind(id, expected: "blob", found: info.kind.rawValue) }
    guard info.size <= max else { throw .tooLarge(id, size: info.size, max: max) }
    return try read(id, .blob, max: max)
  }

  /// The entry at a path; nil where the tree has none.
  package func entry(at path: TreePath, in tree: ObjectID) throws(GitProgramError) -> TreeEntry? {
    var folder = tree
    let components = path.components
    for name in components.dropLast() {
      guard let next = try self.tree(folder).first(where: { $0.name == name }), next.isTree else { return nil }
      folder = next.id
    }
    return try self.tree(folder).first { $0.name == components.last }
  }

  /// The kind and size of an object; nil where it is missing.
  package func info(_ id: ObjectID) throws(GitProgramError) -> ObjectInfo? { try infos([id])[0] }

  /// Asks for many objects at once; answers stand in the order of the questions.
  package func infos(_ ids: [ObjectID]) throws(GitProgramError) -> [ObjectInfo?] {
    var answers: [ObjectInfo?] = []
    answers.reserveCapacity(ids.count)
    // The questions and the answers of one round fit into a pipe, so that neither side waits for the other.
    for start in stride(from: 0, to: ids.count, by: 500) {
      let round = ids[start..<min(start + 500, ids.count)]
      try send(round.map { "info \($0.hex)\n" }.joined() + "flush\n")
      for _ in round { answers.append(try head()) }
    }
    return answers
  }

  /// Where a ref stands now, by its full name; nil where there is none.
  package func ref(_ name: String) throws(GitProgramError) -> ObjectInfo? {
    precondition(name.hasPrefix("refs/") && !name.utf8.contains(10), "not a full ref name")
    try send("info \(name)\nflush\n")
    return try head()
  }

  private func object(_ id: ObjectID, _ kind: ObjectKind) throws(GitProgramError) -> [UInt8] {
    try read(id, kind, max: sizeMax)
  }

  private func read(_ id: ObjectID, _ kind: ObjectKind, max: Int) throws(GitProgramError) -> [UInt8] {
    objectsRead += 1
    guard objectsRead <= objectsMax else { throw .tooManyObjects(max: objectsMax) }
    try send("contents \(id.hex)\nflush\n")
    guard let head = try head() else { throw .missing(id.hex) }
    guard head.kind == kind else {
      try skip(head.size)
      throw .unexpectedKind(id, expected: kind.rawValue, found: head.kind.rawValue)
    }
    guard head.size <= max else {
      try skip(head.size)
      throw .tooLarge(id, size: head.size, max: max)
    }
    return try content(head.size)
  }

  /// Starts the child before there is a question, so that it is ready then.
  package func start() throws(GitProgramError) {
    guard child == nil else { return }
    child = try GitChild(git, ["cat-file", "--batch-command", "--buffer"], writes: false)
  }

  /// Lets the child end by itself: there will be no more questions for now.
  package func leave() {
    if let child = child.take() { child.leave() }
  }

  private func send(_ questions: String) throws(GitProgramError) {
    try start()
    try child?.send(Array(questions.utf8))
  }

  /// Reads `<id> SP <kind> SP <size> LF`, or `<question> SP missing LF`.
  private func head() throws(GitProgramError) -> ObjectInfo? {
    let words = String(decoding: try line(), as: UTF8.self).split(separator: " ")
    guard words.count == 3, let id = ObjectID(hex: words[0]), let kind = ObjectKind(rawValue: String(words[1])),
      let size = Int(words[2])
    else { return nil }
    return ObjectInfo(id: id, kind: kind, size: size)
  }

  private func line() throws(GitProgramError) -> ArraySlice<UInt8> {
    while true {
      if let end = buffer[position...].firstIndex(of: 10) {
        defer { position = end + 1 }
        return buffer[position..<end]
      }
      try fill()
    }
  }

  private func content(_ size: Int) throws(GitProgramError) -> [UInt8] {
    while buffer.count - position < size + 1 { try fill() }
    defer { position += size + 1 }
    return Array(buffer[position..<(position + size)])
  }

  /// Passes over a content that is not wanted, without holding it.
  private func skip(_ size: Int) throws(GitProgramError) {
    var rest = size + 1
    while rest > 0 {
      if position == buffer.count { try fill() }
      let step = min(rest, buffer.count - position)
      position += step
      rest -= step
    }
  }

  private func fill() throws(GitProgramError) {
    if position > 0 {
      buffer.removeFirst(position)
      position = 0
    }
    let chunk: [UInt8]
    do { chunk = try child?.output.read(max: 65_536) ?? [] } catch { throw .system(error) }
    guard !chunk.isEmpty else { throw child?.ended() ?? .ended(what: "cat-file", message: "") }
    buffer += chunk
  }
}
