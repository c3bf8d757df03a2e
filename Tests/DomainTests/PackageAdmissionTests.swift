import Domain
import Testing

@Suite struct PackageAdmissionTests {
  private let side = TreeChange.Side(mode: .file, id: .emptyTree)

  private func modified(_ path: String) -> TreeChange { TreeChange(path: TreePath(path), old: side, new: side) }
  private func added(_ path: String) -> TreeChange { TreeChange(path: TreePath(path), old: nil, new: side) }
  private func deleted(_ path: String) -> TreeChange { TreeChange(path: TreePath(path), old: side, new: nil) }

  @Test func `lists that equal the difference are no violation, in any order and without the package itself`() {
    let declared = WorkPackage.Changes(modified: ["b", "a"], added: ["new"], deleted: ["old"])
    let actual = [added(".sluice/package.json"), modified("a"), modified("b"), added("new"), deleted("old")]
    #expect(PackageAdmission.compare(declared: declared, actual: actual).isEmpty)
  }

  @Test func `each path on a wrong side is named`() {
    let declared = WorkPackage.Changes(modified: ["untouched", "really-new"], added: [], deleted: ["kept"])
    let odd = TreeChange(path: TreePath(bytes: [0x61, 0xFF]), old: nil, new: side)
    let actual = [added("really-new"), modified("kept"), modified("forgotten"), odd]
    let violations = PackageAdmission.compare(declared: declared, actual: actual)
    #expect(
      violations.map(\.description) == [
        "/changes/files_modified/0: expected only files that the work changes, found \"untouched\"",
        "/changes/files_modified/1: expected it in files_added, because the work adds it, found \"really-new\"",
        "/changes/files_deleted/0: expected it in files_modified, because the work modifies it, found \"kept\"",
        "/changes/files_modified: expected \"forgotten\", because the work modifies it, found no such path",
        "/changes/files_added: expected paths in UTF-8, because JSON can name no others, found \"a\u{FFFD}\" changed",
      ])
    #expect(violations.allSatisfy { $0.category == .undeclaredChanges })
    #expect(Refusal(violations: violations).category == .undeclaredChanges)
  }
}
