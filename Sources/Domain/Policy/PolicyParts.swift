extension Policy {
  /// How much more a performance check may take than on the base, in percent; nil where it does not matter.
  package struct Budget: Hashable, Sendable {
    /// How much worse something may get that the check measures itself.
    package struct Metric: Hashable, Sendable {
      /// As the check's `metrics.json` has it.
      package var name: String
      package var percent: Double

      package init(name: String, percent: Double) {
        self.name = name
        self.percent = percent
      }
    }

    package var time: Double?
    package var memory: Double?
    /// In the order of the file.
    package var metrics: [Metric]

    package init(time: Double? = nil, memory: Double? = nil, metrics: [Metric] = []) {
      self.time = time
      self.memory = memory
      self.metrics = metrics
    }

    /// All of it, so that two budgets that differ have different words.
    package var words: [String] {
      ["\(time ?? 0)", "\(memory ?? 0)"] + metrics.flatMap { [$0.name, "\($0.percent)"] }
    }
  }

  /// A check that a person makes: an administrator's approval, without which nothing of a submission lands.
  package struct Review: Hashable, Sendable {
    package var name: String
    /// Globs: only a change to one of these files asks for it.
    package var paths: [String] = ["**"]
    /// How long a submission waits for it before it is refused.
    package var timeout: Duration = .seconds(24 * 3_600)
    package init(name: String) { self.name = name }

    /// The changed files that ask for it.
    ///
    /// - The policy itself always does: else whoever wants no review would take it out of the policy first.
    /// - A link or a submodule does where something below it would.
    package func concerned(by changes: [TreeChange]) -> [TreePath] {
      let globs = CheckInputs(globs: paths)
      return changes.lazy.filter { change in
        let standsForFolder = change.new?.mode == .symlink || change.new?.mode == .submodule
        return change.path == PolicySource.path || globs.match(change.path)
          || standsForFolder && globs.mayMatch(below: change.path)
      }.map(\.path)
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
      /// As people have settled the same lines before, in what landed.
      case recorded
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
    /// What is worth telling: the seven occasions of the integration flow, and what calls for a person.
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

      /// What a submission's event is an occasion of; nil where nobody but the followers of the journal is told.
      package init?(eventKind kind: String) {
        switch kind {
        case "rollback_started": self = .rollback
        case "target_frozen": self = .freeze
        default: self.init(rawValue: kind)
        }
      }
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
