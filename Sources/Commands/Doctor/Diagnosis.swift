import Domain

/// What the doctor says about one thing.
struct Diagnosis: Hashable, Sendable {
  enum Level: String, Hashable, Sendable {
    case ok, warning, error
  }

  let level: Level
  /// What was looked at, in a word or two.
  let subject: String
  let sentence: String
  /// What to do about it.
  var advice: String?

  static func ok(_ subject: String, _ sentence: String) -> Diagnosis {
    Diagnosis(level: .ok, subject: subject, sentence: sentence)
  }

  static func warning(_ subject: String, _ sentence: String, advice: String? = nil) -> Diagnosis {
    Diagnosis(level: .warning, subject: subject, sentence: sentence, advice: advice)
  }

  static func error(_ subject: String, _ sentence: String, advice: String? = nil) -> Diagnosis {
    Diagnosis(level: .error, subject: subject, sentence: sentence, advice: advice)
  }

  var json: JSONValue {
    [
      "level": .string(level.rawValue), "subject": .string(subject), "sentence": .string(sentence),
      "advice": advice.json,
    ]
  }
}
