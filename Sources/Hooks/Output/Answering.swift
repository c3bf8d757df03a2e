import Domain
import GitProgram

/// Asks git, or the system, and turns what goes wrong into the refusal that the pusher reads.
func answering<Answer>(_ question: () throws -> Answer) throws(Refusal) -> Answer {
  do { return try question() } catch let refusal as Refusal { throw refusal } catch let error as GitProgramError {
    throw Refusal(error)
  } catch { throw Refusal(.infrastructure, "\(error)") }
}

extension Refusal {
  /// What a pusher is told where git could not answer.
  init(_ error: GitProgramError) {
    switch error {
    case .missing, .unexpectedKind, .malformed, .emptyFolder: self.init(.invalidPush, "\(error)")
    case .tooLarge, .tooManyObjects, .tooMuchOutput: self.init(.limitExceeded, "\(error)")
    case .notFound, .system, .ended: self.init(.infrastructure, "\(error)")
    }
  }
}
