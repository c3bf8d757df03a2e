package import Domain

/// A text that hangs on an object.
package struct Note: Hashable, Sendable {
  package let target: ObjectID
  package let text: [UInt8]

  package init(on target: ObjectID, _ text: some StringProtocol) {
    self.target = target
    self.text = Array(text.utf8)
  }
}

extension Repository {
  /// Makes the commit that adds notes on top of `tip`, without moving a ref; the caller moves it by compare-and-swap.
  ///
  /// - Shape: `ab/<38 digits>`, so the cost of a note is that of two small trees however many there are; a note that
  ///   stands elsewhere (git spreads them in its own way) is replaced, not doubled.
  /// - Source: git-notes(1), "discussion".
  package func commitNotes(
    _ notes: [Note], onto tip: ObjectID?, by signature: Signature, message: String
  ) throws(GitError) -> ObjectID {
    let root = if let tip { try commit(tip).tree } else { ObjectID.emptyTree }
    var edits: [TreeEdit] = []
    for note in notes {
      if let old = try place(ofNoteOn: note.target, in: root) { edits.append(TreeEdit(old, nil)) }
    }
    for note in notes {
      edits.append(TreeEdit(Self.place(of: note), .init(mode: .file, id: try write(note.text, as: .blob))))
    }
    let tree = try editing(root, edits)
    return try write(
      Commit(
        tree: tree, parents: tip.map { [$0] } ?? [], author: signature, committer: signature,
        message: Array(message.utf8)))
  }

  /// The note on an object as of the notes commit `tip`, at most `sizeMax` bytes; nil where there is none.
  package func note(on target: ObjectID, in tip: ObjectID, sizeMax: Int) throws(GitError) -> [UInt8]? {
    let root = try commit(tip).tree
    guard let place = try place(ofNoteOn: target, in: root), let entry = try entry(at: place, in: root) else {
      return nil
    }
    return try blob(entry.id, sizeMax: sizeMax)
  }

  private static func place(of note: Note) -> TreePath {
    let digits = note.target.hex
    return TreePath("\(digits.prefix(2))/\(digits.dropFirst(2))")
  }

  /// Where a note stands: flat, or under any number of folders of two digits each.
  private func place(ofNoteOn target: ObjectID, in root: ObjectID) throws(GitError) -> TreePath? {
    var folder = root
    var path = TreePath(bytes: [])
    var rest = Array(target.hex.utf8)[...]
    while true {
      let entries = try tree(folder)
      if entries.contains(where: { $0.name.elementsEqual(rest) && !$0.isTree }) { return path.appending(Array(rest)) }
      let name = rest.prefix(2)
      guard let next = entries.first(where: { $0.name.elementsEqual(name) && $0.isTree }) else { return nil }
      path = path.appending(Array(name))
      folder = next.id
      rest = rest.dropFirst(2)
    }
  }
}
