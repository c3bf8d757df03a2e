/// Characters that make a program read as what it is not: they turn the direction of text, are not seen, or look like others.
///
/// - Source: Boucher and Anderson, "Trojan Source: Invisible Vulnerabilities" (CVE-2021-42574, CVE-2021-42694);
///   Unicode Technical Standard 39.
enum HiddenCharacters {
  static func shapes(_ file: ChangedFile) -> [DangerousShapes.Shape] {
    guard file.isFile else { return [] }
    var look = Look(isProgram: SourceName.isProgram(file.path))
    for run in file.added.runs where !look.isDone { look.read(run) }
    return look.shapes
  }

  /// What was seen in a file so far: the first of each kind.
  private struct Look {
    let isProgram: Bool
    private var turning: Int?
    private var smuggled: Int?
    private var unseen: Int?
    private var mixed: Int?
    private var tags = 0
    /// Characters outside ASCII, and those of them that are no UTF-8.
    private var read = 0
    private var brokenCount = 0

    private static let wordMax = 200
    private static let broken: UInt32 = 0xfffd
    /// The flags of England, Scotland and Wales have six.
    private static let flagTagsMax = 7

    init(isProgram: Bool) { self.isProgram = isProgram }

    var isDone: Bool { turning != nil && smuggled != nil && unseen != nil && (mixed != nil || !isProgram) }

    mutating func read(_ run: AddedLines.Run) {
      let bytes = run.bytes
      var lines = LineCount(run)
      var index = bytes.startIndex
      // A mark at the very beginning of a file says its encoding.
      if run.firstLine == 1, bytes.starts(with: [0xef, 0xbb, 0xbf]) { index += 3 }
      // Most of what programs are made of is ASCII, which is stepped over.
      while let next = bytes.firstNonASCII(from: index) {
        index = read(bytes, from: next, line: lines.line(at: next))
      }
    }

    /// Reads the word that `start` is in, and gives where it ends.
    private mutating func read(_ bytes: ArraySlice<UInt8>, from start: Int, line: Int) -> Int {
      let wordStart = bytes.start(of: .word, before: start, max: Self.wordMax)
      var word = WordReading(before: bytes.byte(wordStart - 1))
      for byte in bytes[wordStart..<start] { word.take(ascii: byte) }
      var index = start
      while index < bytes.endIndex, bytes[index] >= 0x80 || ByteSet.word.contains(bytes[index]) {
        if bytes[index] < 0x80 {
          word.take(ascii: bytes[index])
          index += 1
        } else {
          let (scalar, length) = Self.scalar(bytes, at: index)
          read += 1
          if scalar == Self.broken { brokenCount += 1 }
          note(scalar, line: line, between: word.last, and: bytes.byte(index + length))
          word.take(scalar)
          index += length
        }
        if isProgram, mixed == nil, word.isMixed { mixed = line }
      }
      word.end()
      if isProgram, mixed == nil, word.isMixed { mixed = line }
      return index
    }

    private mutating func note(_ scalar: UInt32, line: Int, between before: UInt32, and after: UInt8) {
      switch scalar {
      case 0x202a...0x202e, 0x2066...0x2069: turning = turning ?? line
      // Tags and the supplementary variation selectors carry whole hidden texts; tags also spell flags.
      case 0xe0100...0xe01ef: if before < 0x2e80 || Self.isSelector(before) { smuggled = smuggled ?? line }
      case 0xfe00...0xfe0f: if Self.isSelector(before) { smuggled = smuggled ?? line }
      case 0xe0000...0xe007f:
        tags = before == 0x1f3f4 ? 1 : (0xe0000...0xe007f).contains(before) ? tags + 1 : Self.flagTagsMax + 1
        if tags > Self.flagTagsMax { smuggled = smuggled ?? line }
      case 0x3164, 0x115f, 0x1160, 0xffa0: if isProgram { unseen = unseen ?? line }
      case 0x00ad, 0x061c, 0x180e, 0x200b...0x200f, 0x2060...0x2064, 0xfeff:
        // Between letters of other scripts, and in emoji, joiners have their use.
        let isBeside = (before < 0x80 && ByteSet.word.contains(UInt8(before))) && ByteSet.word.contains(after)
        if isBeside { unseen = unseen ?? line }
      default: break
      }
    }

