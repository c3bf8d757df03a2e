import Domain
import Git
import Testing

@Suite struct NoteTests {
  let repository: TestRepository

  init() throws { repository = try TestRepository() }

  private func commits(_ count: Int) throws -> [ObjectID] {
    try (0..<count).map { try repository.commit(.emptyTree, message: "commit \($0)\n") }
  }

  private func note(_ notes: [Note], onto tip: ObjectID?) throws -> ObjectID {
    try repository.objects.commitNotes(notes, onto: tip, by: TestRepository.signature, message: "Certify\n")
  }

  private func read(_ target: ObjectID, in tip: ObjectID) throws -> String? {
    try repository.objects.note(on: target, in: tip, sizeMax: 1_000).map { String(decoding: $0, as: UTF8.self) }
  }

  private func shownByGit(_ target: ObjectID, in tip: ObjectID) throws -> String {
    try repository.git("update-ref", "refs/notes/sluice", tip.hex)
    return try repository.git("notes", "--ref=sluice", "show", target.hex).text
  }

  @Test func `git shows the notes that we write, and no ref moves by writing them`() throws {
    let targets = try commits(3)
    let first = try note([Note(on: targets[0], "one\n"), Note(on: targets[1], "two\n")], onto: nil)
    #expect(try repository.objects.tip(of: "refs/notes/sluice") == nil)
    let second = try note([Note(on: targets[2], "three\n")], onto: first)
    #expect(try repository.objects.commit(second).parents == [first])
    for (target, text) in zip(targets, ["one\n", "two\n", "three\n"]) {
      #expect(try shownByGit(target, in: second) == text)
      #expect(try read(target, in: second) == text)
    }
    #expect(try read(targets[2], in: first) == nil)
  }

  @Test func `a note that git wrote flat is read, and replaced instead of doubled`() throws {
    let target = try commits(1)[0]
    try repository.git("notes", "--ref=sluice", "add", "-m", "old", target.hex)
    let tip = try #require(try repository.objects.tip(of: "refs/notes/sluice"))
    #expect(try read(target, in: tip) == "old\n")
    let next = try note([Note(on: target, "new\n")], onto: tip)
    #expect(try shownByGit(target, in: next) == "new\n")
    #expect(try read(target, in: next) == "new\n")
  }

  @Test func `notes under two levels of folders are read and replaced`() throws {
    let target = try commits(1)[0]
    let digits = target.hex
    let deep = "\(digits.prefix(2))/\(digits.dropFirst(2).prefix(2))/\(digits.dropFirst(4))"
    let tip = try repository.commit(try repository.tree([deep: "deep\n"]))
    #expect(try read(target, in: tip) == "deep\n")
    let next = try note([Note(on: target, "new\n")], onto: tip)
    #expect(try shownByGit(target, in: next) == "new\n")
  }

  @Test func `one more note rewrites two trees, however many notes there are`() throws {
    let targets = try commits(301)
    let many = try note(targets.dropLast().map { Note(on: $0, "n\n") }, onto: nil)
    let before = try repository.git("count-objects").line
    let last = try note([Note(on: targets[300], "last\n")], onto: many)
    let after = try repository.git("count-objects").line
    func count(_ line: String) -> Int? { line.split(separator: " ").first.flatMap { Int($0) } }
    // The note, its folder, the root and the commit.
    #expect(try #require(count(after)) - #require(count(before)) == 4)
    #expect(try shownByGit(targets[300], in: last) == "last\n")
    #expect(try repository.git("notes", "--ref=sluice", "list").text.split(separator: "\n").count == 301)
  }
}
