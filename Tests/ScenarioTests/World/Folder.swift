import Foundation

/// A temporary folder that is removed with its last owner.
///
/// Checks run as another user where the tests run as root: the way down is open to everybody.
final class Folder: Sendable {
  let path: String

  init(in parent: String = NSTemporaryDirectory()) throws {
    var template = Array((parent + "/sluice-scenario.XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else { throw POSIXError(.EIO) }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self).replacing("//", with: "/")
    chmod(path, 0o755)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
