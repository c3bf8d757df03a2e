import ArgumentParser
import Glibc

/// The `sluice` executable: what people, agents and administrators type.
package enum Sluice {
  /// Runs the command line and ends the process with its status.
  package static func run() -> Never { SluiceCommand.start() }
}

struct SluiceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sluice",
    abstract: "Lands the work of many agents on one main branch, proven.",
    discussion: """
      Agents push to submit/* of a bare git repository; Sluice checks the work package, merges it, runs the checks of \
      .sluice.yml and moves main to exactly what was tested. These commands set a repository up, make and send \
      submissions, and show what became of them.

      Exit statuses: 0 done or landed, 1 refused or failed, 2 wrong usage, 3 not finished yet, \
      4 the repository or its store cannot be reached.
      """,
    version: sluiceVersion,
    groupedSubcommands: [
      CommandGroup(
        name: "Agent",
        subcommands: [
          SubmitCommand.self, ValidateCommand.self, SchemaCommand.self, StatusCommand.self, ShowCommand.self,
          LogCommand.self, FeedbackCommand.self, AnalysisCommand.self, WatchCommand.self, CancelCommand.self,
          RetryCommand.self,
          StatsCommand.self,
        ]),
      CommandGroup(
        name: "Administrator",
        subcommands: [
          InstallCommand.self, UninstallCommand.self, DoctorCommand.self, WorkerCommand.self, PauseCommand.self,
          FreezeCommand.self, ResumeCommand.self, PromoteCommand.self, RollbackCommand.self, StatusReportCommand.self,
          ApproveCommand.self, QuarantineCommand.self, NoticesCommand.self, UpstreamCommand.self, GitHubCommand.self,
          AuditCommand.self, AdoptCommand.self, GcCommand.self, SimulateCommand.self,
        ]),
    ])

  static var _errorPrefix: String { "sluice: " }

  @OptionGroup var place: Place

  static func start() -> Never {
    // A standard stream that is closed would be taken by the next file that is opened, and written over. Nothing of ours
    // has opened one yet; an asynchronous `main` would have.
    for number in 0...2 where fcntl(Int32(number), F_GETFD) < 0 { _ = open("/dev/null", O_RDWR) }
    signal(SIGPIPE, SIG_IGN)
    // Whoever started us may have signals blocked, and a worker must be able to be ended.
    var none = sigset_t()
    sigemptyset(&none)
    sigprocmask(SIG_SETMASK, &none, nil)
    do {
      let arguments = try Place.enter(leadingOf: Array(CommandLine.arguments.dropFirst()))
      var command = try parseAsRoot(arguments)
      try command.run()
      Glibc.exit(ExitStatus.done.rawValue)
    } catch let failure as CommandFailure {
      Console.report(failure)
      Glibc.exit(failure.status.rawValue)
    } catch {
      end(with: error)
    }
  }

  private static func end(with error: any Error) -> Never {
    let code = exitCode(for: error)
    let text = fullMessage(for: error)
    let status = code == .validationFailure ? ExitStatus.usage.rawValue : code.rawValue
    if !text.isEmpty { Console.write(text + "\n", to: code.isSuccess ? STDOUT_FILENO : STDERR_FILENO) }
    Glibc.exit(status)
  }
}

/// The version of the product, as `sluice --version` prints it.
let sluiceVersion = "0.1.0"
