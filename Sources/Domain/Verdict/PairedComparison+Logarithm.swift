/// Logarithm and exponential, which the standard library leaves to the C library that this room does not import.
enum Logarithm {
  private static let ln2 = 0.693_147_180_559_945_309_4

  /// The natural logarithm of a finite number above zero, to within a few units in the last place.
  ///
  /// - Source: ln m = 2 artanh((m − 1) / (m + 1)), with m in √½…√2 so that the series is short.
  static func natural(_ value: Double) -> Double {
    precondition(value > 0 && value.isFinite, "a logarithm of what has none")
    var mantissa = value.significand
    var exponent = Double(value.exponent)
    if mantissa > 1.414_213_562_373_095 {
      mantissa /= 2
      exponent += 1
    }
    let ratio = (mantissa - 1) / (mantissa + 1)
    let square = ratio * ratio
    var power = ratio
    var sum = 0.0
    for odd in stride(from: 1.0, through: 23, by: 2) {
      sum += power / odd
      power *= square
    }
    return 2 * sum + exponent * ln2
  }

  static func base2(_ value: Double) -> Double { natural(value) / ln2 }

  /// The exponential; infinity and zero where a double has no better answer.
  static func exponential(_ value: Double) -> Double {
    guard value < 710 else { return .infinity }
    guard value > -745 else { return 0 }
    let halvings = (value / ln2).rounded()
    let rest = value - halvings * ln2
    var term = 1.0
    var sum = 1.0
    for step in 1...18 {
      term *= rest / Double(step)
      sum += term
    }
    // Two steps, since the least numbers have exponents that one factor cannot reach.
    let half = (halvings / 2).rounded(.towardZero)
    return sum * Double(sign: .plus, exponent: Int(half), significand: 1)
      * Double(sign: .plus, exponent: Int(halvings - half), significand: 1)
  }
}
