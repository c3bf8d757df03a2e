import Domain
import Glibc
import Processes

/// The names of log files, and how they begin.
package enum CheckLog {
  /// A check's name as a file name: what is not a letter, a digit, `.`, `_` or `-` becomes `%` and two hex digits.
  package static func fileName(_ check: String) -> String {
    var name = ""
    for byte in check.utf8.prefix(80) {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
        name.unicodeScalars.append(Unicode.Scalar(byte))
      case UInt8(ascii: ".") where !name.isEmpty: name += "."
      default: name += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }
    }
    return name + ".log"
  }

  /// The first lines of a log, safe to print; none where there is no such file.
  package static func firstLines(ofFile path: String) -> [String] {
    do {
      let file = try Descriptor(opening: path, O_RDONLY | O_NOFOLLOW)
      return OutputLines.first(linesMax, of: try file.read(max: 64 << 10)[...], lineMax: 300)
    } catch { return [] }
  }

  private static let linesMax = 20
}
