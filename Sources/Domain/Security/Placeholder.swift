/// Text that stands where a secret would: in documents, templates and tests.
enum Placeholder {
  /// Whether `value` says of itself that it is none, refers to one, or is typed rather than drawn.
  static func isOne(_ value: ArraySlice<UInt8>) -> Bool {
    guard !value.isEmpty else { return true }
    return words.contains { value.holds($0) } || isReference(value) || isTyped(value) || isDocumented(value)
  }

  private static let words: [StaticString] = [
    "example", "changeme", "change-me", "change_me", "xxxx", "your-", "your_", "yourtoken", "yourkey", "yourpass",
    "placeholder", "dummy", "sample", "redacted", "replace", "insert", "notreal", "not-a-real", "fake", "****", "...",
    "todo", "deadbeef", "test-", "test_", "-test", "_test", "my-secret", "my_secret", "mysecret", "foobar",
  ]

  /// A variable, a template's gap or a look-up in the environment.
  private static func isReference(_ value: ArraySlice<UInt8>) -> Bool {
    let first = value.byte(value.startIndex)
    if first == UInt8(ascii: "$") || first == UInt8(ascii: "<") || first == UInt8(ascii: "%") { return true }
    let marks: [StaticString] = ["${", "{{", "$(", "#{", "<%", "process.env", "environ", "getenv", "env[", "env."]
    return marks.contains { value.holds($0) }
  }

  /// Five of the same in a row, few different characters, or half of it in the order of the alphabet.
  private static func isTyped(_ value: ArraySlice<UInt8>) -> Bool {
    var run = 1
    var ascending = 0
    for (byte, next) in zip(value, value.dropFirst()) {
      run = byte == next ? run + 1 : 1
      if run >= 5 { return true }
      if next == byte &+ 1 { ascending += 1 }
    }
    return Set(value).count < min(6, value.count / 2) || ascending * 2 >= value.count
  }

  /// Keys that a provider's own documents print, by their beginnings.
  private static func isDocumented(_ value: ArraySlice<UInt8>) -> Bool {
    documented.contains { value.hasPrefix($0, at: value.startIndex) }
  }

  /// The key of Azure's storage emulator; AWS's say EXAMPLE of themselves.
  private static let documented: [[UInt8]] = [Array("Eby8vdM02xNOcqFlqUwJ".utf8)]
}
