/// What a policy or an administrator has looked at and takes for no secret.
package struct SecretAllowance: Hashable, Sendable {
  private let paths: CheckInputs
  private let fingerprints: Set<String>

  /// Takes entries as they are written: 64 hexadecimal digits are a finding's fingerprint, all else is a glob of paths.
  package init(_ entries: [String]) {
    let isFingerprint = { (entry: String) in entry.utf8.count == 64 && entry.utf8.allSatisfy(ByteSet.lowerHex.contains)
    }
    fingerprints = Set(entries.filter(isFingerprint))
    paths = CheckInputs(globs: entries.filter { !isFingerprint($0) })
  }

  func covers(_ path: TreePath) -> Bool { paths.match(path) }
  /// Whether a finding, of whatever scan, is known to be none.
  package func covers(_ finding: Finding) -> Bool {
    fingerprints.contains(finding.fingerprint) || finding.path.map { paths.match(TreePath($0)) } ?? false
  }
}
