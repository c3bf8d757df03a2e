import Testing

extension Push {
  /// Expects that the push was refused as a whole: exit 1, one line with the category, and words that say why.
  func expectRefused(
    _ category: String, _ words: String..., row: String = "", location: SourceLocation = #_sourceLocation
  ) {
    expectRefused([category], words, row: row, location)
  }

  func expectRefused(
    _ categories: [String], _ words: [String], row: String, _ location: SourceLocation = #_sourceLocation
  ) {
    guard status == 1 else {
      Issue.record("\(row): not refused: \(self)", sourceLocation: location)
      return
    }
    #expect(text.contains("rejected]"), "\(row): \(self)", sourceLocation: location)
    let verdicts = remote.filter { $0.contains(#/error: sluice: [a-z_]+: /#) }
    #expect(verdicts.count == 1, "\(row): not one verdict: \(self)", sourceLocation: location)
    if !categories.isEmpty {
      #expect(categories.contains(category ?? ""), "\(row): not \(categories): \(self)", sourceLocation: location)
    }
    for word in words { #expect(text.contains(word), "\(row): no '\(word)': \(self)", sourceLocation: location) }
    expectPrintable(row: row, location)
  }

  /// Expects that everything said can be printed on a terminal, in lines of a bearable length.
  func expectPrintable(row: String = "", _ location: SourceLocation = #_sourceLocation) {
    for line in text.split(separator: "\n") where line.hasPrefix("remote: ") {
      let odd = line.unicodeScalars.filter { $0.value < 32 || $0.value == 127 || (0x202A...0x202E).contains($0.value) }
      #expect(odd.isEmpty, "\(row): \(line.debugDescription)", sourceLocation: location)
      #expect(line.utf8.count <= 600, "\(row): a line of \(line.utf8.count) bytes", sourceLocation: location)
    }
  }

  /// Expects a landing and gives its commit.
  func expectLanded(in world: World, row: String = "", location: SourceLocation = #_sourceLocation) async throws
    -> String
  {
    #expect(status == 0, "\(row): \(self)", sourceLocation: location)
    let tip = try await world.server.tip() ?? "nothing"
    #expect(
      remote.contains("success: landed on main as \(tip.prefix(7))"), "\(row): \(tip): \(self)",
      sourceLocation: location)
    return tip
  }
}

extension World {
  /// What a refusal must leave as it was.
  struct Snapshot: Equatable {
    let refs: String
    let objects: Int
  }

  func snapshot() async throws -> Snapshot {
    let counts = try await server.git("count-objects", "-v")
    let numbers = counts.split(separator: "\n").filter { $0.hasPrefix("count:") || $0.hasPrefix("in-pack:") }
      .compactMap { Int($0.split(separator: " ")[1]) }
    let refs = try await server.git("for-each-ref", "--format=%(refname) %(objectname)")
    return Snapshot(refs: refs, objects: numbers.reduce(0, +))
  }
}
