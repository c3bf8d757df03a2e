import Domain
import Processes

/// Speaks to `git receive-pack` without git's own client, which would never send such names.
enum RawClient {
  struct Command {
    var old = String(repeating: "0", count: 40)
    var new: String
    var ref: [UInt8]

    init(_ new: String, _ ref: String) {
      self.new = new
      self.ref = Array(ref.utf8)
    }

    init(_ new: String, _ ref: [UInt8]) {
      self.new = new
      self.ref = ref
    }
  }

  static let none = String(repeating: "0", count: 40)

  /// Sends the commands with a pack without objects, and gives what the server said.
  static func push(_ commands: [Command], options: [String] = [], to world: World) throws -> Finished {
    let capabilities = "report-status atomic push-options agent=raw"
    var bytes: [UInt8] = []
    for (index, command) in commands.enumerated() {
      let tail = index == 0 ? Array("\0 \(capabilities)".utf8) : []
      bytes += packet(Array("\(command.old) \(command.new) ".utf8) + command.ref + tail)
    }
    bytes += Array("0000".utf8)
    for option in options { bytes += packet(Array(option.utf8)) }
    bytes += Array("0000".utf8)
    // A pack of version 2 without objects, and its hash.
    bytes += Array("PACK".utf8) + [0, 0, 0, 2, 0, 0, 0, 0]
    bytes += [
      0x02, 0x9d, 0x08, 0x82, 0x3b, 0xd8, 0xa8, 0xea, 0xb5, 0x10, 0xad, 0x6a, 0xc7, 0x5c, 0x82, 0x3c, 0xfd, 0x3e, 0xd3,
      0x1e,
    ]
    return try Shell.run(["git-receive-pack", world.server], in: world.folder, input: bytes)
  }

  private static func packet(_ bytes: [UInt8]) -> [UInt8] {
    let length = String(bytes.count + 4, radix: 16)
    return Array((String(repeating: "0", count: 4 - length.utf8.count) + length).utf8) + bytes
  }
}
