import Domain
import Glibc

/// A small file of the administrator's.
enum PrivateFile {
  private static let bytesMax = 1 << 20

  /// Reads it; what is secret must be readable by its owner alone.
  static func read(_ path: String, key: String, isSecret: Bool) throws(UpstreamFailure) -> String {
    if isSecret { try demandSecrecy(of: path, key: key) }
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      throw UpstreamFailure("\(path) (\(key)) cannot be read: \(String(cString: strerror(errno)))")
    }
    defer { close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = Glibc.read(file, &buffer, buffer.count)
      guard count >= 0, bytes.count <= bytesMax else { throw UpstreamFailure("\(path) (\(key)) cannot be read") }
      guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
      bytes += buffer[..<count]
    }
  }

  static func demandSecrecy(of path: String, key: String) throws(UpstreamFailure) {
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw UpstreamFailure("\(path) (\(key)) cannot be read: \(String(cString: strerror(errno)))")
    }
    guard status.st_mode & 0o077 == 0 else {
      throw UpstreamFailure("\(path) (\(key)) can be read by others: chmod 600 \(path)")
    }
  }
}
