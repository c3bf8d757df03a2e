import Domain

/// What git is told about one pushed ref, and through it the pusher.
enum RefAnswer: Sendable {
  /// git goes on with the ref as if Sluice were not there.
  case ordinary
  /// Done; the client shows `name` in place of the ref that was pushed.
  case done(name: String?, old: ObjectID?, new: ObjectID?)
  case refused(String)

  static func refused(_ refusal: Refusal) -> RefAnswer {
    .refused("\(refusal.category.rawValue): \(Printable.line(refusal.reason, max: 300))")
  }

  /// The packets for a ref.
  ///
  /// - Source: githooks(5), "proc-receive".
  func packets(for ref: [UInt8]) -> [UInt8] {
    let accepted = PktLine.packet(Array("ok ".utf8) + ref)
    switch self {
    case .ordinary: return accepted + PktLine.packet("option fall-through")
    case .refused(let reason): return PktLine.packet(Array("ng ".utf8) + ref + Array(" \(reason)".utf8))
    case .done(let name, let old, let new): return accepted + Self.options(name, old, new)
    }
  }

  private static func options(_ name: String?, _ old: ObjectID?, _ new: ObjectID?) -> [UInt8] {
    var packets: [UInt8] = []
    guard let name else { return packets }
    let none = String(repeating: "0", count: 2 * ObjectID.byteCount)
    packets += PktLine.packet("option refname \(name)")
    packets += PktLine.packet("option old-oid \(old?.hex ?? none)")
    if let new { packets += PktLine.packet("option new-oid \(new.hex)") }
    return packets
  }

  /// The answer for a submission that ended while its pusher watched.
  static func ended(_ end: SubmissionEnd, _ request: SubmissionRequest) -> RefAnswer {
    let id = end.integration?.text ?? request.id.text
    switch end.state {
    // Where the target was created, `post-receive` could not tell a landing from somebody's first push.
    case .landed where end.isFastForward && !end.isRepeat && end.old != nil:
      return .done(name: SluiceRef.branch(end.target), old: end.old, new: end.landed)
    case .landed: return .done(name: "refs/landed/\(id)", old: end.old, new: end.landed)
    case .verified: return .done(name: "refs/verified/\(id)", old: nil, new: request.pushed)
    case .quarantined: return .refused(end.state.rawValue)
    default:
      return end.refusal.map { .refused($0) } ?? .refused(end.state.rawValue)
    }
  }

  /// The answer for a submission that is in the queue and is not watched to its end.
  static func queued(_ request: SubmissionRequest) -> RefAnswer {
    .done(name: "refs/queued/\(request.id)", old: nil, new: request.pushed)
  }

  static func cancelled(_ request: SubmissionRequest, deletes: Bool) -> RefAnswer {
    deletes ? .done(name: nil, old: nil, new: nil) : .done(name: "refs/cancelled/\(request.id)", old: nil, new: nil)
  }
}
