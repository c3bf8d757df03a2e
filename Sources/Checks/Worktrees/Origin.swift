import Glibc
import Processes

/// Where and how folders were written; what has another origin is not trusted.
///
/// Files of an earlier boot may have lost their content with the power, and another user's files cannot be changed by a
/// command.
struct Origin: Hashable, Sendable {
  private let number: UInt32

  /// Eight hex digits.
  var text: String { Hexadecimal.text(number) }

  init?(_ text: some StringProtocol) {
    guard let number = Hexadecimal.number(text) else { return nil }
    self.number = number
  }

  /// The origin of what is written from now on.
  init(of sandbox: Sandbox) {
    let parts = "\(Self.boot())\n\(sandbox.uid)\n\(sandbox.mode)"
    // FNV-1a: nobody chooses these words, so that they only have to be told apart.
    number = parts.utf8.reduce(2_166_136_261) { ($0 ^ UInt32($1)) &* 16_777_619 }
  }

  /// A word that is another after each start of the host; where the kernel has none, one of this process alone.
  private static func boot() -> String {
    do {
      let file = try Descriptor(opening: "/proc/sys/kernel/random/boot_id", O_RDONLY)
      if let bytes = try file.readAll(max: 1_000), !bytes.isEmpty { return String(decoding: bytes, as: UTF8.self) }
    } catch {}
    return "\(getpid()) \(UInt64.random(in: 0...UInt64.max))"
  }
}

/// Numbers of 32 bits as eight hex digits.
enum Hexadecimal {
  static func text(_ number: UInt32) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  static func number(_ text: some StringProtocol) -> UInt32? {
    guard text.utf8.count == 8, text.utf8.allSatisfy({ $0 != UInt8(ascii: "+") }) else { return nil }
    return UInt32(text, radix: 16)
  }
}
