import Glibc
import Processes
import Testing

@Suite struct ExchangeTests {
  private func run(
    _ script: String, sending input: [UInt8] = [], outputMax: Int = 64 << 20
  ) throws -> (Exchange, Exit) {
    signal(SIGPIPE, SIG_IGN)
    let toChild = try Descriptor.pipe()
    let fromChild = try Descriptor.pipe()
    let messages = try Descriptor.pipe()
    var child = try ChildProcess(
      Command("/bin/sh", ["-c", script], environment: ["PATH=/usr/bin:/bin"]),
      descriptors: [toChild.reading.number, fromChild.writing.number, messages.writing.number])
    var feed: Descriptor? = toChild.keepWriting()
    var exchange = Exchange(sending: input, outputMax: outputMax)
    try exchange.run(feeding: &feed, output: fromChild.keepReading(), messages: messages.keepReading())
    return (exchange, child.wait())
  }

  @Test func `more than any pipe holds goes both ways, with as much beside it`() throws {
    let input = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
    let (exchange, exit) = try run("head -c 1000000 /dev/zero >&2; cat; head -c 1000000 /dev/zero >&2", sending: input)
    #expect(exit.isSuccess)
    #expect(exchange.output == input)
    #expect(exchange.messages.count == 65_536)
  }

  @Test func `a child that does not read what it is sent ends as it likes`() throws {
    let (exchange, exit) = try run("echo enough; exit 3", sending: [UInt8](repeating: 1, count: 1_000_000))
    #expect(exit == .status(3))
    #expect(exchange.output == Array("enough\n".utf8))
  }

  @Test func `a child that prints too much is not listened to`() {
    #expect(throws: SystemError("a program printed too much", code: EFBIG)) {
      try run("cat /dev/zero", outputMax: 100_000)
    }
  }
}
