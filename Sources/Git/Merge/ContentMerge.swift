import CLibGit2
import Domain
import Glibc

/// Merges the lines of three versions of a file as git does, or says why not.
enum ContentMerge {
  enum Answer {
    case merged([UInt8])
    case doubt(MergeDoubt.Reason)
  }

  /// Larger files are git's to merge.
  static let sizeMax = 8 * 1024 * 1024

  /// Merges twice, with two ways of matching lines, and believes only what both agree on.
  ///
  /// Git matches lines by histogram, which libgit2 has not; where two other ways find the same result, so does git's.
  static func merge(base: [UInt8], ours: [UInt8], theirs: [UInt8]) throws(GitError) -> Answer {
    guard !isBinary(base), !isBinary(ours), !isBinary(theirs) else { return .doubt(.binary) }
    let flags = [GIT_MERGE_FILE_DEFAULT, GIT_MERGE_FILE_DIFF_PATIENCE].map(\.rawValue)
    let first = try merge(base, ours, theirs, flags: flags[0])
    guard let first else { return .doubt(.content) }
    guard try merge(base, ours, theirs, flags: flags[1]) == first else { return .doubt(.ambiguousContent) }
    return .merged(first)
  }

  /// Whether git takes the content for binary: a NUL among its first 8,000 bytes.
  static func isBinary(_ content: [UInt8]) -> Bool { content.prefix(8_000).contains(0) }

  /// The merged content; nil for a conflict.
  private static func merge(
    _ base: [UInt8], _ ours: [UInt8], _ theirs: [UInt8], flags: UInt32
  ) throws(GitError) -> [UInt8]? {
    var options = git_merge_file_options()
    git_merge_file_options_init(&options, UInt32(GIT_MERGE_FILE_OPTIONS_VERSION))
    options.flags = flags
    var result = git_merge_file_result()
    let code = base.withUnsafeBytes { base in
      ours.withUnsafeBytes { ours in
        theirs.withUnsafeBytes { theirs in
          var ancestor = input(base)
          var one = input(ours)
          var two = input(theirs)
          return git_merge_file(&result, &ancestor, &one, &two, &options)
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
