import Domain
import Store

/// The queues of a repository and what ended last.
struct QueueStatus: Sendable {
  struct Item: Sendable {
    let submission: Submission
    /// From 1; nil for one that has ended.
    let position: Int?
    let etaSeconds: Int?
    /// Where its review by people stands; nil where there is none.
    var review: Review?

    /// Whether it waits for an administrator, and for nothing else.
    var isUnderReview: Bool { submission.state == .queued && review?.isPending == true }
  }

  struct Queue: Sendable {
    let target: String
    let gate: Train.Gate
    let items: [Item]
  }

  private(set) var queues: [Queue] = []
  let recent: [Item]

  init(_ record: Record, recentMax: Int) throws(CommandFailure) {
    do {
      let open = try (record.ledger?.openSubmissions() ?? []) + record.unread()
      let gates = try record.ledger?.gates() ?? [:]
      let prediction = try record.prediction()
      recent = try (record.ledger?.endedSubmissions(limit: recentMax) ?? []).map {
        Item(submission: $0, position: nil, etaSeconds: nil)
      }
      let ordered = open.filter(\.isPromoted) + open.filter { !$0.isPromoted }
      for target in try Self.targets(record.repository, others: open.map(\.request.target) + gates.keys.sorted()) {
        let all = try ordered.filter { $0.request.target == target }.map {
          Item(submission: $0, position: nil, etaSeconds: nil, review: try record.ledger?.review(of: $0.id))
        }
        // Who waits for people has no place in the line.
        let items = (all.filter { !$0.isUnderReview } + all.filter(\.isUnderReview)).enumerated().map { index, item in
          let eta = prediction.secondsToAnswer(position: index + 1, Train.Settings()).map { Int($0.rounded(.up)) }
          return Item(submission: item.submission, position: index + 1, etaSeconds: eta, review: item.review)
        }
        queues.append(Queue(target: target, gate: gates[target] ?? .open, items: items))
      }
    } catch let error as LedgerError { throw CommandFailure(error) } catch let failure as CommandFailure {
      throw failure
    } catch { throw .unreachable("\(error)") }
  }

  /// The branch that `HEAD` names, the other configured targets, and those that something waits for.
  static func targets(
    _ repository: ServerRepository, others: [String]
  ) throws(CommandFailure) -> [String] {
    var targets: [String] = []
    let head = try repository.headBranch()
    for target in [head].compactMap({ $0 }) + (try GitConfig.effective(repository).values("sluice.target")) + others {
      let name = target.hasPrefix("refs/heads/") ? String(target.dropFirst("refs/heads/".count)) : target
      if !targets.contains(name) { targets.append(name) }
    }
    return targets
  }
}

extension QueueStatus {
  var json: JSONValue {
    [
      "queues": .array(
        queues.map {
          [
            "target": .string($0.target), "paused": .bool($0.gate == .closed), "gate": .string($0.gate.rawValue),
            "items": .array($0.items.map(\.json)),
            "reviews": .array($0.items.filter(\.isUnderReview).map { .string($0.submission.id.text) }),
          ]
        }),
      "recent": .array(recent.map(\.json)),
    ]
  }

  var lines: [String] {
    var lines: [String] = []
    for queue in queues {
      let count = queue.items.isEmpty ? "nothing in flight" : "\(queue.items.count) in flight"
      lines.append(
        "\(queue.target): \(count)\(queue.gate == .closed ? " (paused)" : queue.gate == .urgentOnly ? " (frozen: urgent only)" : "")"
      )
      lines += Columns.aligned(queue.items.map(\.columns)).map { "  \($0)" }
    }
    guard !recent.isEmpty else { return lines }
    return lines + ["recent:"] + Columns.aligned(recent.map(\.columns)).map { "  \($0)" }
  }
}

extension QueueStatus.Item {
  fileprivate var json: JSONValue {
    let request = submission.request
    return [
      "submission_id": .string(request.id.text), "task_id": .string(request.taskID),
      "agent_id": .string(request.agentID), "name": .string(request.name),
      "state": .string(submission.state.rawValue), "position": position.map(JSONValue.integer) ?? .null,
      "eta_seconds": etaSeconds.map(JSONValue.integer) ?? .null, "priority": .string(request.options.priority.rawValue),
      "integration_id": (submission.integration?.text).json,
    ]
  }

  fileprivate var columns: [String] {
    let request = submission.request
    var outcome = ""
    if let position {
      outcome = isUnderReview ? "waits for a review" : etaSeconds.map { "about \($0) s" } ?? ""
      return [
        "\(position)", request.id.text, submission.state.rawValue, Printable.line(request.taskID, max: 60), outcome,
      ]
    }
    if let landed = submission.landedCommit { outcome = landed.short }
    if let category = submission.category {
      outcome = "\(category.rawValue): \(Printable.line(submission.reason ?? "", max: 100))"
    }
    return [submission.state.rawValue, request.id.text, Printable.line(request.taskID, max: 60), outcome]
  }
}
