/// Why a result file is not what it says it is.
struct ResultError: Error, Hashable {
  let reason: String
  init(_ reason: String) { self.reason = reason }

  /// - Throws: where the bytes are no text in UTF-8.
  static func unlessUTF8(_ bytes: [UInt8]) throws(ResultError) {
    // A zero byte is UTF-8, and yet nothing but another encoding, or no text at all, has one.
    guard !bytes.contains(0) else { throw ResultError("it is not UTF-8") }
    do { _ = try UTF8Span(validating: bytes.span) } catch { throw ResultError("it is not UTF-8") }
  }
}
