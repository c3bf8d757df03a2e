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

  /// Merges by libgit2 and believes it only where both sides changed different stretches of the file.
  ///
  /// Git matches lines by histogram, which libgit2 has not. Between the first and the last line that a side changed the
  /// two may match lines differently; outside they cannot.
  static func merge(base: [UInt8], ours: [UInt8], theirs: [UInt8]) throws(GitError) -> Answer {
    guard !isBinary(base), !isBinary(ours), !isBinary(theirs) else { return .doubt(.binary) }
    guard let merged = try mergedByLibGit2(base, ours, theirs) else { return .doubt(.content) }
    let one = stretch(of: ours, on: base)
    let two = stretch(of: theirs, on: base)
    guard one.upperBound < two.lowerBound || two.upperBound < one.lowerBound else { return .doubt(.ambiguousContent) }
    return .merged(merged)
  }

  /// Whether git takes the content for binary: a NUL among its first 8,000 bytes.
  static func isBinary(_ content: [UInt8]) -> Bool { content.prefix(8_000).contains(0) }

  /// The lines of the base in which all changes lie, wherever equal lines let them slide to.
  private static func stretch(of side: [UInt8], on base: [UInt8]) -> Range<Int> {
    let old = base.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let new = side.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let head = zip(old, new).prefix { $0 == $1 }.count
    let tail = zip(old.reversed(), new.reversed()).prefix { $0 == $1 }.count
    return min(head, old.count - tail)..<max(head, old.count - tail)
  }

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
