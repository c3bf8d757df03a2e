import CLibGit2
package import Domain

/// Objects that exist in memory only: a candidate that never lands leaves nothing in the repository.
package struct PendingObjects: Sendable {
  package struct Object: Sendable {
    package let id: ObjectID
    package let kind: ObjectKind
    package let bytes: [UInt8]
  }

  /// Parts before what holds them.
  package private(set) var inOrder: [Object] = []
  private var places: [ObjectID: Int] = [:]

  package init() {}

  package var isEmpty: Bool { inOrder.isEmpty }

  package subscript(id: ObjectID) -> Object? { places[id].map { inOrder[$0] } }

  /// Takes an object in and gives the id that it will have in the repository.
  package mutating func add(_ bytes: [UInt8], as kind: ObjectKind) throws(GitError) -> ObjectID {
    let id = try Self.id(of: bytes, as: kind)
    insert(Object(id: id, kind: kind, bytes: bytes))
    return id
  }

  /// Takes in all that another one holds.
  package mutating func add(_ others: PendingObjects) {
    for object in others.inOrder { insert(object) }
  }

  static func id(of bytes: [UInt8], as kind: ObjectKind) throws(GitError) -> ObjectID {
    var oid = git_oid()
    let code = bytes.withUnsafeBytes { git_odb_hash(&oid, $0.baseAddress, $0.count, kind.raw) }
    guard code == 0, let id = ObjectID(oid) else { throw .lastFailure(of: "hash a \(kind.rawValue)") }
    return id
  }

  private mutating func insert(_ object: Object) {
    guard places[object.id] == nil else { return }
    places[object.id] = inOrder.count
    inOrder.append(object)
  }
}
