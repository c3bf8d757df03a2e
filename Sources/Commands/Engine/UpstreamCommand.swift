import ArgumentParser
import Engine

/// `sluice _upstream`: what the engine runs for each exchange with the upstream.
struct UpstreamCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: UpstreamExchange.command, abstract: "Exchanges with the upstream for the worker.",
    shouldDisplay: false)

  func run() throws {
    let repository = try ServerRepository.installed()
    do { try UpstreamExchange.serve(repository: repository.path) } catch {
      throw CommandFailure.unreachable("\(error)")
    }
  }
}
