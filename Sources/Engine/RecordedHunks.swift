import Domain
import Git

/// A file whose lines two sides changed, as a merge meets it.
struct ConflictedFile {
  let path: TreePath
  /// The commit that is rebased; nil where work is merged as a whole.
  let commit: ObjectID?
  let text: ConflictedText
}

/// Who knows what a file becomes by what people settled before; nil where they have not settled all of it.
typealias RecordedResolutions = (ConflictedFile) throws -> [UInt8]?

/// How conflicts were settled in what landed, hunk by hunk, so that nobody settles the same one twice.
///
/// - Shape: `refs/sluice/resolutions` is a line of commits, one for each landing that taught something; a file's name is the
///   digest of a path and the three versions of a hunk there, its content the lines that took their place.
/// - What was settled first stands: the same conflict never comes out another way.
struct RecordedHunks {
  let objects: Repository
  private static let entriesMax = 10_000
  private static let hunkBytesMax = 64 << 10

  /// What a certificate says, where it differs in the hunks alone from what both sides agree on, and nothing else.
  static func known(_ resolutions: [AppliedResolution], in objects: Repository?) -> RecordedResolutions {
    { file in
      guard let objects,
        let known = resolutions.first(where: {
          $0.path == file.path && $0.method == .recorded && $0.commit == file.commit
        })
      else { return nil }
      let content = try objects.blob(known.content, sizeMax: ConflictedText.sizeMax)
      return file.text.resolutions(in: content) == nil ? nil : content
    }
  }

  /// The file with each hunk as it was settled before; nil where one never was.
  func settled(_ file: ConflictedFile) throws -> [UInt8]? {
    guard let tip = try objects.tip(of: SluiceRef.resolutions) else { return nil }
    let tree = try objects.commit(tip).tree
    var settled: [[UInt8]] = []
    for hunk in file.text.hunks {
      guard let entry = try objects.entry(at: Self.place(of: hunk, in: file.path), in: tree) else { return nil }
      settled.append(try objects.blob(entry.id, sizeMax: Self.hunkBytesMax))
    }
    var next = settled.makeIterator()
    let text = file.text.resolved { _ in next.next() }
    // A landing and an audit must be able to tell the hunks from the rest again.
    return text.flatMap { file.text.resolutions(in: $0) == nil ? nil : $0 }
  }

  /// The edits that note how the hunks of a file were settled in a text that landed; none where that cannot be told.
  func edits(noting text: [UInt8], as file: ConflictedFile, in tree: ObjectID) throws -> [TreeEdit] {
    guard let settled = file.text.resolutions(in: text) else { return [] }
    var edits: [TreeEdit] = []
    for (hunk, lines) in zip(file.text.hunks, settled) where lines.count <= Self.hunkBytesMax {
      let place = Self.place(of: hunk, in: file.path)
      guard try objects.entry(at: place, in: tree) == nil, !edits.contains(where: { $0.path == place }) else {
        continue
      }
      edits.append(TreeEdit(place, .init(mode: .file, id: try objects.write(lines, as: .blob))))
    }
    return edits
  }

  /// Whether as many are kept as ever will be.
  func isFull(_ tree: ObjectID) throws -> Bool {
    var count = 0
    for folder in try objects.tree(tree) { count += try objects.tree(folder.id).count }
    return count >= Self.entriesMax
  }

  /// The name of a hunk at a path, whichever side is whose.
  private static func place(of hunk: ConflictedText.Hunk, in path: TreePath) -> TreePath {
    let sides = [hunk.ours.bytes, hunk.theirs.bytes].sorted { $0.lexicographicallyPrecedes($1) }
    var text: [UInt8] = Array("sluice hunk 1\n".utf8)
    for part in [path.bytes, hunk.base.bytes] + sides { text += Array("\(part.count):".utf8) + part }
    let name = SHA256.text(text)
    return TreePath("\(name.prefix(2))/\(name.dropFirst(2))")
  }
}
