import Domain
import Git
import Glibc
import PolicyFile
import Processes
import Store

extension Engine {
  /// The notices that changes bring: for each event that a receiver wants to hear of, one for each receiver.
  func notices(of changes: [LedgerChange]) -> [LedgerChange] {
    changes.flatMap { change -> [LedgerChange] in
      guard case .event(let submission, let json) = change, Self.mayBeOccasion(json),
        let target = open[submission]?.request.target, let event = Self.event(json),
        let told = NoticeBody.of(event, repository: repositoryName, at: clock.seconds)
      else { return [] }
      return receivers(of: told.occasion, target).map { notice(told.occasion, told.text, to: $0, of: submission) }
    }
  }

  /// The notices of an occasion that belongs to a target and no submission.
  func notices(of occasion: Policy.Notification.Occasion, target: String, message: String) -> [LedgerChange] {
    let body = NoticeBody.of(
      occasion, target: target, message: message, repository: repositoryName, at: clock.seconds)
    return receivers(of: occasion, target).map { notice(occasion, body, to: $0, of: nil) }
  }

  private func notice(
    _ occasion: Policy.Notification.Occasion, _ body: String, to sink: NoticeSink, of submission: SubmissionID?
  ) -> LedgerChange {
    let now = clock.milliseconds
    return .notice(
      Notice(
        id: NoticeID(atMilliseconds: now, using: &random), submission: submission, occasion: occasion, sink: sink,
        body: body, createdAt: now / 1_000))
  }

  private var repositoryName: String { place.repository.split(separator: "/").last.map(String.init) ?? "" }

  /// Whether it is worth reading the JSON: most events are told to followers of the journal alone.
  private static func mayBeOccasion(_ json: String) -> Bool {
    let kind = json.prefix(120).firstRange(of: "\"event\":\"").map { json[$0.upperBound...].prefix { $0 != "\"" } }
    return kind.flatMap { Policy.Notification.Occasion(eventKind: String($0)) } != nil
  }

  private static func event(_ json: String) -> Event? {
    do { return Event(json: try JSONValue.parse(Array(json.utf8))) } catch { return nil }
  }

  /// Who wants to hear of an occasion on a target: those of the administrator's settings, then those of the policy, each
  /// once.
  private func receivers(of occasion: Policy.Notification.Occasion, _ target: String) -> [NoticeSink] {
    var sinks: [NoticeSink] = []
    for receiver in settings.notify + policyReceivers(target) where receiver.events.contains(occasion) {
      if !sinks.contains(receiver.sink) { sinks.append(receiver.sink) }
    }
    return sinks
  }

  /// Who stands under `notify:` of the policy in force on a target. One that does not read has nobody told, and keeps
  /// nothing from landing.
  private func policyReceivers(_ target: String) -> [Policy.Notification] {
    do {
      if let file = settings.policyFile {
        guard let bytes = try Descriptor(opening: file, O_RDONLY).readAll(max: PolicySource.bytesMax) else { return [] }
        return receivers(target, in: try Repository.contentDigest(of: bytes)) { bytes }
      }
      guard let tip = try objects.tip(of: SluiceRef.branch(target)),
        let entry = try objects.entry(at: PolicySource.path, in: objects.commit(tip).tree)
      else { return [] }
      return receivers(target, in: entry.id) { try objects.blob(entry.id, sizeMax: PolicySource.bytesMax) }
    } catch {
      log("the policy of \(target) names nobody to be told: \(error)")
      return []
    }
  }

  private func receivers(
    _ target: String, in policy: ObjectID, _ bytes: () throws -> [UInt8]
  ) -> [Policy.Notification] {
    if let known = knownReceivers[target], known.policy == policy { return known.receivers }
    var receivers: [Policy.Notification] = []
    do { receivers = try PolicyFile.read(bytes(), name: PolicySource.path.description).notify } catch {
      log("the policy of \(target) names nobody to be told: \(error)")
    }
    knownReceivers[target] = (policy, receivers)
    return receivers
  }
}
