import Glibc
import Processes

/// Reads from `/proc` what a process and everything below it uses.
enum ProcessTree {
  /// At most so many processes are looked at: a fork bomb must not stop the watch.
  private static let processesMax = 5_000

  /// The pids of a process and of everything below it.
  static func pids(from root: Int32) -> [Int32] {
    var found = [root]
    var next = 0
    while next < found.count, found.count < processesMax {
      let folder = "/proc/\(found[next])/task"
      next += 1
      for thread in names(in: folder) {
        guard let text = text(of: "\(folder)/\(thread)/children") else { continue }
        found += text.split(separator: " ").compactMap { Int32($0) }
      }
    }
    return found
  }

  /// The process that a process answers to; nil where it is gone.
  static func parent(of pid: Int32) -> Int32? {
    // The name in brackets may hold anything, brackets too.
    guard let text = text(of: "/proc/\(pid)/stat"), let end = text.lastIndex(of: ")") else { return nil }
    return text[end...].split(separator: " ").dropFirst(2).first.flatMap { Int32($0) }
  }

  /// The number of a process's process namespace; nil where it cannot be seen.
  static func namespace(of pid: Int32) -> Int? {
    var status = stat()
    return stat("/proc/\(pid)/ns/pid", &status) == 0 ? Int(status.st_ino) : nil
  }

  /// Resident bytes of the tree; memory that processes share is counted once where the simple sum is over `limit`.
  static func residentBytes(of pids: [Int32], limit: Int64) -> Int64 {
    let sum = pids.reduce(0) { $0 + resident($1) }
    return sum <= limit ? sum : pids.reduce(0) { $0 + (proportional($1) ?? resident($1)) }
  }

  /// What processes and the children that they have waited for have used, memory left out.
  static func usage(of pids: [Int32]) -> TreeUsage {
    var sum = TreeUsage()
    for pid in pids {
      if let seconds = processorSeconds(pid) { sum.cpuSeconds = (sum.cpuSeconds ?? 0) + seconds }
      guard let (read, written) = transferredBytes(pid) else { continue }
      sum.readBytes = (sum.readBytes ?? 0) + read
      sum.writtenBytes = (sum.writtenBytes ?? 0) + written
    }
    return sum
  }

  private static func processorSeconds(_ pid: Int32) -> Double? {
    guard let text = text(of: "/proc/\(pid)/stat"), let end = text.lastIndex(of: ")") else { return nil }
    // Fields 14 to 17 of proc(5): its own ticks in user and system mode, and those of its children.
    let ticks = text[end...].split(separator: " ").dropFirst(12).prefix(4).compactMap { Int64($0) }
    return ticks.count == 4 ? Double(ticks.reduce(0, +)) / Double(sysconf(Int32(_SC_CLK_TCK))) : nil
  }

  private static func transferredBytes(_ pid: Int32) -> (read: Int64, written: Int64)? {
    guard let lines = text(of: "/proc/\(pid)/io")?.split(separator: "\n") else { return nil }
    func value(_ name: String) -> Int64? {
      lines.first { $0.hasPrefix(name) }?.split(separator: " ").last.flatMap { Int64($0) }
    }
    guard let read = value("rchar:"), let written = value("wchar:") else { return nil }
    return (read, written)
  }

  private static func resident(_ pid: Int32) -> Int64 {
    guard let fields = text(of: "/proc/\(pid)/statm")?.split(separator: " "), fields.count > 1 else { return 0 }
    return (Int64(fields[1]) ?? 0) * Int64(sysconf(Int32(_SC_PAGESIZE)))
  }

  private static func proportional(_ pid: Int32) -> Int64? {
    guard let text = text(of: "/proc/\(pid)/smaps_rollup") else { return nil }
    let line = text.split(separator: "\n").first { $0.hasPrefix("Pss:") }
    return line?.split(separator: " ").dropFirst().first.flatMap { Int64($0) }.map { $0 * 1_024 }
  }

  private static func text(of path: String) -> String? {
    do {
      let file = try Descriptor(opening: path, O_RDONLY)
      return try file.readAll(max: 1 << 20).map { String(decoding: $0, as: UTF8.self) }
    } catch {
      return nil
    }
  }

  private static func names(in path: String) -> [String] {
    do {
      return try Folder(opening: path, owner: nil).names().map { String(decoding: $0, as: UTF8.self) }
    } catch {
      return []
    }
  }
}
