package import Domain

/// What a worktree is written from: trees, and the bytes of files.
package protocol TreeContent: ObjectReader {
  mutating func blob(_ id: ObjectID) throws(Failure) -> [UInt8]
}
