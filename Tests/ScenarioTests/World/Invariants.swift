import Domain
import Foundation
import Testing

extension World {
  /// Checks what must be true of the world after every story; the worker has ended.
  func check(audited: Bool = true, _ location: SourceLocation) async throws {
    try await checkLandings(location)
    try checkEnds(location)
    try await checkLeaks(location)
    try await checkHealth(audited: audited, location)
  }

  /// What landed was tested, once, in one line (I1, I2, I5).
  private func checkLandings(_ location: SourceLocation) async throws {
    guard let tip = try await server.tip() else { return }
    let line = try await server.git("rev-list", "--first-parent", tip).split(separator: "\n").map(String.init)
    let moves = try movesOfMain()
    for (earlier, later) in zip(moves, moves.dropFirst()) {
      #expect(earlier.new == later.old, "the target's moves have a gap", sourceLocation: location)
    }
    var seen: [String: String] = [:]
    for commit in line where commit != server.start {
      guard let certificate = try await server.certificate(of: commit), certificate["submission_id"] != nil else {
        continue
      }
      let tree = try await server.git("rev-parse", "\(commit)^{tree}")
      #expect(certificate["landed_commit"]?.string == commit, sourceLocation: location)
      // In a batch the last one's tree was tested, and main only ever pointed at that.
      let proof = certificate["proven_by"]?.string ?? ""
      let tested = try await server.git("rev-parse", "\(proof)^{tree}")
      #expect(certificate["tested_tree"]?.string == tested, sourceLocation: location)
      #expect(
        moves.isEmpty || moves.contains { $0.new == proof }, "main never stood at \(proof)", sourceLocation: location)
      #expect(certificate["landed_tree"]?.string == tree, sourceLocation: location)
      let verdicts = (certificate["checks"]?.array ?? []).compactMap { $0["verdict"]?.string }
      #expect(!verdicts.isEmpty && verdicts.allSatisfy { ["passed", "flaky"].contains($0) }, sourceLocation: location)
      let submission = certificate["submission_id"]?.string ?? ""
      #expect(
        seen.updateValue(commit, forKey: submission) == nil, "\(submission) landed twice", sourceLocation: location)
    }
  }

  /// Every accepted submission ended, exactly once (I3, I4).
  private func checkEnds(_ location: SourceLocation) throws {
    let journal = server.repository + "/sluice/journal"
    for file in ProcessTable.names(in: journal) where file.hasSuffix(".jsonl") {
      let events = try server.events(of: String(file.dropLast(6)))
      let ends = events.filter { $0["event"]?.string == "ended" }
      #expect(ends.count == 1, "\(file) has \(ends.count) ends", sourceLocation: location)
      #expect(events.last?["event"]?.string == "ended", "\(file) goes on after its end", sourceLocation: location)
      let numbers = events.compactMap { $0["seq"]?.integer }
      #expect(numbers == Array(1...Int64(max(1, events.count))), "\(file): \(numbers)", sourceLocation: location)
    }
  }

  /// Nothing is left behind (I8), and nothing that was planted is seen (I10).
  private func checkLeaks(_ location: SourceLocation) async throws {
    let spaces = [
      "refs/heads/staging/", "refs/heads/submit/", "refs/submit/", "refs/tags/submit/", "refs/sluice/inbox/",
      "refs/sluice/work/", "refs/sluice/candidate/", "refs/sluice/lineage/",
    ]
    let left = try await server.refs().filter { ref in spaces.contains { ref.hasPrefix($0) } }
    #expect(
      left == [],
      "refs are left \(String(decoding: FileManager.default.contents(atPath: server.repository + "/sluice/logs/worker.log") ?? Data(), as: UTF8.self))",
      sourceLocation: location)
    let files = FileManager.default.enumerator(atPath: server.repository)?.compactMap { $0 as? String } ?? []
    let debris = files.filter { path in
      (path.hasSuffix(".lock") && path != "sluice/worker.lock") || path.contains("tmp_objdir")
        || path.contains("incoming-")
    }
    #expect(debris == [], "files are left", sourceLocation: location)
    let running = ProcessTable.touching(folder.path)
    #expect(running == [], "processes are left", sourceLocation: location)
    for file in files where file.hasPrefix("sluice/") && !file.contains("/worktrees/") {
      guard let bytes = FileManager.default.contents(atPath: "\(server.repository)/\(file)") else { continue }
      #expect(
        bytes.range(of: Data(server.secret.utf8)) == nil, "the secret stands in \(file)", sourceLocation: location)
    }
  }

  /// The repository and the ledger are whole (I7, I12).
  private func checkHealth(audited: Bool, _ location: SourceLocation) async throws {
    let fsck = try await Program.run(
      Git.path, ["-C", server.repository, "fsck", "--full", "--strict", "--no-dangling"])
    #expect(fsck.status == 0, "git fsck: \(fsck.text)", sourceLocation: location)
    let doctor = try await server.sluice("doctor")
    #expect(doctor.status == 0, "sluice doctor: \(doctor.text)", sourceLocation: location)
    let audit = try await server.sluice("audit")
    #expect((audit.status == 0) == audited, "sluice audit: \(audit.text)", sourceLocation: location)
  }

  private func movesOfMain() throws -> [(old: String, new: String)] {
    let log = server.repository + "/logs/refs/heads/main"
    guard let bytes = FileManager.default.contents(atPath: log) else { return [] }
    let text = String(decoding: bytes, as: UTF8.self)
    return text.split(separator: "\n").map { line in
      let words = line.split(separator: " ", maxSplits: 2)
      return (String(words[0]), String(words[1]))
    }
  }
}
