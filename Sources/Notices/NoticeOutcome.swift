/// What a receiver came to.
package enum NoticeOutcome: Hashable, Sendable {
  case taken
  /// Another attempt may go better; not before so many seconds, where the receiver said so.
  case failed(String, retryAfter: Int64? = nil)
  /// No attempt will go better before somebody changes something.
  case refused(String)
  /// The receiver wants nothing more.
  case gone(String)
  /// We were told to stop: it is as if it had not been tried.
  case stopped
}
