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

  private static func user(_ uid: UInt32, in text: String) -> UnixUser? {
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: ":", omittingEmptySubsequences: false)
      guard fields.count >= 7, fields[2] == "\(uid)", !fields[0].isEmpty else { continue }
      return UnixUser(name: String(fields[0]), home: String(fields[5]))
    }
    return nil
  }

  private static func file() -> String {
    do {
      let file = try Descriptor(opening: "/etc/passwd", O_RDONLY)
      return String(decoding: try file.readAll(max: 4 << 20) ?? [], as: UTF8.self)
    } catch { return "" }
  }

  private static func answer(for uid: UInt32) -> String {
    do {
      let pipe = try Descriptor.pipe()
      var command = Command("/usr/bin/getent", ["passwd", "\(uid)"], environment: ["PATH=/usr/bin:/bin"])
      command.hasOwnSession = true
      command.diesWithParent = true
      var child = try ChildProcess(command, descriptors: [-1, pipe.writing.number, -1])
      let output = pipe.keepReading()
      let bytes = try output.readAll(max: 65_536) ?? []
      return child.wait().isSuccess ? String(decoding: bytes, as: UTF8.self) : ""
    } catch { return "" }
  }
}
