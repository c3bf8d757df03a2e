import Domain
import Glibc
import Processes

/// Where refs stand, read straight from a repository's own files.
struct RefFiles {
  enum Place: Hashable {
    case at(ObjectID)
    case missing
    /// Git has to be asked.
    case unusual
  }

  let repository: String

  /// Where a ref stands, by its full name.
  func place(of ref: String) -> Place {
    let loose = loose(ref)
    // A ref that is packed meanwhile leaves its own file last: in this order it is seen in one of the two.
    guard loose == .missing else { return loose }
    guard access("\(repository)/reftable", F_OK) != 0 else { return .unusual }
    switch PackedRefs.open(repository) {
    case .refs(let packed): return packed.place(of: ref)
    case .missing: return .missing
    case .unusual: return .unusual
    }
  }

  /// Where a ref's own file says that it stands.
  func loose(_ ref: String) -> Place {
    let path = "\(repository)/\(ref)"
    let number = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard number >= 0 else { return errno == ENOENT ? .missing : .unusual }
    let file = Descriptor(owning: number)
    // `ref: …` is not 40 digits, and a folder is not read at all.
    guard let bytes = file.read(max: 256, at: 0), bytes.count == 41, bytes[40] == 10,
      let id = ObjectID(hexBytes: bytes[..<40])
    else { return .unusual }
    return .at(id)
  }
}
