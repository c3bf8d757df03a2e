import Domain
import Processes

/// The standard input of `pre-receive` and `post-receive`.
struct ReceivedLines: Sendable {
  /// As it came, for the scripts that are chained.
  let bytes: [UInt8]
  let updates: [ReceivedUpdate]

  /// Far above what any push lists; a longer list is not held in memory.
  private static let bytesMax = 64 << 20

  /// Reads to the end, also what will be refused: git would otherwise be killed by a closed pipe.
  init(reading input: borrowing Descriptor) throws(Refusal) {
    var bytes: [UInt8] = []
    var isTooLong = false
    do {
      while case let chunk = try input.read(max: 65_536), !chunk.isEmpty {
        isTooLong = isTooLong || bytes.count + chunk.count > Self.bytesMax
        if !isTooLong { bytes += chunk }
      }
    } catch { throw Refusal(.infrastructure, "the list of pushed refs is not readable: \(error)") }
    guard !isTooLong else { throw Refusal(.limitExceeded, "the list of pushed refs is too long") }
    guard !bytes.isEmpty else { throw Refusal(.infrastructure, "git tells no ref: standard input is empty or closed") }
    try self.init(bytes: bytes)
  }

  init(bytes: [UInt8]) throws(Refusal) {
    self.bytes = bytes
    var updates: [ReceivedUpdate] = []
    for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true) {
      guard let update = ReceivedUpdate(line: line) else {
        let shown = Printable.line(String(decoding: line, as: UTF8.self), max: 120)
        throw Refusal(.invalidPush, "git reports a ref update that is none: \(shown)")
      }
      updates.append(update)
    }
    self.updates = updates
  }
}
