import Domain
import Processes

/// What git tells `proc-receive`: the refs of the push, framed, and the push options.
struct ReceiveSession: Sendable {
  let updates: [ReceivedUpdate]
  let options: [String]
  /// Whether the client asked for all refs or none.
  let isAtomic: Bool

  private static let updatesMax = 1_000_000
  private static let optionsMax = 100_000

  /// Agrees on the protocol's version and reads everything up to where git waits for answers.
  ///
  /// - Source: githooks(5), "proc-receive".
  init(_ input: borrowing Descriptor, _ answers: borrowing Descriptor) throws(Refusal) {
    var packets = PktLine()
    guard let greeting = try packets.next(from: input), greeting.starts(with: "version=1".utf8) else {
      throw Refusal(.infrastructure, "git speaks another version of the proc-receive protocol")
    }
    let capabilities = Set(
      String(decoding: greeting.drop { $0 != 0 }.dropFirst(), as: UTF8.self).split(separator: " ").map(String.init))
    while try packets.next(from: input) != nil {}
    // What is agreed to is sent, also where the client has none: git would write a list that nobody reads.
    let agreed = ["push-options", "atomic"].filter(capabilities.contains).joined(separator: " ")
    let answer = "version=1" + (agreed.isEmpty ? "" : "\0\(agreed)")
    do { try answers.write(PktLine.packet(Array(answer.utf8)) + PktLine.flush) } catch {
      throw Refusal(.infrastructure, "\(error)")
    }
    var updates: [ReceivedUpdate] = []
    while let line = try packets.next(from: input) {
      guard updates.count < Self.updatesMax, let update = ReceivedUpdate(line: line[...]) else {
        throw Refusal(.invalidPush, "git reports a ref update that is none")
      }
      updates.append(update)
    }
    var options: [String] = []
    if capabilities.contains("push-options") {
      while let option = try packets.next(from: input) {
        if options.count < Self.optionsMax { options.append(String(decoding: option, as: UTF8.self)) }
      }
    }
    self.updates = updates
    self.options = options
    isAtomic = capabilities.contains("atomic")
  }
}
