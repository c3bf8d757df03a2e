import Domain
import Processes
import Testing

@Suite struct CrashTests {
  @Test(arguments: [
    "pre.begin", "pre.after_stdin", "pre.after_validate", "proc.begin", "proc.after_read", "proc.before_commit",
    "proc.refs_locked", "proc.between_refs", "proc.after_pin", "proc.after_sync", "proc.after_commit",
    "proc.before_report",
    "proc.during_report",
  ])
  func `a hook that is killed leaves a submission whole or not at all, and the next push finds it`(point: String) throws
  {
    let world = try World()
    let commit = try world.submit(adding: ["src/b.txt": "two\n"])
    let killed = try world.push("HEAD:refs/heads/submit/x", environment: ["SLUICE_FAILPOINT=\(point)=kill9"])
    let first = try world.submissions()
    #expect(first.count <= 1)
    // What was told to the pusher stands in the inbox.
    if killed.errors.contains("accepted") { #expect(first.count == 1) }
    let lineages = try world.refs(under: "refs/sluice/lineage")
    // Of one that was killed between its two refs, the next push makes the second.
    #expect(lineages.count == first.count || point == "proc.between_refs")
    #expect(try world.push("HEAD:refs/heads/submit/x").isSuccess)
    let second = try world.submissions()
    #expect(second.map(\.pushed.hex) == [commit])
    if let before = first.first { #expect(second == [before]) }
    #expect(try world.git(["fsck", "--full", "--strict", "--no-dangling"], in: world.server) == "")
    let locks = try Shell.run(["find", world.server, "-name", "*.lock"], in: "/").output
    #expect(locks == "")
  }

  @Test(
    arguments: ["pre.after_validate", "proc.before_commit", "proc.refs_locked", "proc.after_pin", "proc.after_commit"],
    ["eio", "enospc"])
  func `a disk that fails refuses the push, and the next push finds what there is`(
    point: String, error: String
  ) throws {
    let world = try World()
    let commit = try world.submit(adding: ["src/b.txt": "two\n"])
    let failed = try world.push("HEAD:refs/heads/submit/x", environment: ["SLUICE_FAILPOINT=\(point)=\(error)"])
    let first = try world.submissions()
    // Without what the first hook leaves, the second judges again.
    #expect(failed.isSuccess == (point == "pre.after_validate"), "\(failed.errors)")
    if ["proc.before_commit", "proc.refs_locked", "proc.after_pin"].contains(point) {
      let words = error == "eio" ? "Input/output error" : "No space left on device"
      #expect(failed.errors.contains("infrastructure: cannot ") && failed.errors.contains(words), "\(failed.errors)")
    }
    // Nothing is told that does not stand in the inbox.
    if failed.errors.contains("accepted") { #expect(first.count == 1) }
    #expect(try world.push("HEAD:refs/heads/submit/x").isSuccess)
    let second = try world.submissions()
    #expect(second.map(\.pushed.hex) == [commit])
    if let before = first.first { #expect(second == [before]) }
    let left = try Shell.run(["find", ".", "-name", "*.lock", "-o", "-path", "./sluice/scratch/*"], in: world.server)
    #expect(left.output == "")
  }
}
