import Glibc

/// Users of this machine.
enum Account {
  /// The name of a user, or the number where nobody has it.
  static func name(of user: UInt32) -> String {
    guard let entry = getpwuid(user) else { return "user \(user)" }
    return String(cString: entry.pointee.pw_name)
  }
}
