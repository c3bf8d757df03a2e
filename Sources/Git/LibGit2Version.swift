import CLibGit2

/// The libgit2 that this process runs with.
package enum LibGit2Version {
  /// `1.5.1`
  package static var text: String {
    var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
    git_libgit2_version(&major, &minor, &patch)
    return "\(major).\(minor).\(patch)"
  }
}
