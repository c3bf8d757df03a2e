import Domain
import Glibc
import Processes
import Testing

@testable import GitProgram

/// The repository's files, read without git, against what git says about them.
@Suite struct FileTests {
  /// Every object, by what git says it is.
  private func expectAgreement(_ repository: String, _ world: World, isComplete: Bool = true) throws {
    let list = try world.git(
      ["cat-file", "--batch-check", "--batch-all-objects", "--unordered"], in: repository)
    let files = ObjectFiles(repository: repository, quarantine: [])
    var read = 0
    for line in list.split(separator: "\n") {
      let words = line.split(separator: " ")
      let id = try #require(ObjectID(hex: words[0]))
      let kind = try #require(ObjectKind(rawValue: String(words[1])))
      if let info = files.info(id) {
        #expect(info == ObjectInfo(id: id, kind: kind, size: Int(words[2]) ?? -1))
        read += 1
      } else {
        #expect(!isComplete, "\(line) is not found")
      }
      if let found = files.object(id) {
        #expect(found.kind == kind && found.content.count == Int(words[2]))
        #expect(LooseObject(found.kind, found.content).id == id)
      } else {
        #expect(!isComplete || (Int(words[2]) ?? 0) > ObjectFiles.sizeMax, "\(line) is not read")
      }
    }
    #expect(read > 0)
  }

