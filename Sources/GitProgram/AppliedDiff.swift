package import Domain

package struct AppliedDiff {
  package init(git: GitProgram, scratch: String) {}
  package func apply<R: ObjectReader>(_ diff: [UInt8], to tree: ObjectID, in reader: inout R) throws -> [TreeChange] {
    []
  }
}
