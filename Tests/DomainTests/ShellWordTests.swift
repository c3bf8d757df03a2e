import Domain
import Testing

@Suite struct ShellWordTests {
  @Test(arguments: [
    "main", "release/1.0", "", "it's late", "$(id) `id` $HOME", "a\"b\\c", "-n", "two\nlines", "*?[a]~#;&|<>", "日本",
    "''",
  ])
  func `a shell reads the word as it was`(text: String) throws {
    let read = try Program.answer("sh", ["-c", "printf '%s' \(ShellWord.quoted(text))"], input: "")
    #expect(read == text, "\(ShellWord.quoted(text))")
  }

  @Test func `what needs no quotes has none`() {
    #expect(ShellWord.quoted("refs/heads/a-b_c.1") == "refs/heads/a-b_c.1")
  }
}
