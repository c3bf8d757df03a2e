import ArgumentParser
import Domain
import Engine
import GitProgram

/// `sluice audit`
struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Proves every landing again from the objects alone.",
    discussion: """
      Walks each target from where Sluice was installed and holds every landed commit against its certificate: the tree \
      that was tested, the base, the difference, the policy and its checks, and the merge where the submitted work is \
      still there. Names the first commit that does not hold, or has no certificate, and exits 1.

        sluice -C /srv/git/app.git audit
        sluice -C /srv/git/app.git audit --json
      """)

  @OptionGroup var place: Place

  @Flag(help: "Print the result as JSON.")
  var json = false

  @Argument(help: "The target; all of them where none is named.")
  var target: String?

  func run() throws {
    try place.enter()
    let server = try AuditedServer.open()
    var reports: [AuditReport] = []
    do {
      for target in try target.map({ [$0] }) ?? server.targets() {
        reports.append(try server.audit().run(target: target, start: server.start(of: target)))
      }
    } catch { throw CommandFailure.unreachable("the audit could not be finished: \(error)") }
    if json {
      Console.say(JSONValue.array(reports.map(Self.json)).pretty)
    } else {
      reports.flatMap(Self.lines).forEach(Console.say)
    }
    guard reports.allSatisfy({ $0.finding == nil }) else {
      throw CommandFailure.refused(
        "not every landing holds", hint: "sluice show <integration id> tells what was certified")
    }
  }

  private static func lines(_ report: AuditReport) -> [String] {
    let adopted = report.adopted == 0 ? "" : ", \(report.adopted) adopted"
    if let finding = report.finding {
      return ["\(report.target): \(finding.commit.hex) does not hold: \(finding.reason)"]
    }
    let tip = report.tip.map { "up to \($0.short)" } ?? "not there yet"
    return ["\(report.target): \(report.landings) landing\(report.landings == 1 ? "" : "s") proven\(adopted), \(tip)"]
  }

  private static func json(_ report: AuditReport) -> JSONValue {
    [
      "target": .string(report.target), "tip": (report.tip?.hex).json, "landings": .integer(report.landings),
      "adopted": .integer(report.adopted), "holds": .bool(report.finding == nil),
      "finding": report.finding.map { ["commit": .string($0.commit.hex), "reason": .string($0.reason)] } ?? .null,
    ]
  }
}

/// What `audit` and `adopt` know of a server: its targets and where each began.
struct AuditedServer {
  let repository: ServerRepository
  let git: GitProgram
  let settings: ServerSettings

  static func open() throws -> AuditedServer {
    let repository = try ServerRepository.installed()
    do {
      let git = try GitProgram(repository: repository.path)
      return AuditedServer(repository: repository, git: git, settings: try git.settings())
    } catch let error as SettingError {
      throw CommandFailure.unreachable("\(error.key) is '\(error.value)'; expected \(error.expected)")
    } catch let error as GitProgramError { throw CommandFailure.unreachable("\(error)") }
  }

  func audit() throws -> Audit { try Audit(repository: repository.path, git: git) }

  func targets() throws -> [String] { try [repository.headBranch()].compactMap { $0 } + settings.targets }

  /// The target's tip when Sluice was installed; nil where it did not exist.
  func start(of target: String) throws -> ObjectID? {
    for entry in try GitConfig.own(repository).values("sluice.start") {
      let words = entry.split(separator: " ")
      if words.count == 2, words[0] == target { return ObjectID(hex: words[1]) }
    }
    return nil
  }
}
