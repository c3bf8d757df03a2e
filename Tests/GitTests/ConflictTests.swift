import Domain
import Git
import Testing

@Suite struct ConflictTests {
  private static func text(_ lines: String...) -> [UInt8] { Array((lines.joined(separator: "\n") + "\n").utf8) }

  private static func string(_ bytes: [UInt8]?) -> String? { bytes.map { String(decoding: $0, as: UTF8.self) } }

  @Test func `a hunk says where each version has its lines`() throws {
    let conflicted = try #require(
      ConflictedText(
        base: Self.text("1", "2", "3", "4", "5"), ours: Self.text("0", "1", "2", "ours", "4", "5"),
        theirs: Self.text("1", "2", "theirs", "more", "4", "5")))
    let hunk = try #require(conflicted.hunks.first)
    #expect(conflicted.hunks.count == 1)
    #expect((hunk.base.lines, hunk.ours.lines, hunk.theirs.lines) == (2..<3, 3..<4, 2..<4))
    #expect(Self.string(hunk.theirs.bytes) == "theirs\nmore\n")
    #expect(Self.string(conflicted.resolved { _ in [] }) == "0\n1\n2\n4\n5\n")
    #expect(conflicted.resolved { _ in nil } == nil)
  }

  @Test func `what one side alone changed is kept whatever becomes of the conflict`() throws {
    let conflicted = try #require(
      ConflictedText(
        base: Self.text("a", "b", "c", "d", "e", "f", "g"), ours: Self.text("A", "b", "c", "d1", "e", "f", "g"),
        theirs: Self.text("a", "b", "c", "d2", "e", "f", "G")))
    #expect(Self.string(conflicted.resolved(by: \.ours.bytes)) == "A\nb\nc\nd1\ne\nf\nG\n")
    #expect(Self.string(conflicted.resolved(by: \.theirs.bytes)) == "A\nb\nc\nd2\ne\nf\nG\n")
  }

  @Test func `a union holds both sides' lines, and what they share once`() throws {
    let conflicted = try #require(
      ConflictedText(
        base: Self.text("# Changes", "- old"), ours: Self.text("# Changes", "- one", "- both", "- old"),
        theirs: Self.text("# Changes", "- two", "- both", "- old")))
    #expect(
      Self.string(conflicted.resolved(by: ConflictedText.union)) == "# Changes\n- one\n- two\n- both\n- old\n")
  }

  @Test func `a union of last lines without a line feed does not run them together`() throws {
    let conflicted = try #require(
      ConflictedText(base: Array("a".utf8), ours: Array("a\nb".utf8), theirs: Array("a\nc".utf8)))
    #expect(Self.string(conflicted.resolved(by: ConflictedText.union)) == "a\nb\nc")
  }

  @Test func `two files that were added meet as a whole`() throws {
    let conflicted = try #require(ConflictedText(base: [], ours: Self.text("x", "y"), theirs: Self.text("x", "z")))
    #expect(conflicted.hunks.map(\.base.lines) == [0..<0])
    #expect(Self.string(conflicted.resolved(by: ConflictedText.union)) == "x\ny\nz\n")
  }

  @Test func `what took a hunk's place is found where nothing else differs, and only there`() throws {
    let conflicted = try #require(
      ConflictedText(
        base: Self.text("1", "2", "3", "x", "5", "6", "7"), ours: Self.text("1", "o2", "3", "x", "5", "o6", "7"),
        theirs: Self.text("1", "t2", "3", "x", "5", "t6", "7")))
    #expect(conflicted.hunks.count == 2)
    func found(_ lines: String...) -> [String?]? {
      conflicted.resolutions(in: Array((lines.joined(separator: "\n") + "\n").utf8))?.map(Self.string)
    }
    #expect(found("1", "both", "of it", "3", "x", "5", "7") == ["both\nof it\n", ""])
    #expect(found("1", "a", "3", "x", "5", "b", "7") == ["a\n", "b\n"])
    #expect(found("1", "a", "3", "X", "5", "b", "7") == nil, "another line differs")
    #expect(found("1", "a", "3", "x", "5", "b") == nil, "the end differs")
    #expect(found("1", "a", "3", "x", "5", "3", "x", "5", "7") == nil, "it is not certain which lines are whose")
    #expect(conflicted.resolutions(in: []) == nil)
  }

  @Test func `a text of equal lines is given up on, not compared for ever`() throws {
    let same = [String](repeating: "x", count: 200_000).joined(separator: "\n")
    func text(_ first: String, _ last: String) -> [UInt8] { Array("\(first)\n\(same)\ny\n\(same)\n\(last)\n".utf8) }
    let conflicted = try #require(
      ConflictedText(base: text("a", "b"), ours: text("o", "o"), theirs: text("t", "t")))
    #expect(conflicted.hunks.count == 2)
    let doubled = Array("r\n\(same)\n\(same)\n\(same)\ny\n\(same)\nr\n".utf8)
    let time = ContinuousClock().measure { #expect(conflicted.resolutions(in: doubled) == nil) }
    #expect(time < .seconds(20))
  }

  @Test func `binary and very large files have no hunks`() {
    #expect(ConflictedText(base: [], ours: [0, 1], theirs: Self.text("x")) == nil)
    let large = [UInt8](repeating: 120, count: ConflictedText.sizeMax + 1)
    #expect(ConflictedText(base: [], ours: large, theirs: []) == nil)
  }

  @Test(arguments: UInt64(1)...300) func `the settled parts are those of git's own merge`(number: UInt64) throws {
    var seed = Seed(number)
    let base = number % 2 == 0 ? GeneratedFiles.repetitive(&seed) : (1...30).map { "line \($0)\n" }.joined()
    let one = Array(GeneratedFiles.edited(base, &seed).utf8)
    let two = Array(GeneratedFiles.edited(base, &seed).utf8)
    let conflicted = try #require(ConflictedText(base: Array(base.utf8), ours: one, theirs: two))
    // Each side is found again in what is put together from it.
    let unchanged = try #require(ConflictedText(base: Array(base.utf8), ours: one, theirs: Array(base.utf8)))
    #expect(unchanged.resolved { _ in nil } == one)
    if conflicted.hunks.isEmpty {
      let repository = try TestRepository()
      let trees = try [Array(base.utf8), one, two].map {
        try repository.tree(["f": FileState(mode: .file, content: String(decoding: $0, as: UTF8.self))])
      }
      if case .clean(let tree) = try repository.objects.merge(base: trees[0], ours: trees[1], theirs: trees[2]) {
        let entry = try #require(try repository.objects.entry(at: TreePath("f"), in: tree))
        #expect(try repository.objects.blob(entry.id, sizeMax: 1 << 20) == conflicted.resolved { _ in nil })
      }
    }
  }

  @Test func `a change undoes another where it takes its lines away and puts the old ones back`() throws {
    let before = Self.text("a", "b", "c")
    let after = Self.text("a", "B", "B2", "c")
    let landed = try #require(ChangedText(from: before, to: after))
    let stale = try #require(ChangedText(from: after, to: Self.text("a", "b", "c", "mine")))
    let honest = try #require(ChangedText(from: after, to: Self.text("a", "B", "B2", "c", "mine")))
    let half = try #require(ChangedText(from: after, to: Self.text("a", "b", "B2", "c")))
    #expect(stale.undoes(landed))
    #expect(!honest.undoes(landed))
    #expect(!half.undoes(landed))
  }

  @Test func `a line that only moves is neither removed nor added`() throws {
    let moved = try #require(ChangedText(from: Self.text("a", "b", "c", "d"), to: Self.text("d", "a", "b", "c")))
    #expect(moved.removed.isEmpty)
    #expect(moved.added.isEmpty)
  }
}
