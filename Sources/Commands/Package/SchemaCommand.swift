import ArgumentParser
import Domain

/// `sluice schema`
struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Prints the JSON Schema of a work package.",
    discussion: """
      JSON Schema 2020-12, for any validator and for agents that write their packages themselves.

        sluice schema > work-package.schema.json
      """)

  @OptionGroup var place: Place

  func run() throws {
    try place.enter()
    Console.say(WorkPackageSchema.json.pretty)
  }
}
