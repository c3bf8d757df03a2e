import Domain
import Testing

@Suite struct TimestampTests {
  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00Z"), (1_704_110_400, "2024-01-01T12:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"),
      (-1, "1969-12-31T23:59:59Z"), (4_107_542_399, "2100-02-28T23:59:59Z"), (4_107_542_400, "2100-03-01T00:00:00Z"),
      (-62_167_219_200, "0000-01-01T00:00:00Z"), (253_402_300_799, "9999-12-31T23:59:59Z"),
    ] as [(Int64, String)])
  func `a time is written and read back`(seconds: Int64, text: String) {
    #expect(Timestamp.rfc3339(seconds) == text)
    #expect(Timestamp.seconds(rfc3339: text) == seconds)
  }

  @Test func `times that four digits of a year cannot say are the nearest that they can`() {
    #expect(Timestamp.rfc3339(.max) == "9999-12-31T23:59:59Z")
    #expect(Timestamp.rfc3339(.min) == "0000-01-01T00:00:00Z")
  }

  @Test func `every day of eight centuries is one day after the one before`() {
    for day in Int64(-146_097)..<146_097 {
      #expect(Timestamp.seconds(rfc3339: Timestamp.rfc3339(day * 86_400)) == day * 86_400)
    }
  }

  @Test(
    arguments: [
      ("2024-01-01T12:00:00.5Z", 1_704_110_400), ("2024-01-01t12:00:00z", 1_704_110_400),
      ("2024-01-01T14:00:00+02:00", 1_704_110_400), ("2024-01-01T07:30:00.123456789-04:30", 1_704_110_400),
      ("2024-01-01T12:00:00-00:00", 1_704_110_400), ("2016-12-31T23:59:60Z", 1_483_228_800),
      ("2017-01-01T00:59:60+01:00", 1_483_228_800),
    ] as [(String, Int64)])
  func `every form of RFC 3339 is read`(text: String, seconds: Int64) {
    #expect(Timestamp.seconds(rfc3339: text) == seconds)
  }

  @Test(arguments: [
    "", "2024-01-01", "2024-01-01T12:00:00", "2024-01-01 12:00:00Z", "2024-01-01T12:00Z", "2024-1-1T12:00:00Z",
    "2023-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2024-04-31T00:00:00Z", "2024-13-01T00:00:00Z",
    "2024-00-01T00:00:00Z", "2024-01-00T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T12:60:00Z",
    "2024-01-01T12:00:61Z", "2024-01-01T12:00:60Z", "2024-01-02T23:59:60Z", "2024-01-01T12:00:00.Z",
    "2024-01-01T12:00:00+0200", "2024-01-01T12:00:00+24:00", "2024-01-01T12:00:00+02:60", "2024-01-01T12:00:00Z ",
    "２０２４-01-01T12:00:00Z", "+2024-01-01T12:00:00Z", "1704110400",
  ])
  func `what is no such time is not read`(text: String) {
    #expect(Timestamp.seconds(rfc3339: text) == nil)
  }
}
