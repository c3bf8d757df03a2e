/// The literals that secrets begin with or stand beside, found in one pass over the bytes.
///
/// Every two bytes index a table that says whether a literal may begin there, which nearly always it may not.
struct SecretTriggers: Sendable {
  enum Kind: Sendable {
    case form(TokenForm)
    case webToken, keyBlock, puttyKey, address, telegram
    /// A word in names of secrets; found whatever its case.
    case name(SecretAssignment.Word)
  }

  struct Trigger: Sendable {
    let literal: [UInt8]
    let kind: Kind
  }

  /// By two bytes: 0 for none, else one more than the index of the literals that begin so.
  private var table = [UInt8](repeating: 0, count: 1 << 16)
  private var lists: [[Trigger]] = []

  static let all = SecretTriggers()

  private init() {
    for form in TokenForm.known { for literal in form.literals { add(literal, .form(form)) } }
    add("eyJ", .webToken)
    add("-----BEGIN ", .keyBlock)
    add("---- BEGIN SSH2 ", .keyBlock)
    add("PuTTY-User-Key-File-", .puttyKey)
    add("://", .address)
    add(":AA", .telegram)
    for word in SecretAssignment.Word.allCases { add(word.rawValue, .name(word)) }
  }

  /// Calls `body` with each literal and where it begins, until it says no.
  func visit(_ text: ArraySlice<UInt8>, _ body: (Trigger, Int) -> Bool) {
    let base = text.startIndex
    text.withUnsafeBufferPointer { bytes in
      table.withUnsafeBufferPointer { table in
        guard var pair = bytes.first.map(Int.init) else { return }
        for index in bytes.indices.dropFirst() {
          pair = (pair << 8 | Int(bytes[index])) & 0xffff
          let list = table[pair]
          guard list != 0 else { continue }
          for trigger in lists[Int(list) - 1] where trigger.stands(in: bytes, at: index - 1) {
            guard body(trigger, base + index - 1) else { return }
          }
        }
      }
    }
  }

  private mutating func add(_ literal: String, _ kind: Kind) {
    let bytes = Array(literal.utf8)
    let trigger = Trigger(literal: bytes, kind: kind)
    let firsts = trigger.ignoresCase ? [bytes[0], bytes[0] - 32] : [bytes[0]]
    let seconds = trigger.ignoresCase ? [bytes[1], bytes[1] - 32] : [bytes[1]]
    for first in firsts {
      for second in seconds {
        let pair = Int(first) << 8 | Int(second)
        if table[pair] == 0 {
          lists.append([])
          precondition(lists.count < 256, "more beginnings than a byte counts")
          table[pair] = UInt8(lists.count)
        }
        lists[Int(table[pair]) - 1].append(trigger)
      }
    }
  }
}

extension SecretTriggers.Trigger {
  var ignoresCase: Bool { if case .name = kind { true } else { false } }

  fileprivate func stands(in text: UnsafeBufferPointer<UInt8>, at start: Int) -> Bool {
    guard text.count - start >= literal.count else { return false }
    let ignoresCase = ignoresCase
    for offset in literal.indices {
      let byte = text[start + offset]
      guard (ignoresCase ? byte.lowercased : byte) == literal[offset] else { return false }
    }
    return true
  }
}
