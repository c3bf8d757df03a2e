import Domain
import Glibc
import Processes
import Store

/// The files that pushes and `sluice watch` follow: one JSON line an event, numbered as in the ledger.
///
/// The ledger is the truth; a line that a crash kept out of the file is written again from it.
struct Journal {
  let place: StatePaths

  func path(of submission: SubmissionID) -> String { place.journal(of: submission) }

  /// Appends events, each with its number in front, in one write.
  func append(_ events: [NumberedEvent], of submission: SubmissionID) throws(SystemError) {
    guard !events.isEmpty else { return }
    let file = try Descriptor(opening: path(of: submission), O_WRONLY | O_APPEND | O_CREAT, mode: 0o600)
    try file.write(events.map(Self.line).joined().utf8)
  }

  /// Writes the whole file anew where it does not hold exactly these events.
  func repair(_ events: [NumberedEvent], of submission: SubmissionID) throws(SystemError) {
    let wanted = Array(events.map(Self.line).joined().utf8)
    let present = try content(of: submission)
    guard present != wanted else { return }
    // Followers read on from where they are: a good beginning is continued, only a torn one is replaced.
    if wanted.starts(with: present) {
      let file = try Descriptor(opening: path(of: submission), O_WRONLY | O_APPEND | O_CREAT, mode: 0o600)
      return try file.write(wanted[present.count...])
    }
    let fresh = path(of: submission) + ".new"
    do {
      let file = try Descriptor(opening: fresh, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
      try file.write(wanted)
    }
    guard rename(fresh, path(of: submission)) == 0 else { throw SystemError("cannot rename \(fresh)") }
  }

  private func content(of submission: SubmissionID) throws(SystemError) -> [UInt8] {
    guard access(path(of: submission), F_OK) == 0 else { return [] }
    let file = try Descriptor(opening: path(of: submission), O_RDONLY)
    return try file.readAll(max: 64 << 20) ?? []
  }

  private static func line(_ event: NumberedEvent) -> String { "{\"seq\":\(event.number),\(event.json.dropFirst())\n" }
}
