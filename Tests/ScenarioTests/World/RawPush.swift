import Foundation

/// A client that speaks the receive-pack protocol byte by byte, so that it can lie.
struct RawPush: Sendable {
  static let zero = String(repeating: "0", count: 40)

  var commands: [(old: String, new: String, ref: [UInt8])]
  var options: [[UInt8]]? = []
  /// The pack; an empty one where nil.
  var pack: [UInt8]?
  var capabilities = "report-status push-options agent=raw"

  init(_ commands: [(old: String, new: String, ref: String)]) {
    self.commands = commands.map { ($0.old, $0.new, Array($0.ref.utf8)) }
  }

  /// Sends it to a repository's receive-pack.
  func send(to server: TestServer) async throws -> Output {
    var bytes: [UInt8] = []
    for (index, command) in commands.enumerated() {
      let tail = index == 0 ? [0] + Array(" \(capabilities)".utf8) : []
      bytes += Self.packet(Array("\(command.old) \(command.new) ".utf8) + command.ref + tail)
    }
    bytes += Array("0000".utf8)
    if let options { bytes += options.flatMap(Self.packet) + Array("0000".utf8) }
    return try await Self.send(bytes + (pack ?? Self.emptyPack), to: server)
  }

  /// Sends bytes as they are.
  static func send(_ bytes: [UInt8], to server: TestServer) async throws -> Output {
    try await Program.run(
      Git.path, ["receive-pack", server.repository],
      environment: Git.environment.merging(["SLUICE_USER": "alice"]) { $1 }, input: bytes, seconds: 60)
  }

  static func packet(_ data: [UInt8]) -> [UInt8] {
    let size = String(data.count + 4, radix: 16)
    return Array((String(repeating: "0", count: 4 - size.count) + size).utf8) + data
  }

  /// A pack of no objects: its header and the SHA-1 of that.
  static let emptyPack: [UInt8] =
    Array("PACK".utf8) + [0, 0, 0, 2, 0, 0, 0, 0] + [
      0x02, 0x9d, 0x08, 0x82, 0x3b, 0xd8, 0xa8, 0xea, 0xb5, 0x10, 0xad, 0x6a, 0xc7, 0x5c, 0x82, 0x3c, 0xfd, 0x3e, 0xd3,
      0x1e,
    ]
}
