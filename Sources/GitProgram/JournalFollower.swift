package import Domain
import Glibc
package import Processes

/// Reads the journals of submissions as the worker writes them.
///
/// - Fresh: a line is seen when it is written, through inotify, not at the next look.
/// - Once: every event is told once and in order, also where a worker has written a torn journal anew.
package struct JournalFollower: ~Copyable {
  package struct Entry: Hashable, Sendable {
    package let submission: SubmissionID
    package let event: Event
    /// The journal's line, without the line end.
    package let line: String
  }

  private let place: StatePaths
  private let watch: Descriptor
  private var journals: [Journal] = []

  /// Starts at the beginning of each journal; one that does not exist yet is made, so that its first line is seen.
  package init(_ place: StatePaths, submissions: [SubmissionID]) throws(SystemError) {
    self.place = place
    for folder in [place.state, place.journal] { mkdir(folder, 0o700) }
    watch = Descriptor(owning: inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK)))
    guard watch.number >= 0 else { throw SystemError("cannot watch the journal") }
    for submission in submissions { journals.append(try open(submission, after: 0)) }
  }

  /// The events that have been added since the last call, waiting for the first of them for at most `milliseconds`.
  package mutating func next(waiting milliseconds: Int32) throws(SystemError) -> [Entry] {
    let present = try read()
    guard present.isEmpty else { return present }
    var polled = pollfd(fd: watch.number, events: Int16(POLLIN), revents: 0)
    if poll(&polled, 1, milliseconds) > 0 {
      var news = [UInt8](repeating: 0, count: 4_096)
      while Glibc.read(watch.number, &news, news.count) > 0 {}
    }
    return try read()
  }

  private struct Journal {
    let submission: SubmissionID
    var file: Int32
    var inode: UInt64
    /// What was read after the last line end.
    var rest: [UInt8] = []
    var lastNumber: Int64
  }

  private func open(_ submission: SubmissionID, after number: Int64) throws(SystemError) -> Journal {
    let path = place.journal(of: submission)
    let file = Glibc.open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw SystemError("cannot open \(path)") }
    var status = stat()
    fstat(file, &status)
    let events = IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF
    _ = inotify_add_watch(watch.number, path, UInt32(events))
    return Journal(submission: submission, file: file, inode: UInt64(status.st_ino), lastNumber: number)
  }

  private mutating func read() throws(SystemError) -> [Entry] {
    var entries: [Entry] = []
    for index in journals.indices {
      entries += Self.lines(of: &journals[index])
      var status = stat()
      let path = place.journal(of: journals[index].submission)
      if stat(path, &status) == 0, UInt64(status.st_ino) != journals[index].inode {
        let old = journals[index]
        journals[index] = try open(old.submission, after: old.lastNumber)
        close(old.file)
        entries += Self.lines(of: &journals[index])
      }
    }
    return entries
  }

  private static func lines(of journal: inout Journal) -> [Entry] {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    var entries: [Entry] = []
    while true {
      let count = Glibc.read(journal.file, &buffer, buffer.count)
      guard count > 0 else { return entries }
      journal.rest += buffer[..<count]
      while let end = journal.rest.firstIndex(of: 10) {
        let line = Array(journal.rest[..<end])
        journal.rest.removeFirst(end + 1)
        guard let entry = entry(line, &journal) else { continue }
        entries.append(entry)
      }
    }
  }

  private static func entry(_ line: [UInt8], _ journal: inout Journal) -> Entry? {
    do {
      let json = try JSONValue.parse(line, limits: .own)
      guard let number = json["seq"]?.integer, number > journal.lastNumber, let event = Event(json: json) else {
        return nil
      }
      journal.lastNumber = number
      return Entry(submission: journal.submission, event: event, line: String(decoding: line, as: UTF8.self))
    } catch { return nil }
  }

  deinit { for journal in journals { close(journal.file) } }
}
