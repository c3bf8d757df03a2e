import Domain
import Glibc
import Processes

/// The output of a command: the first and the last part of it go to a log file, the last lines to the report.
struct KeptOutput: ~Copyable {
  /// Bytes kept at the head, and as many at the tail.
  private let partMax: Int
  private let path: String?
  private var log: Descriptor?
  private var total = 0
  private var recent: [UInt8] = []

  private static let linesMax = 20
  private static let lineMax = 300

  init(path: String?, partMax: Int = 1 << 20) {
    self.path = path
    self.partMax = partMax
  }

  /// Takes what the command has written.
  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    if total < partMax { write(bytes.prefix(partMax - total)) }
    total += bytes.count
    recent += bytes
    if recent.count > 2 * partMax { recent.removeFirst(recent.count - partMax) }
  }

  /// Completes the log.
  mutating func finish() {
    let past = total - partMax
    guard past > 0 else { return }
    let tail = recent.suffix(min(past, partMax))
    if past > tail.count { write(Array("\n[sluice: \(past - tail.count) bytes of output are left out here]\n".utf8)) }
    write(tail)
  }

  /// The last lines, controls taken out.
  func lastLines() -> [String] { OutputLines.last(Self.linesMax, of: recent[...], lineMax: Self.lineMax) }

  private mutating func write(_ bytes: some Collection<UInt8>) {
    guard let path, !bytes.isEmpty else { return }
    // A log that cannot be written must not decide about a candidate.
    do {
      if log == nil { log = try Descriptor(opening: path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW) }
      try log?.write(bytes)
    } catch {}
  }
}
