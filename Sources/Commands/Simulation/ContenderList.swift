import ArgumentParser
import Simulation

/// Names of policies separated by commas.
struct ContenderList: ExpressibleByArgument {
  let contenders: [Contender]

  init(_ contenders: [Contender]) { self.contenders = contenders }

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    let contenders = parts.compactMap { Contender(rawValue: String($0)) }
    guard !contenders.isEmpty, contenders.count == parts.count else { return nil }
    self.contenders = contenders
  }

  static var allValueStrings: [String] { Contender.allCases.map(\.rawValue) }
  var defaultValueDescription: String { contenders.map(\.rawValue).joined(separator: ",") }
}
