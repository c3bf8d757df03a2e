/// Values under numbers that are given in ascending order.
///
/// As fast as an array; its length is bounded by how many numbers were given since that of the oldest value left.
struct Numbered<Value: Hashable & Sendable>: Hashable, Sendable {
  private var slots: [Value?] = []
  /// The number of the first slot.
  private var first = 0
  /// How many slots in front are empty.
  private var gone = 0
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }

  /// The numbers in use, ascending.
  var keys: [Int] { keys { _ in true } }

  /// The value under a number; a new number must be greater than all that were in use.
  subscript(number: Int) -> Value? {
    _read {
      let index = number - first
      if slots.indices.contains(index) { yield slots[index] } else { yield nil }
    }
    _modify {
      let index = number - first
      if slots.indices.contains(index) {
        yield &slots[index]
      } else {
        var value: Value?
        yield &value
        if let value { append(value, as: number) }
      }
    }
  }

  func contains(_ number: Int) -> Bool {
    let index = number - first
    return slots.indices.contains(index) && slots[index] != nil
  }

  mutating func removeValue(forKey number: Int) -> Value? {
    let index = number - first
    guard slots.indices.contains(index), let value = slots[index] else { return nil }
    slots[index] = nil
    count -= 1
    trim()
    return value
  }

  /// The numbers of the values that `isIncluded`, ascending.
  func keys(where isIncluded: (Value) -> Bool) -> [Int] {
    slots.indices.dropFirst(gone).filter { slots[$0].map(isIncluded) ?? false }.map { $0 + first }
  }

  private mutating func append(_ value: Value, as number: Int) {
    if slots.isEmpty { first = number }
    precondition(number >= first + slots.count, "numbers are given in ascending order")
    while first + slots.count < number { slots.append(nil) }
    slots.append(value)
    count += 1
  }

  /// Drops the empty slots in front, where they are more than the others.
  private mutating func trim() {
    while gone < slots.count, slots[gone] == nil { gone += 1 }
    guard gone == slots.count || gone > 64 && gone > slots.count / 2 else { return }
    slots.removeFirst(gone)
    first += gone
    gone = 0
  }
}
