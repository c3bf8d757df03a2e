import Glibc

/// A user of this system.
package struct UnixUser: Hashable, Sendable {
  package let name: String
  package let home: String

  /// Finds a user by number: in `/etc/passwd`, else by asking `getent`, which knows the directory services.
  ///
  /// A statically linked program cannot use the C library's own look-up safely: it loads plug-ins.
  package init?(uid: UInt32) {
    guard let found = Self.user(uid, in: Self.file()) ?? Self.user(uid, in: Self.answer(for: uid)) else { return nil }
    self = found
  }

  private init(name: String, home: String) {
    self.name = name
    self.home = home
  }

  private static func user(_ uid: UInt32, in list: [UInt8]) -> UnixUser? {
    let wanted = Array("\(uid)".utf8)[...]
    for line in list.split(separator: UInt8(ascii: "\n")) {
      let fields = line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
      guard fields.count >= 7, fields[2] == wanted, !fields[0].isEmpty else { continue }
      return UnixUser(
        name: String(decoding: fields[0], as: UTF8.self), home: String(decoding: fields[5], as: UTF8.self))
    }
    return nil
  }

  private static func file() -> [UInt8] {
    do {
      let file = try Descriptor(opening: "/etc/passwd", O_RDONLY)
      return try file.readAll(max: 4 << 20) ?? []
    } catch { return [] }
  }

  private static func answer(for uid: UInt32) -> [UInt8] {
    do {
      let pipe = try Descriptor.pipe()
      var command = Command("/usr/bin/getent", ["passwd", "\(uid)"], environment: ["PATH=/usr/bin:/bin"])
      command.hasOwnSession = true
      command.diesWithParent = true
      var child = try ChildProcess(command, descriptors: [-1, pipe.writing.number, -1])
      let output = pipe.keepReading()
      let bytes = try output.readAll(max: 65_536) ?? []
      return child.wait().isSuccess ? bytes : []
    } catch { return [] }
  }
}
