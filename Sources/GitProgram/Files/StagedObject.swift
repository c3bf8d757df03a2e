package import Domain
import Glibc
import Processes

/// An object that is being written: on its way to the disk, without its name yet.
package final class StagedObject {
  package let id: ObjectID
  private let path: String
  /// Nil where the object is there already.
  private let file: StagedFile?
  private let leavesSync: Bool

  /// - Parameter leavesSync: whether the caller makes the file system durable afterwards.
  init(_ object: LooseObject, in repository: String, leavesSync: Bool) throws(SystemError) {
    id = object.id
    self.leavesSync = leavesSync
    let folder = "\(repository)/objects/\(object.id.hex.prefix(2))"
    path = "\(folder)/\(object.id.hex.dropFirst(2))"
    guard access(path, F_OK) != 0 else {
      file = nil
      return
    }
    mkdir(folder, 0o777)
    // git prunes leftovers of this name.
    file = try StagedFile("\(folder)/tmp_obj_sluice", object.compressed, mode: 0o444)
  }

  /// Gives the object its name, so that refs may point at it.
  func finish() throws(SystemError) {
    try file?.settle(leavesSync: leavesSync)
    try file?.place(at: path)
  }
}
