import Domain
import Processes

/// git's packet lines: four hex digits of length, then the bytes; `0000` ends a list.
struct PktLine {
  private var buffer: [UInt8] = []
  private var position = 0

  /// The next packet; nil for the flush that ends a list.
  ///
  /// - Throws: where the input ends or a length is none.
  /// - Source: gitprotocol-common(5), "pkt-line Format".
  mutating func next(from input: borrowing Descriptor) throws(Refusal) -> [UInt8]? {
    let digits = String(decoding: try take(4, from: input), as: UTF8.self)
    guard let length = Int(digits, radix: 16), length == 0 || (4...65_520).contains(length) else {
      throw Refusal(.infrastructure, "git's packet has the length \(Printable.line(digits, max: 20))")
    }
    guard length > 0 else { return nil }
    var bytes = try take(length - 4, from: input)
    if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    return bytes
  }

  static let flush = Array("0000".utf8)

  static func packet(_ text: String) -> [UInt8] { packet(Array(text.utf8)) }

  static func packet(_ content: [UInt8]) -> [UInt8] {
    let bytes = content.prefix(65_000) + [UInt8(ascii: "\n")]
    let length = String(bytes.count + 4, radix: 16)
    return Array((String(repeating: "0", count: 4 - length.utf8.count) + length).utf8) + bytes
  }

  private mutating func take(_ count: Int, from input: borrowing Descriptor) throws(Refusal) -> [UInt8] {
    while buffer.count - position < count {
      buffer.removeFirst(position)
      position = 0
      let chunk: [UInt8]
      do { chunk = try input.read(max: 65_536) } catch { throw Refusal(.infrastructure, "\(error)") }
      guard !chunk.isEmpty else { throw Refusal(.infrastructure, "git has gone") }
      buffer += chunk
    }
    defer { position += count }
    return Array(buffer[position..<(position + count)])
  }
}
