import ArgumentParser
import Domain
import Glibc
import Processes

/// `sluice validate FILE`
struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Checks a work package without a server.",
    discussion: """
      Reads a work package as a push would and names everything that is wrong with it, each with its place (a JSON \
      Pointer), what was expected and what was found. Whether the declared files are the real ones is only known when \
      the work is pushed.

        sluice validate .sluice/package.json
        sluice validate - < package.json
      """)

  @OptionGroup var place: Place

  @Flag(help: "Print the result as JSON.")
  var json = false

  @Argument(help: ArgumentHelp("The package; '-' reads standard input.", valueName: "file"))
  var file: String

  func run() throws {
    try place.enter()
    let refusal: Refusal?
    var warning: String?
    do {
      warning = try WorkPackage.read(bytes: try Self.read(file), limits: Policy.Limits()).warning
      refusal = nil
    } catch let error as Refusal { refusal = error }
    if json {
      Console.say(Self.json(refusal, warning).pretty)
    } else if refusal == nil {
      Console.say("\(Printable.line(file, max: 200)): a valid work package")
    }
    if let warning, !json { Console.warn(warning) }
    guard let refusal else { return }
    guard !json else { throw ExitCode(ExitStatus.refused.rawValue) }
    for detail in refusal.details { Console.note("  \(detail)") }
    throw CommandFailure.refused("\(refusal.category.rawValue): \(refusal.reason)", hint: refusal.hint)
  }

  private static func json(_ refusal: Refusal?, _ warning: String?) -> JSONValue {
    let violations = refusal.map { $0.details.isEmpty ? [$0.reason] : $0.details } ?? []
    return [
      "valid": .bool(refusal == nil), "category": (refusal?.category.rawValue).json,
      "violations": .array(violations.map(JSONValue.string)), "warning": warning.json,
    ]
  }

  private static func read(_ file: String) throws(CommandFailure) -> [UInt8] {
    // Larger than any package that is admitted; the reader says the exact limit.
    let max = 64 << 20
    guard file == "-" else { return try Disk.read(file, max: max) }
    do {
      let input = Descriptor(owning: dup(STDIN_FILENO))
      guard let bytes = try input.readAll(max: max) else {
        throw CommandFailure.refused("standard input is larger than \(max) bytes")
      }
      return bytes
    } catch let failure as CommandFailure { throw failure } catch {
      throw .unreachable("standard input does not read: \(error)")
    }
  }
}
