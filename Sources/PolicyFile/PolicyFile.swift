package import Domain

/// `.sluice.yml`: the policy of a target as it is written.
package enum PolicyFile {
  /// Reads a policy file.
  ///
  /// - Bound: `PolicySource.bytesMax` bytes, 16 levels of nesting, no aliases.
  /// - Throws: everything that is wrong, each with its line and column; where the file is not YAML, the first.
  package static func read(_ bytes: [UInt8], name: String) throws(PolicyError) -> Policy {
    try PolicyReader.read(
      bytes, name: name, max: PolicySource.bytesMax, expecting: "a policy with version and checks"
    ) { $0.readPolicy($1) }
  }
}

extension PolicyReader {
  /// Reads a YAML file of at most `max` bytes by a function that notes what is wrong.
  static func read<Value>(
    _ bytes: [UInt8], name: String, max: Int, expecting what: String, _ read: (inout PolicyReader, YAMLNode) -> Value
  ) throws(PolicyError) -> Value {
    func refuse(_ mark: YAMLMark, _ sentence: String) -> PolicyError {
      PolicyError(name: name, problems: [.init(line: mark.line, column: mark.column, sentence: sentence)])
    }
    guard bytes.count <= max else { throw refuse(.start, "expected at most \(max) bytes, found \(bytes.count)") }
    let root: YAMLNode?
    var reader = PolicyReader()
    do {
      var parser = try YAMLParser(bytes)
      root = try parser.readDocument()
      for problem in parser.problems { reader.fail(problem.mark, problem.sentence) }
    } catch { throw refuse(error.mark, error.sentence) }
    guard let root, !root.isNothing else { throw refuse(.start, "expected \(what), found nothing") }
    let value = read(&reader, root)
    guard reader.problems.isEmpty else {
      let sorted = reader.problems.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
      throw PolicyError(name: name, problems: Array(sorted.prefix(PolicyError.problemsMax)))
    }
    return value
  }
}
