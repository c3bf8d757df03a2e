import CLibGit2
package import Domain

extension Repository {
  /// Names the change between two trees so that it has the same name on another base.
  ///
  /// - Shape: Sluice's own, not that of `git patch-id`. The SHA-1 (as of a blob) of a line for each changed path in byte
  ///   order: length and bytes of the path, old and new mode, and the hash of its content change. That is the added and
  ///   removed lines in order, `+` or `-` first, without white space, context and line numbers; for binary and very
  ///   large files, links and submodules it is the two ids.
  /// - Cost: follows the change, not the repository.
  /// - Bound: more than `changesMax` paths throws `.tooManyChanges`.
  package func patchID(from old: ObjectID, to new: ObjectID, changesMax: Int) throws(GitError) -> ObjectID {
    var patch = Array("sluice patch 1\n".utf8)
    for change in try changes(from: old, to: new, countMax: changesMax) {
      let modes = "\(change.old?.mode.octal ?? "0") \(change.new?.mode.octal ?? "0")"
      patch += Array("\(change.path.bytes.count) ".utf8) + change.path.bytes
      patch += Array(" \(modes) \(try contentChange(of: change))\n".utf8)
    }
    return try Self.contentDigest(of: patch)
  }

  /// The files that differ between two trees, in byte order of their paths.
  package func changes(
    from old: ObjectID, to new: ObjectID, countMax: Int
  ) throws(GitError) -> [TreeChange] {
    var reader = self
    do { return try TreeDifference.between(old, new, in: &reader, changesMax: countMax) } catch {
      switch error {
      case .unreadable(let failure): throw failure
      case .tooManyChanges(let max): throw .tooManyChanges(max: max)
      case .tooDeep(let path, _): throw .invalidPath(path)
      }
    }
  }

  private func contentChange(of change: TreeChange) throws(GitError) -> ObjectID {
    if let old = try text(of: change.old), let new = try text(of: change.new) {
      return try Self.contentDigest(of: LineChange.bytes(from: old, to: new))
    }
    let ids = "\(change.old?.id.hex ?? "none") \(change.new?.id.hex ?? "none")"
    return try Self.contentDigest(of: Array(ids.utf8))
  }

  /// The content to compare by lines, empty where there is no file; nil for what is compared by id only.
  private func text(of side: TreeChange.Side?) throws(GitError) -> [UInt8]? {
    guard let side else { return [] }
    guard side.mode != .submodule, side.mode != .symlink, try size(of: side.id) <= LineChange.sizeMax else {
      return nil
    }
    let content = try blob(side.id, sizeMax: LineChange.sizeMax)
    return ContentMerge.isBinary(content) ? nil : content
  }
}

/// The lines that differ between two texts.
private enum LineChange {
  static let sizeMax = 4 * 1024 * 1024

  /// Each removed or added line as `-` or `+`, its bytes without white space, and a line feed.
  static func bytes(from old: [UInt8], to new: [UInt8]) throws(GitError) -> [UInt8] {
    var options = git_diff_options()
    git_diff_options_init(&options, UInt32(GIT_DIFF_OPTIONS_VERSION))
    options.context_lines = 0
    options.interhunk_lines = 0
    options.flags = GIT_DIFF_FORCE_TEXT.rawValue
    // The patch refers to both texts and is read before they are let go.
    return try old.withUnsafeBytes { old in
      new.withUnsafeBytes { new in
        Result { () throws(GitError) in
          var patch: OpaquePointer?
          let code = git_patch_from_buffers(
            &patch, old.baseAddress, old.count, nil, new.baseAddress, new.count, nil, &options)
          guard code == 0, let patch else { throw .lastFailure(of: "compare the lines of a file") }
          defer { git_patch_free(patch) }
          return try lines(of: patch)
        }
      }
    }.get()
  }

  private static func lines(of patch: OpaquePointer) throws(GitError) -> [UInt8] {
    var bytes: [UInt8] = []
    for hunk in 0..<git_patch_num_hunks(patch) {
      for number in 0..<max(git_patch_num_lines_in_hunk(patch, hunk), 0) {
        var line: UnsafePointer<git_diff_line>?
        guard git_patch_get_line_in_hunk(&line, patch, hunk, Int(number)) == 0, let line else {
          throw .lastFailure(of: "read the lines of a change")
        }
        let sign = UInt8(bitPattern: line.pointee.origin)
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { continue }
        let content = UnsafeRawBufferPointer(start: line.pointee.content, count: line.pointee.content_len)
        bytes.append(sign)
        bytes += content.filter { !isSpace($0) }
        bytes.append(UInt8(ascii: "\n"))
      }
    }
    return bytes
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
}
