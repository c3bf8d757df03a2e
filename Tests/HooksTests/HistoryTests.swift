import Domain
import GitProgram
import Glibc
import Processes
import Testing

@Suite struct HistoryTests {
  /// Whether our walk and git say the same of two commits: the base, and which commits are incoming.
  ///
  /// - Parameter isOrdered: whether no clock went wrong; where one did, a commit too many may be told, never one too few.
  private func agree(
    _ one: String, _ two: String, in repository: String, _ questions: ObjectQuestions, isOrdered: Bool = true
  ) throws -> Bool {
    let git = try GitProgram(repository: repository)
    let target = try #require(ObjectID(hex: one))
    let work = try #require(ObjectID(hex: two))
    let told = try git.compare(target: target, work: work, in: questions, incomingMax: 1_000)
    let base = try git.run(["merge-base", one, two]).text.split(separator: "\n").first.map(String.init)
    let list = try git.run(["rev-list", "--max-count=1001", two, "^\(one)"]).text.split(separator: "\n")
    let incoming = Set(told.incoming.map(\.id.hex))
    let wanted = Set(list.map(String.init))
    return told.base?.hex == base && (isOrdered ? incoming == wanted : incoming.isSuperset(of: wanted))
  }

  @Test(arguments: UInt64(1)...6)
  func `random histories are read as git reads them, also with clocks that go wrong`(seed: UInt64) throws {
    let world = try World()
    var random = Seeded(state: seed)
    var stream = ""
    for index in 1...60 {
      let parents =
        index == 1 || Int.random(in: 0..<20, using: &random) == 0 ? 0 : Int.random(in: 1...2, using: &random)
      let time = 1_700_000_000 + index * 60 + (seed % 2 == 0 ? Int.random(in: -600...600, using: &random) : 0)
      stream += "commit refs/heads/h\(index)\nmark :\(index)\ncommitter A <a@x> \(time) +0000\ndata 1\nx\n"
      let chosen = Set((0..<parents).map { _ in Int.random(in: max(1, index - 12)..<index, using: &random) }).sorted()
      for (place, parent) in chosen.enumerated() { stream += "\(place == 0 ? "from" : "merge") :\(parent)\n" }
      stream += "M 100644 inline f\(index)\ndata 1\nx\n\n"
    }
    try world.git(["fast-import", "--quiet"], in: world.server, input: Array(stream.utf8))
    let ids = try world.git(["for-each-ref", "--format=%(objectname)", "refs/heads/h*"], in: world.server)
      .split(separator: "\n").map(String.init)
    let questions = ObjectQuestions(try GitProgram(repository: world.server))
    for _ in 0..<60 {
      let pair = (0..<2).map { _ in ids[Int.random(in: 0..<ids.count, using: &random)] }
      #expect(try agree(pair[0], pair[1], in: world.server, questions, isOrdered: seed % 2 == 1), "\(pair)")
    }
  }

  @Test(.enabled(if: getenv("SLUICE_REAL_REPOSITORIES") != nil))
  func `real histories are read as git reads them`() throws {
    let list = getenv("SLUICE_REAL_REPOSITORIES").map { String(cString: $0) } ?? ""
    for repository in list.split(separator: ":").map(String.init) {
      let git = try GitProgram(repository: repository)
      let merges = try git.run(["rev-list", "--all", "--merges", "--parents", "--max-count=400"], outputMax: 1 << 24)
      let questions = ObjectQuestions(git)
      for line in merges.text.split(separator: "\n") {
        let ids = line.split(separator: " ").map(String.init)
        #expect(try agree(ids[1], ids[2], in: repository, questions), "\(repository): \(line)")
      }
    }
  }

  @Test(arguments: [
    "[core]\n\tbare = true\n[sluice]\n\ttarget = release/1\n\twait\n",
    "[Sluice \"Sub Section\"] \n KEY = \" a # b \" ; comment\n[sluice]\n  target = a b # c\n  policy =\n",
    "[sluice]\n\ttarget = \"quo\\\"ted\"\n", "# only a comment\n", "[sluice]target=x\n", "[include]\n\tpath = other\n",
  ])
  func `the configuration is read as git reads it`(text: String) throws {
    let world = try World()
    try world.write("other", "[sluice]\n\ttarget = included\n", in: world.server)
    try world.write("config", "[core]\n\trepositoryformatversion = 0\n\tbare = true\n" + text, in: world.server)
    let output = try Shell.run(["git", "config", "--local", "--includes", "--null", "--list"], in: world.server)
    let expected = try ServerSettings(pairs: GitProgram.pairs(Array(output.output.utf8)))
    #expect(try GitProgram(repository: world.server).settings() == expected)
  }
}

/// Splitmix64: the same numbers from the same seed.
struct Seeded: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
