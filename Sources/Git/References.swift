import CLibGit2
package import Domain

extension Repository {
  /// The refs whose names begin with `prefix`, which ends in a slash, in the order of their names.
  package func references(under prefix: String) throws(GitError) -> [(name: String, id: ObjectID)] {
    var iterator: OpaquePointer?
    guard git_reference_iterator_glob_new(&iterator, handle, prefix + "*") == 0 else {
      throw .lastFailure(of: "list \(prefix)")
    }
    defer { git_reference_iterator_free(iterator) }
    var found: [(name: String, id: ObjectID)] = []
    var reference: OpaquePointer?
    while true {
      let code = git_reference_next(&reference, iterator)
      if code == GIT_ITEROVER.rawValue { break }
      guard code == 0 else { throw .lastFailure(of: "list \(prefix)") }
      defer { git_reference_free(reference) }
      // A ref that vanishes between listing and reading was not there.
      guard let target = git_reference_target(reference), let name = git_reference_name(reference) else { continue }
      if let id = ObjectID(target.pointee) { found.append((String(cString: name), id)) }
    }
    return found.sorted { $0.name < $1.name }
  }
}
