/// Points in time as text, UTC, by the proleptic Gregorian calendar.
package enum Timestamp {
  /// Writes seconds since 1970 as `2024-01-01T12:00:00Z`.
  ///
  /// - Bound: years 0 to 9999, which is what RFC 3339 can say; times outside are written as its first or last second.
  package static func rfc3339(_ seconds: Int64) -> String {
    let clamped = min(max(seconds, -62_167_219_200), 253_402_300_799)
    let days = (clamped >= 0 ? clamped : clamped - 86_399) / 86_400
    let second = clamped - days * 86_400
    let date = civil(days: days)
    let day = "\(digits(date.year, 4))-\(digits(date.month, 2))-\(digits(date.day, 2))"
    return "\(day)T\(digits(second / 3600, 2)):\(digits(second / 60 % 60, 2)):\(digits(second % 60, 2))Z"
  }

  /// Reads an RFC 3339 date and time strictly; nil for anything else, and for days and hours that do not exist.
  ///
  /// - Shape: `2024-01-01T12:00:00Z`, a fraction of any length, `Z` or an offset; `t` and `z` may be small.
  ///   Second 60 is taken only where UTC can have a leap second: at the end of a month.
  /// - Returns: seconds since 1970, the fraction dropped.
  package static func seconds(rfc3339 text: some StringProtocol) -> Int64? {
    var scan = Scan(bytes: Array(text.utf8))
    guard let year = scan.number(4), scan.take("-"), let month = scan.number(2), scan.take("-"),
      let day = scan.number(2), scan.take("Tt"), let hour = scan.number(2), scan.take(":"),
      let minute = scan.number(2), scan.take(":"), let second = scan.number(2), scan.fraction(),
      let offset = scan.offset(), scan.isAtEnd,
      (1...12).contains(month), day >= 1, day <= lastDay(of: month, year: year), hour < 24, minute < 60, second <= 60
    else { return nil }
    let total = days(year: year, month: month, day: day) * 86_400 + hour * 3600 + minute * 60 + second - offset * 60
    guard second < 60 || (total % 86_400 == 0 && civil(days: total / 86_400).day == 1) else { return nil }
    return total
  }

  private struct Scan {
    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    mutating func digit() -> Int64? {
      guard position < bytes.count, (0x30...0x39).contains(bytes[position]) else {
        return nil
      }
      position += 1
      return Int64(bytes[position - 1] - 0x30)
    }

    mutating func number(_ count: Int) -> Int64? {
      var value: Int64 = 0
      for _ in 0..<count {
        guard let digit = digit() else { return nil }
        value = value * 10 + digit
      }
      return value
    }

    mutating func take(_ choices: String) -> Bool {
      guard position < bytes.count, choices.utf8.contains(bytes[position]) else { return false }
      position += 1
      return true
    }

    /// Passes over a fraction; false for a dot without digits.
    mutating func fraction() -> Bool {
      guard take(".") else { return true }
      guard digit() != nil else { return false }
      while digit() != nil {}
      return true
    }

    /// Minutes east of UTC.
    mutating func offset() -> Int64? {
      if take("Zz") { return 0 }
      let sign: Int64 = take("+") ? 1 : -1
      guard sign == 1 || take("-"), let hour = number(2), take(":"), let minute = number(2), hour < 24, minute < 60
      else { return nil }
      return sign * (hour * 60 + minute)
    }
  }

  private static func lastDay(of month: Int64, year: Int64) -> Int64 {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days since 1970-01-01.
  ///
  /// - Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": years that begin in March put the leap day last.
  private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }

  private static func digits(_ value: Int64, _ width: Int) -> String {
    let text = "\(value)"
    return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
  }
}
