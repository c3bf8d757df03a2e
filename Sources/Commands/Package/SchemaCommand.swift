import ArgumentParser
import Domain

/// `sluice schema [DOCUMENT]`
struct SchemaCommand: ParsableCommand {
  /// The documents whose schemas are published.
  enum Document: String, ExpressibleByArgument, CaseIterable {
    case package, feedback, analysis

    var schema: JSONValue {
      switch self {
      case .package: WorkPackageSchema.json
      case .feedback: IntegrationFeedbackSchema.json
      case .analysis: FailureAnalysisSchema.json
      }
    }
  }

  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Prints the JSON Schema of a work package, of the answer to a failed integration, or of its analysis.",
    discussion: """
      JSON Schema 2020-12, for any validator and for agents that write their packages, and read their answers, themselves.

        sluice schema > work-package.schema.json
        sluice schema feedback > feedback.schema.json
        sluice schema analysis > analysis.schema.json
      """)

  @OptionGroup var place: Place

  @Argument(
    help: ArgumentHelp(
      "package: what agents submit; feedback: what 'sluice feedback --json' prints; analysis: what 'sluice analysis --json' prints."
    ))
  var document: Document = .package

  func run() throws {
    try place.enter()
    Console.say(document.schema.pretty)
  }
}
