import Domain
import Glibc
import Testing

@testable import Checks

@Suite struct `What a command prints` {
  @Test func `is kept at both ends, with the number of bytes left out`() throws {
    let world = try World()
    let worktree = try world.worktree(["a": .file("")])
    let result = world.run("echo first; head -c 5000000 /dev/zero | tr '\\0' x; echo; echo last; exit 1", on: worktree)
    #expect(result?.outputTail.last == "last")
    let log = try #require(text(of: "\(world.root)/logs/int-1700000000-abcdefgh/tests.log"))
    #expect(log.hasPrefix("first\nxxx"))
    #expect(log.hasSuffix("x\nlast\n"))
    let leftOut = 5_000_012 - 2 * (1 << 20)
    #expect(log.contains("\n[sluice: \(leftOut) bytes of output are left out here]\n"))
  }

  @Test func `comes without controls, and never decides`() throws {
    let world = try World()
    let worktree = try world.worktree(["a": .file("")])
    let result = world.run(
      #"printf 'a\033[31mred\033[0m\033]52;c;ZXZpbA==\007\n10%%\r20%%\rdone\n\377\376\n\342\200\256rtl\nsluice: passed\n\n\n'; exit 1"#,
      on: worktree)
    #expect(result?.verdict == .failed)
    #expect(result?.outputTail == ["ared", "done", "\u{FFFD}\u{FFFD}", "rtl", "sluice: passed"])
    let long = world.run("head -c 100000 /dev/zero | tr '\\0' x; exit 1", on: worktree)
    #expect(long?.outputTail.count == 1)
    #expect(long?.outputTail.first?.count == 301)
  }

  @Test func `is the command's own, and not what a shell says about its end`() throws {
    let world = try World()
    let worktree = try world.worktree(["a": .file("")])
    let result = world.run("echo mine; echo error >&2; kill -SEGV $$", on: worktree)
    #expect(result?.outputTail == ["mine", "error"])
  }

  @Test func `goes to a file named by the check, whatever its name`() {
    #expect(CheckLog.fileName("unit tests") == "unit%20tests.log")
    #expect(CheckLog.fileName("../../etc/passwd") == "%2e.%2f..%2fetc%2fpasswd.log")
    #expect(CheckLog.fileName("a.b_c-D9") == "a.b_c-D9.log")
  }
}
