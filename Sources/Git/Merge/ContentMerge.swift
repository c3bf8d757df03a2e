import CLibGit2

/// Merges the lines of three versions of a file as git does, or says why not.
enum ContentMerge {
  enum Answer {
    case merged([UInt8])
    case doubt(MergeDoubt.Reason)
  }

  /// Larger files are git's to merge, in a process of its own that can be ended.
  static let sizeMax = 1024 * 1024

  /// Merges as git does, matching lines by histogram, and asks libgit2, which matches them in another way, to agree.
  ///
  /// Where lines are rare both find the same; where they repeat, two independent merges that agree are hardly wrong.
  static func merge(base: [UInt8], ours: [UInt8], theirs: [UInt8]) throws(GitError) -> Answer {
    guard !isBinary(base), !isBinary(ours), !isBinary(theirs) else { return .doubt(.binary) }
    guard let merged = LineMerge(base: base, ours: ours, theirs: theirs).merged() else { return .doubt(.content) }
    guard try mergedByLibGit2(base, ours, theirs) == merged else { return .doubt(.ambiguousContent) }
    return .merged(merged)
  }

  /// Whether git takes the content for binary: a NUL among its first 8,000 bytes.
  static func isBinary(_ content: [UInt8]) -> Bool { content.prefix(8_000).contains(0) }

  /// The merged content; nil for a conflict.
  private static func mergedByLibGit2(
    _ base: [UInt8], _ ours: [UInt8], _ theirs: [UInt8]
  ) throws(GitError) -> [UInt8]? {
    var result = git_merge_file_result()
    let code = base.withUnsafeBytes { base in
      ours.withUnsafeBytes { ours in
        theirs.withUnsafeBytes { theirs in
          var ancestor = input(base)
          var one = input(ours)
          var two = input(theirs)
          return git_merge_file(&result, &ancestor, &one, &two, nil)
        }
      }
    }
    guard code == 0 else { throw .lastFailure(of: "merge the lines of a file") }
    defer { git_merge_file_result_free(&result) }
    guard result.automergeable == 1 else { return nil }
    return Array(UnsafeRawBufferPointer(start: result.ptr, count: result.len))
  }

  private static func input(_ content: UnsafeRawBufferPointer) -> git_merge_file_input {
    var input = git_merge_file_input()
    git_merge_file_input_init(&input, UInt32(GIT_MERGE_FILE_INPUT_VERSION))
    input.ptr = content.baseAddress?.assumingMemoryBound(to: CChar.self)
    input.size = content.count
    return input
  }
}
