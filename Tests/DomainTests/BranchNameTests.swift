import Domain
import Simulation
import Testing

@Suite struct BranchNameTests {
  @Test(arguments: ["main", "release/1.0", "a@b", "é", "a.b", "x.lock.y", "HEADS", "a-", "feature/é/x_y"])
  func `a name that git takes is a branch`(name: String) { #expect(BranchName.isValid(name)) }

  @Test(arguments: [
    "", "@", "HEAD", "-x", ".x", "a/.x", "a..b", "a.", "a/", "/a", "a//b", "a.lock", "a.lock/b", "a b", "a~b", "a^b",
    "a:b", "a?b", "a*b", "a[b", "a\\b", "a@{b", "a\u{7F}b", "a\nb", "main; rm -rf /", "../../x",
  ])
  func `a name that git refuses is none`(name: String) { #expect(!BranchName.isValid(name)) }

  @Test func `git agrees about a thousand names`() throws {
    var random = SplitMix64(seed: 7)
    let pieces = [
      "a", "b", ".", "..", "/", "@", "{", ".lock", "-", "~", "*", "é", " ", "HEAD", ":", "\\", "lock", "[", "\u{7F}",
    ]
    let names = (0..<1000).map { _ in
      (0..<Int.random(in: 1...5, using: &random)).map { _ in pieces[Int.random(in: 0..<pieces.count, using: &random)] }
        .joined()
    }
    let script = """
      while IFS= read -r name; do git check-ref-format "refs/heads/$name" && echo yes || echo no; done
      """
    let answer = try #require(try Program.answer("sh", ["-c", script], input: names.joined(separator: "\n") + "\n"))
    let verdicts = answer.split(separator: "\n")
    try #require(verdicts.count == names.count)
    for (name, verdict) in zip(names, verdicts) where name != "@" && name != "HEAD" && !name.hasPrefix("-") {
      #expect(BranchName.isValid(name) == (verdict == "yes"), "\(name)")
    }
  }
}
