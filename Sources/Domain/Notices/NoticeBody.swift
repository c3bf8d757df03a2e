/// What receivers are told.
///
/// - Shape: `{"type": <event>, "timestamp": <RFC 3339>, "data": {"repository", "message", …the event's fields}}`.
/// - Source: Standard Webhooks, "Payload structure".
package enum NoticeBody {
  /// The body of a submission's event; nil for an event that is no occasion.
  package static func of(_ event: Event, repository: String, at seconds: Int64) -> (
    occasion: Policy.Notification.Occasion, text: String
  )? {
    guard let occasion = Policy.Notification.Occasion(eventKind: event.kind) else { return nil }
    var data: JSONObject = [:]
    for member in event.fields.members where !untold.contains(member.name) {
      data[member.name] = member.name == "findings" ? places(of: member.value) : member.value
    }
    return (occasion, text(occasion, data, repository: repository, at: seconds))
  }

  /// What stands elsewhere in the body, and the feedback document: it is long, and holds what checks have printed.
  private static let untold: Set<String> = ["event", "time", "seq", "feedback"]

  /// The body of an occasion that belongs to a target and no submission.
  package static func of(
    _ occasion: Policy.Notification.Occasion, target: String, message: String, repository: String, at seconds: Int64
  ) -> String {
    text(occasion, ["target": .string(target), "message": .string(message)], repository: repository, at: seconds)
  }

  private static func text(
    _ occasion: Policy.Notification.Occasion, _ data: JSONObject, repository: String, at seconds: Int64
  ) -> String {
    var fields: JSONObject = ["repository": .string(repository)]
    for member in data.members { fields[member.name] = member.value }
    return JSONValue.object([
      "type": .string(occasion.rawValue), "timestamp": .string(Timestamp.rfc3339(seconds)), "data": .object(fields),
    ]).compact
  }

  /// Where and by which rule: what a scanner prints can hold what it found.
  private static func places(of findings: JSONValue) -> JSONValue {
    .array(
      (findings.array ?? []).map { finding in
        .object(
          JSONObject(
            members: (finding.object?.members ?? []).filter { ["rule", "severity", "path", "line"].contains($0.name) }))
      })
  }
}
