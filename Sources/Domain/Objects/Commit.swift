/// Who did something and when, as a commit records it: `Name <email> <unix seconds> <zone>`.
package struct Signature: Hashable, Sendable {
  package let name: String
  package let email: String
  /// Seconds since 1970, UTC.
  package let time: Int64
  /// Minutes east of UTC.
  package let zoneMinutes: Int

  package init(name: String, email: String, time: Int64, zoneMinutes: Int = 0) {
    self.name = name
    self.email = email
    self.time = time
    self.zoneMinutes = zoneMinutes
  }

  /// Reads the header value of an `author`, `committer` or `tagger` line; nil where it has not that shape.
  package init?(header: some Collection<UInt8>) {
    let bytes = Array(header)
    guard let open = bytes.firstIndex(of: UInt8(ascii: "<")), let close = bytes.lastIndex(of: UInt8(ascii: ">")),
      open < close
    else { return nil }
    let rest = String(decoding: bytes[(close + 1)...], as: UTF8.self).split(separator: " ")
    guard let first = rest.first, let time = Int64(first) else { return nil }
    var zone = 0
    if rest.count > 1, rest[1].utf8.count == 5, let digits = Int(rest[1].dropFirst()) {
      zone = (digits / 100 * 60 + digits % 100) * (rest[1].hasPrefix("-") ? -1 : 1)
    }
    var name = String(decoding: bytes[..<open], as: UTF8.self)
    while name.hasSuffix(" ") { name.removeLast() }
    self.init(
      name: name, email: String(decoding: bytes[(open + 1)..<close], as: UTF8.self), time: time, zoneMinutes: zone)
  }

  /// The header value, with characters that would break the line or the brackets taken out.
  package var header: String {
    func clean(_ text: String) -> String {
      String(
        String.UnicodeScalarView(
          text.unicodeScalars.filter { $0.value >= 32 && $0 != "<" && $0 != ">" && $0.value != 127 }))
    }
    let magnitude = abs(zoneMinutes)
    let digits = String(10_000 + magnitude / 60 * 100 + magnitude % 60).dropFirst()
    return "\(clean(name)) <\(clean(email))> \(time) \(zoneMinutes < 0 ? "-" : "+")\(digits)"
  }
}

/// A commit as git stores it.
package struct Commit: Hashable, Sendable {
  package var tree: ObjectID
  package var parents: [ObjectID]
  package var author: Signature
  package var committer: Signature
  /// Headers that are kept as they are and not interpreted (`encoding`, `gpgsig`, …), continuation lines included.
  package var otherHeaders: [(name: String, value: [UInt8])]
  package var message: [UInt8]

  package init(tree: ObjectID, parents: [ObjectID], author: Signature, committer: Signature, message: [UInt8]) {
    self.tree = tree
    self.parents = parents
    self.author = author
    self.committer = committer
    self.otherHeaders = []
    self.message = message
  }

  /// The message as text; bytes that are not UTF-8 are replaced.
  package var text: String { String(decoding: message, as: UTF8.self) }

  /// The first line of the message.
  package var subject: String { String(text.split(separator: "\n", maxSplits: 1).first ?? "") }

  /// Reads a raw commit.
  package init(parsing bytes: [UInt8]) throws(ObjectFormatError) {
    var headers = HeaderReader(bytes)
    var tree: ObjectID?
    var author: Signature?
    var committer: Signature?
    parents = []
    otherHeaders = []
    while let (name, value) = headers.next() {
      switch name {
      case "tree": tree = ObjectID(hexBytes: value)
      case "parent":
        guard let parent = ObjectID(hexBytes: value) else { throw .malformedCommit }
        parents.append(parent)
      case "author": author = Signature(header: value)
      case "committer": committer = Signature(header: value)
      default: otherHeaders.append((name, value))
      }
    }
    guard let tree, let author, let committer else { throw .malformedCommit }
    self.tree = tree
    self.author = author
    self.committer = committer
    message = headers.body
  }

  /// The raw commit.
  package var serialized: [UInt8] {
    var text = "tree \(tree.hex)\n"
    for parent in parents { text += "parent \(parent.hex)\n" }
    text += "author \(author.header)\ncommitter \(committer.header)\n"
    var bytes = Array(text.utf8)
    for header in otherHeaders { bytes += Array("\(header.name) ".utf8) + header.value + [UInt8(ascii: "\n")] }
    return bytes + [UInt8(ascii: "\n")] + message
  }

  package static func == (left: Commit, right: Commit) -> Bool { left.serialized == right.serialized }
  package func hash(into hasher: inout Hasher) { hasher.combine(serialized) }
}

/// An annotated tag: what it points at and its message.
package struct Tag: Hashable, Sendable {
  package let target: ObjectID
  /// `commit`, `tree`, `blob` or `tag`.
  package let targetKind: String
  package let name: String
  package let message: [UInt8]

  package init(target: ObjectID, targetKind: String, name: String, message: [UInt8]) {
    self.target = target
    self.targetKind = targetKind
    self.name = name
    self.message = message
  }

  /// Reads a raw tag.
  package init(parsing bytes: [UInt8]) throws(ObjectFormatError) {
    var headers = HeaderReader(bytes)
    var target: ObjectID?
    var kind: String?
    var name = ""
    while let (key, value) = headers.next() {
      switch key {
      case "object": target = ObjectID(hexBytes: value)
      case "type": kind = String(decoding: value, as: UTF8.self)
      case "tag": name = String(decoding: value, as: UTF8.self)
      default: break
      }
    }
    guard let target, let kind else { throw .malformedTag }
    self.init(target: target, targetKind: kind, name: name, message: headers.body)
  }
}

/// Reads the header lines that commits and tags share; `body` is what follows the empty line.
private struct HeaderReader {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var body: [UInt8] { position < bytes.count ? Array(bytes[position...]) : [] }

  mutating func next() -> (String, [UInt8])? {
    guard position < bytes.count else { return nil }
    guard bytes[position] != UInt8(ascii: "\n") else {
      position += 1
      return nil
    }
    var end = lineEnd(from: position)
    // A line that starts with a space continues the header above it.
    while end + 1 < bytes.count, bytes[end + 1] == UInt8(ascii: " ") { end = lineEnd(from: end + 1) }
    let line = bytes[position..<end]
    position = min(end + 1, bytes.count)
    let split = line.firstIndex(of: UInt8(ascii: " ")) ?? line.endIndex
    return (String(decoding: line[..<split], as: UTF8.self), Array(line[min(split + 1, line.endIndex)...]))
  }

  private func lineEnd(from start: Int) -> Int { bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count }
}
