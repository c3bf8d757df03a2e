extension Policy {
  /// How much more a performance check may take than on the base, in percent; nil where it does not matter.
  package struct Budget: Hashable, Sendable {
    package var time: Double?
    package var memory: Double?

    package init(time: Double? = nil, memory: Double? = nil) {
      self.time = time
      self.memory = memory
    }
  }

  /// How a conflict in some files is resolved.
  package struct Resolution: Hashable, Sendable {
    package enum Method: Hashable, Sendable {
      /// Both sides' lines are kept where they meet, the target's first.
      case union
      /// The target's lines are kept where they meet.
      case ours
      /// The submission's lines are kept where they meet.
      case theirs
      /// The command writes the file anew.
      case command(String)
    }

    /// A path or a glob.
    package var path: String
    package var method: Method

    package init(path: String, method: Method) {
      self.path = path
      self.method = method
    }
  }

  /// One receiver of notifications.
  package struct Notification: Hashable, Sendable {
    /// What is worth telling: the seven occasions of the integration flow, and what calls for a person. A submission's
    /// event of the same name is told.
    package enum Occasion: String, Hashable, Sendable, CaseIterable {
      case submissionReceived = "submission_received"
      case integrationStarted = "integration_started"
      case integrationSuccess = "integration_success"
      case deploymentStarted = "deployment_started"
      case deploymentSuccess = "deployment_success"
      case integrationFailed = "integration_failed"
      case deploymentFailed = "deployment_failed"
      case securityQuarantine = "security_quarantine"
      case rollback
      case freeze
      case recovery
    }

    package var sink: NoticeSink
    package var events: [Occasion]

    package init(_ sink: NoticeSink, events: [Occasion] = Occasion.allCases) {
      self.sink = sink
      self.events = events
    }

    /// Reads a receiver as git config writes it: a sink, then `events=<event>,…` where not all are meant.
    package init?(text: String) {
      var words = text.split(separator: " ").map(String.init)
      var events = Occasion.allCases
      if let last = words.last, last.hasPrefix("events=") {
        let named = last.dropFirst("events=".count).split(separator: ",", omittingEmptySubsequences: false)
        events = named.compactMap { Occasion(rawValue: String($0)) }
        guard events.count == named.count else { return nil }
        words.removeLast()
      }
      guard let sink = NoticeSink(words: words) else { return nil }
      self.init(sink, events: events)
    }
  }
}
