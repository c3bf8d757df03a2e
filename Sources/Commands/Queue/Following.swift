import Domain
import GitProgram
import Processes

/// Follows a submission to its end, as a push that waits does.
enum Following {
  /// Tells each event as it comes.
  ///
  /// - Parameter secondsMax: how long to wait; nil waits for ever.
  /// - Returns: the end; nil where the time was over first.
  static func follow(
    _ submission: SubmissionID, in repository: ServerRepository, secondsMax: Double?,
    tell: (JournalFollower.Entry) -> Void
  ) throws(CommandFailure) -> SubmissionEnd? {
    let place = StatePaths(repository: repository.path)
    let call = WorkerCall(place)
    do {
      var follower = try JournalFollower(place, submissions: [submission])
      let began = ContinuousClock.now
      while true {
        var wait = 1.0
        if let secondsMax {
          let age = began.duration(to: .now)
          wait = min(1, secondsMax - Double(age.components.seconds) - Double(age.components.attoseconds) / 1e18)
        }
        let entries = try follower.next(waiting: Int32(max(0, wait) * 1_000))
        for entry in entries {
          tell(entry)
          if let end = entry.event.end { return end }
        }
        if wait <= 0 { return nil }
        // The worker that we wait for may have ended.
        if entries.isEmpty, call.isLeaseFree { _ = call.call() }
      }
    } catch { throw .unreachable("\(error)") }
  }

  /// The exit status of an end.
  static func status(_ end: SubmissionEnd?) -> ExitStatus {
    switch end?.state {
    case .landed?, .verified?: .done
    case nil: .unfinished
    default: .refused
    }
  }
}
