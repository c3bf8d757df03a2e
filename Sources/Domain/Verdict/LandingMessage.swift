/// The message of a landed commit: what the submitter wrote, who wrote it, and Sluice's trailers.
package enum LandingMessage {
  /// Trailers that only Sluice writes; a submitted message loses them.
  package static let ownTrailers = ["Task-Id", "Agent-Id", "Submission-Id", "Integration-Id"]

  /// The message for one commit that stands for several (squash): one keeps its own words, several are listed under a title.
  ///
  /// - Parameters:
  ///   - commits: oldest first, at least one.
  ///   - title: the title where there are several commits.
  package static func squash(
    _ commits: [Commit], title: String, request: SubmissionRequest, integration: IntegrationID
  ) -> String {
    let parts = commits.map { split($0.text) }
    var body: String
    if let only = parts.first, parts.count == 1 {
      body = only.body
    } else {
      let first = title.split(separator: "\n").first.map { Printable.line($0, max: 120) } ?? request.taskID
      body = first + "\n\n" + commits.map { "* \(Printable.line($0.subject, max: 200))" }.joined(separator: "\n")
    }
    if body.isEmpty { body = Printable.line(request.taskID, max: 120) }
    var trailers: [String] = []
    for trailer in parts.flatMap(\.trailers) where !trailers.contains(trailer) { trailers.append(trailer) }
    if let author = commits.last?.author {
      for other in commits.map(\.author) where other.email != author.email {
        let credit = "Co-authored-by: \(other.name) <\(other.email)>"
        if !trailers.contains(credit) { trailers.append(credit) }
      }
    }
    return join(body, trailers + own(request, integration))
  }

  /// The message of a commit that keeps its own (rebase), with Sluice's trailers.
  package static func keeping(_ commit: Commit, request: SubmissionRequest, integration: IntegrationID) -> String {
    let parts = split(commit.text)
    return join(parts.body, parts.trailers + own(request, integration))
  }

  /// The message of a merge commit.
  package static func merge(
    title: String, request: SubmissionRequest, integration: IntegrationID
  ) -> String {
    let first = title.split(separator: "\n").first.map { Printable.line($0, max: 120) } ?? request.taskID
    return join("Merge \(request.name): \(first)", own(request, integration))
  }

  /// What Sluice's trailers at the end of a landed commit's message say, by their names.
  package static func ownTrailers(of message: String) -> [String: String] {
    var trailers: [String: String] = [:]
    for line in message.split(separator: "\n").suffix(ownTrailers.count) {
      guard let colon = line.firstIndex(of: ":"), line[colon...].hasPrefix(": ") else { continue }
      let name = String(line[..<colon])
      if ownTrailers.contains(name) { trailers[name] = String(line[line.index(colon, offsetBy: 2)...]) }
    }
    return trailers
  }

  private static func own(_ request: SubmissionRequest, _ integration: IntegrationID) -> [String] {
    [
      "Task-Id: \(Printable.line(request.taskID, max: 200))", "Agent-Id: \(Printable.line(request.agentID, max: 200))",
      "Submission-Id: \(request.id.text)", "Integration-Id: \(integration.text)",
    ]
  }

  private static func join(_ body: String, _ trailers: [String]) -> String {
    body + "\n\n" + trailers.joined(separator: "\n") + "\n"
  }

  /// Splits a message into its text and the trailers of its last paragraph, Sluice's own left out.
  private static func split(_ message: String) -> (body: String, trailers: [String]) {
    var lines = message.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    while lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
    while lines.first?.allSatisfy(\.isWhitespace) == true { lines.removeFirst() }
    let start = lines.lastIndex(of: "").map { $0 + 1 } ?? lines.endIndex
    guard start < lines.endIndex, lines[start...].allSatisfy(isTrailer) else {
      return (lines.joined(separator: "\n"), [])
    }
    let kept = lines[start...].filter { line in !ownTrailers.contains { line.hasPrefix($0 + ":") } }
    var body = Array(lines[..<start])
    while body.last?.isEmpty == true { body.removeLast() }
    return (body.joined(separator: "\n"), kept)
  }

  private static func isTrailer(_ line: String) -> Bool {
    guard let colon = line.firstIndex(of: ":"), colon != line.startIndex else { return false }
    return line[..<colon].utf8.allSatisfy {
      (65...90).contains($0) || (97...122).contains($0) || (48...57).contains($0) || $0 == 45
    } && line[colon...].hasPrefix(": ")
  }
}
