import ArgumentParser
import Domain

/// Numbers separated by commas.
struct NumberList: ExpressibleByArgument {
  let numbers: [Double]

  init(_ numbers: [Double]) { self.numbers = numbers }

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Double($0) }
    guard !numbers.isEmpty, numbers.count == parts.count else { return nil }
    self.numbers = numbers
  }

  var defaultValueDescription: String {
    numbers.map { Event.decimal($0, places: $0 < 1 ? 2 : 0) }.joined(separator: ",")
  }
}
