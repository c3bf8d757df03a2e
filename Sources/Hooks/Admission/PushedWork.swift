import Domain
import GitProgram

/// The work package of a push and the work it came with, found in what was pushed.
struct PushedWork {
  let embedding: Embedding
  /// The commit that holds the work; nil where the work is the diff of a pushed blob.
  let commit: ObjectID?
  let reading: PackageReading

  /// Finds the package by the kind of what was pushed.
  init(_ pushed: ObjectInfo, limits: Policy.Limits, in questions: ObjectQuestions) throws(Refusal) {
    let found: Embedding
    switch pushed.kind {
    case .commit: found = .file
    case .tag: found = .tag
    case .blob: found = .blob
    case .tree: throw Refusal(.invalidPush, "a tree was pushed", hint: "push \(Self.embeddings)")
    }
    let bytes: [UInt8]
    (commit, bytes) = try answering {
      switch found {
      case .file: (pushed.id, try Self.file(in: pushed.id, limits: limits, questions))
      case .tag: try Self.tag(pushed, limits: limits, questions)
      case .blob: (nil, try questions.blob(pushed.id, max: Self.bytesMax(limits)))
      }
    }
    embedding = found
    reading = try WorkPackage.reading(of: bytes, limits: limits)
  }

  private static let embeddings =
    "a commit with \(PackageEmbedding.path), an annotated tag whose message is the package, or a blob with a "
    + "diff_package; `sluice submit` makes one"

  /// The most bytes that hold a package within its limits, its diff in base64 included.
  private static func bytesMax(_ limits: Policy.Limits) -> Int { limits.package + (limits.diff + 2) / 3 * 4 + 1_024 }

  private static func file(
    in commit: ObjectID, limits: Policy.Limits, _ questions: ObjectQuestions
  ) throws -> [UInt8] {
    guard let entry = try questions.entry(at: PackageEmbedding.path, in: questions.commit(commit).tree) else {
      throw Refusal(
        .invalidPackage, "the pushed commit holds no work package: \(PackageEmbedding.path) is missing",
        hint: "push \(embeddings)")
    }
    guard entry.mode == .file || entry.mode == .executable else {
      throw Refusal(.invalidPackage, "\(PackageEmbedding.path) is no file")
    }
    return try questions.blob(entry.id, max: bytesMax(limits))
  }

  private static func tag(
    _ pushed: ObjectInfo, limits: Policy.Limits, _ questions: ObjectQuestions
  ) throws -> (ObjectID, [UInt8]) {
    let tag = try questions.tag(pushed.id, max: bytesMax(limits) + 65_536)
    guard tag.targetKind == "commit" else {
      throw Refusal(.invalidPush, "the pushed tag names a \(Printable.line(tag.targetKind, max: 20)), not a commit")
    }
    let tree = try questions.commit(tag.target).tree
    guard try questions.entry(at: PackageEmbedding.path, in: tree) == nil else {
      throw Refusal(
        .invalidPackage, "two work packages: one in the tag, one in \(PackageEmbedding.path) of the tagged commit",
        hint: "push the commit, or take the file out of it")
    }
    return (tag.target, PackageEmbedding.withoutSignature(tag.message))
  }
}