  /// A history whose trees and files have long chains of differences.
  private func history(_ world: World) throws {
    var random = Seeded(state: 7)
    var stream = ""
    for step in 1...80 {
      stream += "commit refs/heads/long\nmark :\(step)\ncommitter A <a@x> \(1_700_000_000 + step) +0000\ndata 1\nx\n"
      if step > 1 { stream += "from :\(step - 1)\n" }
      var text = (0..<200).map { "line \($0) of \(step % 7)\n" }.joined()
      text += (0..<20).map { _ in "\(random.next())\n" }.joined()
      stream += "M 100644 inline dir\(step % 5)/file\(step % 11)\ndata \(text.utf8.count)\n\(text)\n"
    }
    stream += "M 100644 inline empty\ndata 0\n\n"
    stream += "tag annotated\nfrom :80\ntagger A <a@x> 1700000000 +0000\ndata 3\ntag\n"
    try world.git(["fast-import", "--quiet"], in: world.server, input: Array(stream.utf8))
    let large = [UInt8](repeating: 120, count: ObjectFiles.sizeMax + 1)
    let noise = (0..<100_000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    for blob in [large, noise, Array(large.dropLast())] {
      try world.git(["hash-object", "-w", "--stdin"], in: world.server, input: blob)
    }
  }

  @Test func `loose and packed objects are read as git reads them`() throws {
    let world = try World()
    try history(world)
    try expectAgreement(world.server, world)
    try world.git(["repack", "-adfq", "--depth=50", "--window=50"], in: world.server)
    try expectAgreement(world.server, world)
    try world.git(["config", "repack.useDeltaBaseOffset", "false"], in: world.server)
    try world.git(["repack", "-adfq"], in: world.server)
    try expectAgreement(world.server, world)
    // Offsets of the second table.
    let pack = try world.git(["rev-list", "--objects", "--all", "--no-object-names"], in: world.server)
    try world.git(
      ["-c", "pack.indexVersion=2", "pack-objects", "--index-version=2,0x40", "--quiet", "objects/pack/pack"],
      in: world.server, input: Array((pack + "\n").utf8))
    try expectAgreement(world.server, world)
  }

  @Test func `objects of a repository that is borrowed from are found`() throws {
    let world = try World()
    try history(world)
    try world.git(["clone", "--quiet", "--bare", "--shared", world.server, world.folder + "/fork.git"])
    try expectAgreement(world.folder + "/fork.git", world)
  }

  @Test func `what is missing, cut off or forged is left to git`() throws {
    let world = try World()
    let files = { ObjectFiles(repository: world.server, quarantine: []) }
    let id = try #require(ObjectID(hex: try world.git(["rev-parse", "HEAD:src/a.txt"])))
    #expect(files().object(id)?.content == Array("one\n".utf8))
    let missing = try #require(ObjectID(hex: String(repeating: "1", count: 40)))
    #expect(files().object(missing) == nil)
    #expect(files().info(missing) == nil)
    // Another object's content under this one's name.
    let other = LooseObject(.blob, Array("two\n".utf8))
    try StagedObject(other, in: world.server, leavesSync: true).finish()
    func path(_ id: ObjectID) -> String { "\(world.server)/objects/\(id.hex.prefix(2))/\(id.hex.dropFirst(2))" }
    #expect(rename(path(id), path(id) + "-aside") == 0)
    #expect(rename(path(other.id), path(id)) == 0)
    #expect(files().object(id) == nil)
    #expect(rename(path(id) + "-aside", path(id)) == 0)
    try world.git(["repack", "-adq"], in: world.server)
    var random = Seeded(state: 3)
    let folder = world.server + "/objects/pack"
    let all = try world.git(["rev-list", "--objects", "--all", "--no-object-names"], in: world.server)
      .split(separator: "\n").compactMap { ObjectID(hex: $0) }
    // Whatever is wrong with the files, nothing false is read and nothing crashes.
    for name in FolderNames.all(in: folder) where name.hasSuffix(".idx") || name.hasSuffix(".pack") {
      let whole = try Descriptor(opening: "\(folder)/\(name)", O_RDONLY).readAll(max: 1 << 20) ?? []
      for _ in 0..<200 {
        var bytes = whole
        for _ in 0..<4 { bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next()) }
        if random.next() % 4 == 0 { bytes.removeLast(Int(random.next() % UInt64(bytes.count))) }
        chmod("\(folder)/\(name)", 0o600)
        try Descriptor(opening: "\(folder)/\(name)", O_WRONLY | O_TRUNC).write(bytes)
        let damaged = files()
        for id in all {
          _ = damaged.info(id)
          if let found = damaged.object(id) { #expect(LooseObject(found.kind, found.content).id == id) }
        }
      }
      try Descriptor(opening: "\(folder)/\(name)", O_WRONLY | O_TRUNC).write(whole)
    }
  }

  @Test(arguments: [0, 1, 2, 3, 500])
  func `refs are found where git finds them`(packed: Int) throws {
    let world = try World()
    let tag = try world.git(
      ["mktag"], in: world.server,
      input: Array(
        "object \(try world.git(["rev-parse", "HEAD"]))\ntype commit\ntag t\ntagger A <a@x> 1 +0000\n\nt\n".utf8))
    let names = (0..<packed).map { "refs/\($0 % 3 == 0 ? "tags" : "heads")/n\($0 * 7_919 % 1_000)/x" }
    let create = names.map { "create \($0) \($0.hasPrefix("refs/tags") ? tag : "HEAD")\n" }.joined()
    try world.git(["update-ref", "--stdin"], in: world.server, input: Array(create.utf8))
    try world.git(["pack-refs", "--all"], in: world.server)
    try world.git(["update-ref", "refs/heads/loose", "HEAD"], in: world.server)
    try world.git(["symbolic-ref", "refs/heads/other", "refs/heads/loose"], in: world.server)
    let refs = RefFiles(repository: world.server)
    for name in names + ["refs/heads/main", "refs/heads/loose"] {
      let id = try #require(ObjectID(hex: try world.git(["rev-parse", name], in: world.server)))
      #expect(refs.place(of: name) == .at(id))
      #expect(refs.place(of: name + "x") == .missing)
      #expect(refs.place(of: String(name.dropLast())) != .at(id))
    }
    #expect(refs.place(of: "refs/heads/other") == .unusual)
    #expect(refs.place(of: "refs/heads") == .unusual)
    #expect(refs.place(of: "refs/a") == .missing)
    #expect(refs.place(of: "refs/z") == .missing)
    guard case .refs(let list) = PackedRefs.open(world.server) else {
      Issue.record("packed-refs is not read")
      return
    }
    #expect(list.hasRef(beginning: "refs/heads/mai") == true)
    #expect(list.hasRef(beginning: "refs/heads/main/") == false)
    #expect(list.hasRef(beginning: "refs/zzz/") == false)
  }

  @Test(arguments: [0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 1_000])
  func `objects get the names that git gives them`(length: Int) throws {
    let world = try World(isEmpty: true)
    let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    #expect(LooseObject(.blob, bytes).id.hex == (try world.git(["hash-object", "--stdin"], input: bytes)))
  }
}
