/// What is sent to a web server.
package struct WebRequest: Sendable {
  package var method: String
  package var url: String
  package var headers: [(name: String, value: String)]
  /// Nil for a request without one.
  package var body: [UInt8]?

  package init(_ method: String, _ url: String, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
  }
}

/// What a web server answers.
package struct WebAnswer: Sendable {
  package let status: Int
  /// Names in small letters, in the order they came.
  package let headers: [(name: String, value: String)]
  package let body: [UInt8]
  /// Whether more came than was asked for; the rest is not read.
  package let isCut: Bool

  package func header(_ name: String) -> String? { headers.last { $0.name == name }?.value }
}

/// How long and how much a request may take.
package struct WebLimits: Sendable {
  package var connectMilliseconds = 5_000
  package var totalMilliseconds = 15_000
  /// Bytes of an answer that are kept.
  package var answerBytes = 64 << 10

  package init() {}
}

/// Why there is no answer.
package enum WebError: Error, Hashable, Sendable, CustomStringConvertible {
  /// It is no http or https URL with a host and without a user.
  case malformed(String)
  /// An address or port that is not for us to connect to.
  case refused(String)
  /// The server cannot be found or connected to, or cuts the connection.
  case unreachable(String)
  case timedOut(String)
  /// The server's certificate does not hold.
  case untrusted(String)
  /// We were told to stop.
  case stopped

  package var description: String {
    switch self {
    case .malformed(let words), .refused(let words), .unreachable(let words), .timedOut(let words),
      .untrusted(let words):
      words
    case .stopped: "stopped"
    }
  }
}