    private static func isSelector(_ scalar: UInt32) -> Bool {
      (0xfe00...0xfe0f).contains(scalar) || (0xe0100...0xe01ef).contains(scalar)
    }

    var shapes: [DangerousShapes.Shape] {
      // An image has everything in it.
      guard brokenCount * 4 <= read else { return [] }
      typealias Shape = DangerousShapes.Shape
      return [
        turning.map {
          Shape(
            rule: "bidirectional-control", severity: isProgram ? .high : .medium, line: $0,
            message: "The line holds a control that turns the direction of text: it may not read as it runs.")
        },
        smuggled.map {
          Shape(
            rule: "hidden-text", severity: .high, line: $0,
            message: "The line holds characters that are never shown and can carry a whole hidden text.")
        },
        unseen.map {
          Shape(
            rule: "invisible-character", severity: .low, line: $0,
            message: "The line holds a character that is not seen.")
        },
        mixed.map {
          Shape(
            rule: "mixed-scripts", severity: .low, line: $0,
            message: "A name on the line has letters of another script that look Latin.")
        },
      ].compactMap(\.self)
    }

    /// The scalar at `index` and its length; bytes that are not UTF-8 stand for themselves as nothing of interest.
    private static func scalar(_ bytes: ArraySlice<UInt8>, at index: Int) -> (UInt32, Int) {
      let first = UInt32(bytes[index])
      let length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 1
      guard length > 1, index + length <= bytes.endIndex else { return (broken, 1) }
      var value = first & (0xff >> UInt32(length + 1))
      for offset in 1..<length {
        let byte = UInt32(bytes[index + offset])
        guard byte & 0xc0 == 0x80 else { return (broken, 1) }
        value = value << 6 | byte & 0x3f
      }
      return (value, length)
    }
  }

  /// The word being read: a name of letters, digits and underscores.
  private struct WordReading {
    private(set) var last: UInt32
    private var hasLatin = false
    private var hasAlike = false
    private var hasOther = false
    /// Whether the word that ended just now has Latin letters and letters that only look so, and no others.
    private(set) var isMixed = false

    init(before byte: UInt8) { last = UInt32(byte) }

    mutating func take(ascii byte: UInt8) {
      last = UInt32(byte)
      isMixed = false
      if ByteSet.letters.contains(byte) { hasLatin = true }
    }

    mutating func take(_ scalar: UInt32) {
      last = scalar
      isMixed = false
      if HiddenCharacters.looksLatin.contains(scalar) {
        hasAlike = true
      } else if (0x370...0x52f).contains(scalar) {
        hasOther = true
      } else if (0xc0...0x24f).contains(scalar) {
        hasLatin = true
      } else {
        end()
      }
    }

    mutating func end() {
      isMixed = hasLatin && hasAlike && !hasOther
      (hasLatin, hasAlike, hasOther) = (false, false, false)
    }
  }

  /// Cyrillic and Greek letters that most fonts draw as Latin ones.
  private static let looksLatin = Set(
    ("\u{0430}\u{0435}\u{043e}\u{0440}\u{0441}\u{0443}\u{0445}\u{0455}\u{0456}\u{0458}\u{0501}\u{051b}\u{051d}\u{04bb}"
      + "\u{0410}\u{0412}\u{0415}\u{041a}\u{041c}\u{041d}\u{041e}\u{0420}\u{0421}\u{0422}\u{0425}\u{0405}\u{0406}"
      + "\u{0391}\u{0392}\u{0395}\u{0396}\u{0397}\u{0399}\u{039a}\u{039c}\u{039d}\u{039f}\u{03a1}\u{03a4}\u{03a5}"
      + "\u{03a7}\u{03bf}").unicodeScalars.map(\.value))
}
