import Domain
import Glibc
import Processes

/// Why a secret cannot be used; nothing is sent without it.
package struct SecretError: Error {
  package let words: String
}

/// A file of secrets that its owner alone can read, outside the repository.
package struct SecretFile {
  private let path: String
  private let repository: String
  private static let bytesMax = 64 << 10

  /// - Parameter repository: the bare repository, absolute and without links.
  package init(path: String, repository: String) {
    self.path = path
    self.repository = repository
  }

  /// Whether it can be used; says why where it cannot.
  package func examine() throws(SecretError) { _ = try read() }

  /// Reads the keys anew, so that they can be changed while a worker runs.
  func read() throws(SecretError) -> WebhookKeys {
    let bytes: [UInt8]?
    do throws(SystemError) {
      let file = try Descriptor(opening: path, O_RDONLY | O_NONBLOCK)
      try demandPrivate(file)
      bytes = try file.readAll(max: Self.bytesMax)
    } catch { throw SecretError(words: "the file of secrets \(path): \(error)") }
    guard let bytes, let keys = WebhookKeys(text: String(decoding: bytes, as: UTF8.self)) else {
      throw SecretError(words: "the file of secrets \(path): expected lines of whsec_ and base64 of 24 to 64 bytes")
    }
    return keys
  }

  private func demandPrivate(_ file: borrowing Descriptor) throws(SystemError) {
    var status = stat()
    guard fstat(file.number, &status) == 0 else { throw SystemError("cannot look at it") }
    guard status.st_mode & S_IFMT == S_IFREG else { throw SystemError("it is no file", code: EINVAL) }
    guard status.st_mode & 0o077 == 0 else {
      throw SystemError("others may read or write it (chmod 600)", code: EPERM)
    }
    guard let real = realpath(path, nil) else { throw SystemError("cannot find it") }
    defer { free(real) }
    guard !String(cString: real).hasPrefix(repository + "/") else {
      throw SystemError("it lies inside the repository", code: EPERM)
    }
  }
}
