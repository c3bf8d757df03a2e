import Foundation
import Testing

@Suite struct GitHubTests {
  private static let file = "work/.github/workflows/staging-validation.yml"
  private let yard: Yard
  init() throws {
    yard = try Yard()
    try yard.makeProject()
    try yard.sh("cp policy.yml work/.sluice.yml; mkdir work/below")
  }

  @Test func `the workflow is printed, and written only where it is asked for`() throws {
    let printed = try yard.run("sluice github workflow", in: "work/below")
    #expect(printed.status == 0, "\(printed.text)")
    #expect(printed.out.contains("grep -q good answer") && printed.out.hasSuffix("$GITHUB_RUN_ID\"\n"))
    #expect(try yard.run("test -e work/.github").status == 1)
    #expect(try yard.run("sluice github workflow --write", in: "work/below").status == 0)
    #expect(try yard.read(Self.file) == printed.out)
    let again = try yard.run("sluice github workflow --write", in: "work")
    #expect(again.status == 0 && again.out.contains("up to date"))
  }

  @Test func `a file that differs is overwritten by force alone`() throws {
    try yard.sh("mkdir -p work/.github/workflows; echo 'name: Mine' >\(Self.file)")
    let refused = try yard.run("sluice -C work github workflow --write")
    #expect(refused.status == 1)
    #expect(refused.errors.contains("is there and differs"))
    #expect(try yard.read(Self.file) == "name: Mine\n")
    #expect(try yard.run("sluice -C work github workflow --write --force").status == 0)
    #expect(try yard.read(Self.file).contains("sluice/staging"))
    #expect(try yard.sh("ls -A work/.github/workflows") == "staging-validation.yml\n")
  }

  @Test(arguments: [
    ("rm work/.sluice.yml", "--write", 1, "there is no .sluice.yml"),
    ("echo 'checks: 1' >work/.sluice.yml", "--write", 1, ".sluice.yml:1:"),
    ("mkdir out; ln -s ../out work/.github", "--write", 1, "/.github is no folder"),
    (
      "mkdir -p out work/.github/workflows; ln -s ../../../out/w \(file)", "--write --force", 1,
      "staging-validation.yml is no file"
    ),
    ("rm -rf work/.git", "--write", 4, "not inside a working tree"), ("true", "--force", 2, "--force needs --write"),
  ])
  func `what cannot be written is refused in a sentence, and nothing is written`(
    break: String, flags: String, status: Int32, sentence: String
  ) throws {
    try yard.sh(`break`)
    let answer = try yard.run("sluice -C work github workflow \(flags)")
    #expect(answer.status == status)
    #expect(answer.errors.contains(sentence) && answer.out.isEmpty, "\(answer.text)")
    #expect(try yard.run("find work/.github/ out -type f 2>/dev/null").out.isEmpty)
  }
}
