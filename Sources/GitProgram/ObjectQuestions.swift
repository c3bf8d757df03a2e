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

/// Answers all questions about objects and refs: from the repository's files, and where these do not tell, by one
/// `git cat-file` child.
///
/// - Bound: trees, commits and tags of at most `sizeMax` bytes are read, and at most `objectsMax` objects altogether;
///   the newest few hundred of them are remembered.
/// - Fresh: objects and refs that others add while it runs are seen.
package final class ObjectQuestions: ObjectReader {
  private let git: GitProgram
  private let objects: ObjectFiles
  private let refs: RefFiles
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
    objects = ObjectFiles(repository: git.repository, quarantine: git.quarantine)
    refs = RefFiles(repository: git.repository)
    self.sizeMax = sizeMax
    self.objectsMax = objectsMax
    self.refusesEmptyFolders = refusesEmptyFolders
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
      let found = round.map { objects.info($0) }
      let asked = zip(round, found).filter { $0.1 == nil }.map(\.0)
      if !asked.isEmpty { try send(asked.map { "info \($0.hex)\n" }.joined() + "flush\n") }
      for info in found {
        if let info { answers.append(info) } else { answers.append(try head()) }
      }
    }
    return answers
  }

  /// Where a ref stands now, by its full name; nil where there is none.
  package func ref(_ name: String) throws(GitProgramError) -> ObjectInfo? {
    precondition(name.hasPrefix("refs/") && !name.utf8.contains(10), "not a full ref name")
    switch refs.place(of: name) {
    case .missing: return nil
    case .at(let id): return try info(id)
    case .unusual: break
    }
    try send("info \(name)\nflush\n")
    return try head()
  }

  private func object(_ id: ObjectID, _ kind: ObjectKind) throws(GitProgramError) -> [UInt8] {
    try read(id, kind, max: sizeMax)
  }

  private func read(_ id: ObjectID, _ kind: ObjectKind, max: Int) throws(GitProgramError) -> [UInt8] {
    objectsRead += 1
    guard objectsRead <= objectsMax else { throw .tooManyObjects(max: objectsMax) }
    if let found = objects.object(id) {
      guard found.kind == kind else {
        throw .unexpectedKind(id, expected: kind.rawValue, found: found.kind.rawValue)
      }
      guard found.content.count <= max else { throw .tooLarge(id, size: found.content.count, max: max) }
      return found.content
    }
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

  /// Lets the child end by itself: there will be no more questions for now.
  package func leave() {
    if let child = child.take() { child.leave() }
  }

  private func send(_ questions: String) throws(GitProgramError) {
    if child == nil { child = try GitChild(git, ["cat-file", "--batch-command", "--buffer"], writes: false) }
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
