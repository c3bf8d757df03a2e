import Domain
import Glibc
import Processes

/// Holds a repository's lease and writes journals, as the worker does, at the moments that a test chooses.
final class StandInWorker {
  private let place: StatePaths
  private let lease: Descriptor
  private var numbers: [SubmissionID: Int] = [:]

  init(of world: World) throws {
    place = StatePaths(repository: world.server)
    for folder in [place.state, place.journal] { mkdir(folder, 0o700) }
    lease = try Descriptor(opening: place.lock, O_RDWR | O_CREAT)
    guard flock(lease.number, LOCK_EX | LOCK_NB) == 0 else { throw SystemError("flock") }
  }

  func tell(_ events: [Event], of submission: SubmissionID) throws {
    let file = try Descriptor(opening: place.journal(of: submission), O_WRONLY | O_APPEND | O_CREAT)
    for event in events {
      let number = numbers[submission, default: 0] + 1
      numbers[submission] = number
      try file.write("{\"seq\":\(number),\"time\":\"2024-01-01T12:00:00Z\",\(event.json.dropFirst())\n".utf8)
    }
  }

  /// Writes the beginning of a line, as a worker that is killed in the middle does.
  func tear(_ submission: SubmissionID) throws {
    let file = try Descriptor(opening: place.journal(of: submission), O_WRONLY | O_APPEND | O_CREAT)
    try file.write("{\"seq\":99,\"eve".utf8)
  }

  /// Writes a journal anew under another name and puts it in the old one's place, as a worker that starts again does.
  func replace(_ submission: SubmissionID, with events: [Event]) throws {
    let path = place.journal(of: submission)
    numbers[submission] = 0
    guard rename(path, path + ".old") == 0 else { throw SystemError("rename") }
    try tell(events, of: submission)
  }
}
