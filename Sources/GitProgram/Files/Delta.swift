/// How git stores one object as the difference from another.
///
/// - Source: gitformat-pack(5), "Deltified representation".
enum Delta {
  /// The size of the result, which stands in the delta's first bytes.
  static func resultSize(_ delta: [UInt8]) -> Int? {
    var rest = delta[...]
    return size(&rest).flatMap { _ in size(&rest) }
  }

  /// The object that the delta makes of its base; nil where it does not fit.
  static func apply(_ delta: [UInt8], to base: [UInt8], max: Int) -> [UInt8]? {
    var rest = delta[...]
    guard size(&rest) == base.count, let size = size(&rest), size <= max else { return nil }
    var result: [UInt8] = []
    result.reserveCapacity(size)
    while let order = rest.popFirst() {
      if order & 0x80 != 0 {
        guard let offset = number(order, bytes: 4, &rest), var length = number(order >> 4, bytes: 3, &rest) else {
          return nil
        }
        if length == 0 { length = 0x10000 }
        guard offset <= base.count, length <= base.count - offset else { return nil }
        result += base[offset..<(offset + length)]
      } else {
        guard order > 0, order <= rest.count else { return nil }
        result += rest.prefix(Int(order))
        rest = rest.dropFirst(Int(order))
      }
      guard result.count <= size else { return nil }
    }
    return result.count == size ? result : nil
  }

  private static func size(_ rest: inout ArraySlice<UInt8>) -> Int? {
    var value = 0
    var shift = 0
    while let byte = rest.popFirst(), shift < 56 {
      value |= Int(byte & 0x7F) << shift
      shift += 7
      if byte & 0x80 == 0 { return value }
    }
    return nil
  }

  /// A number of which only the bytes are stored that `present` marks.
  private static func number(_ present: UInt8, bytes: Int, _ rest: inout ArraySlice<UInt8>) -> Int? {
    var value = 0
    for index in 0..<bytes where present >> UInt8(index) & 1 != 0 {
      guard let byte = rest.popFirst() else { return nil }
      value |= Int(byte) << (8 * index)
    }
    return value
  }
}
