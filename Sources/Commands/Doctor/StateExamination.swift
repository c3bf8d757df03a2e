import Domain
import GitProgram
import Glibc
import Store

/// Looks at what Sluice keeps beside git's files, and at what a crash may have left.
struct StateExamination {
  private let repository: ServerRepository
  private let place: StatePaths

  init(_ repository: ServerRepository) throws(CommandFailure) {
    self.repository = repository
    place = StatePaths(repository: repository.path)
  }

  func run() throws(CommandFailure) -> [Diagnosis] {
    guard repository.isInstalled else { return [disk()] }
    return [folders(), wake(), worker(), ledger()] + leftovers() + [disk(), clock()]
  }

  private var repair: String { "sluice install \(repository.path)" }

  private func folders() -> Diagnosis {
    for path in [place.state, place.journal, place.worktrees, place.logs] {
      guard let status = Disk.status(path), status.kind == .folder else {
        return .error("sluice/", "\(path) is missing", advice: repair)
      }
      guard status.mode & 0o077 == 0 else { return .error("sluice/", "others may read \(path)", advice: repair) }
    }
    return .ok("sluice/", "there, and closed to others")
  }

  private func wake() -> Diagnosis {
    Disk.kind(place.wake) == .fifo
      ? .ok("sluice/wake", "a FIFO")
      : .error("sluice/wake", "is no FIFO: pushes cannot wake the worker", advice: repair)
  }

  private func worker() -> Diagnosis {
    do {
      let waiting = try repository.submissionsInFlight()
      guard WorkerCall(place).isLeaseFree else { return .ok("worker", "running, \(waiting) in flight") }
      return waiting == 0
        ? .ok("worker", "none runs, and none is needed: a push starts one")
        : .warning(
          "worker", "none runs, and \(waiting) submission\(waiting == 1 ? "" : "s") wait",
          advice: "sluice -C \(repository.path) worker; why the last one ended: \(place.logs)/worker.log")
    } catch { return .error("worker", error.sentence) }
  }

  private func ledger() -> Diagnosis {
    do {
      guard let ledger = try SQLiteLedger.openReading(place.ledger) else {
        return .ok("ledger", "not there yet; the first worker makes it")
      }
      try ledger.verifyIntegrity()
      let landings = try ledger.newestLandings(limit: 1).isEmpty ? "no landing yet" : "sound"
      return .ok("ledger", landings)
    } catch { return .error("ledger", CommandFailure(error).sentence) }
  }

  /// Lock files and unfinished pushes that nobody works on any more.
  private func leftovers() -> [Diagnosis] {
    var findings: [Diagnosis] = []
    let now = WallClock.now().seconds
    for path in lockFiles() {
      guard let age = Disk.status(path).map({ now - $0.changedAt }), age > 60 else { continue }
      findings.append(
        .error(
          "lock file", "\(path) is \(age) s old: git cannot write there",
          advice: "where no git is running in this repository, remove it"))
    }
    let unfinished = Disk.names(in: "\(repository.path)/objects").filter { name in
      guard name.hasPrefix("tmp_objdir-") else { return false }
      let age = Disk.status("\(repository.path)/objects/\(name)").map { now - $0.changedAt } ?? 0
      return age > 3_600
    }
    if let first = unfinished.first {
      findings.append(
        .warning(
          "unfinished pushes", "\(unfinished.count) in objects/, \(first) first",
          advice: "git --git-dir=\(repository.path) prune --expire=2.weeks.ago removes old ones"))
    }
    return findings.isEmpty ? [.ok("leftovers", "no lock files, no unfinished pushes")] : findings
  }

  private func lockFiles() -> [String] {
    var found: [String] = []
    var folders = [(repository.path, 0), ("\(repository.path)/refs", 1)]
    var looked = 0
    while let (folder, depth) = folders.popLast(), looked < 100_000 {
      for name in Disk.names(in: folder) {
        looked += 1
        let path = "\(folder)/\(name)"
        if name.hasSuffix(".lock"), path != place.lock { found.append(path) }
        if (1..<12).contains(depth), Disk.kind(path) == .folder { folders.append((path, depth + 1)) }
      }
    }
    return found
  }

  private func disk() -> Diagnosis {
    var space = statvfs()
    guard statvfs(repository.path, &space) == 0 else { return .error("disk", "cannot be looked at") }
    let free = UInt64(space.f_bavail) * UInt64(space.f_frsize)
    let shown = "\(free >> 20) MiB free"
    if space.f_files > 0, space.f_favail < 1_000 {
      return .error("disk", "\(space.f_favail) more files can be made", advice: "remove files from this disk")
    }
    switch free {
    case ..<(100 << 20): return .error("disk", shown, advice: "make room before the next push")
    case ..<(1 << 30): return .warning("disk", shown, advice: "make room")
    default: return .ok("disk", shown)
    }
  }

  private func clock() -> Diagnosis {
    let now = WallClock.now().seconds
    let newest: Int64?
    do { newest = try SQLiteLedger.openReading(place.ledger)?.newestLandings(limit: 1).first?.at } catch {
      newest = nil
    }
    guard now > 1_700_000_000 else {
      return .error("clock", "it is \(Timestamp.rfc3339(now))", advice: "set the clock")
    }
    if let newest, newest > now + 60 {
      return .warning(
        "clock", "the last landing was at \(Timestamp.rfc3339(newest)), and it is \(Timestamp.rfc3339(now))",
        advice: "the clock went back; let it be kept by NTP")
    }
    return .ok("clock", Timestamp.rfc3339(now))
  }
}
