import Domain

/// A folder of files that is changed at random in all the ways that make merges hard.
struct GeneratedFiles: Equatable {
  private(set) var files: [String: FileState]

  private static let names = ["a", "b", "c", "m", "m.txt", "z"]
  private static let lines = ["{", "}", "", "  return", "alpha", "beta", "gamma", "delta", "epsilon", "zeta"]

  init(from seed: inout Seed) {
    files = [:]
    for _ in 0..<(6 + seed.below(12)) { put(Self.newPath(&seed), FileState(mode: .file, content: Self.text(&seed))) }
  }

  /// Changes some files, most often few; never leaves a path that is both a file and a folder.
  mutating func change(with seed: inout Seed) {
    for _ in 0..<(1 + seed.below(seed.chance(20) ? 6 : 2)) { changeOnce(with: &seed) }
  }

  private mutating func changeOnce(with seed: inout Seed) {
    let paths = files.keys.sorted()
    guard let path = paths.randomElement(using: &seed), let file = files[path] else {
      return put(Self.newPath(&seed), FileState(mode: .file, content: Self.text(&seed)))
    }
    switch seed.below(100) {
    case ..<40 where file.mode != .symlink:
      files[path] = FileState(mode: file.mode, content: Self.edited(file.content, &seed))
    case ..<55: put(Self.newPath(&seed), FileState(mode: .file, content: Self.text(&seed)))
    case ..<62: files[path] = nil
    case ..<73:
      files[path] = nil
      put(
        Self.newPath(&seed),
        seed.chance(50) ? file : FileState(mode: file.mode, content: Self.edited(file.content, &seed)))
    case ..<80: moveFolder(of: path, to: Self.newFolder(&seed))
    case ..<83: for inside in paths where inside.hasPrefix(Self.folder(of: path)) { files[inside] = nil }
    case ..<88: files[path] = FileState(mode: file.mode == .file ? .executable : .file, content: file.content)
    case ..<91: files[path] = FileState(mode: .symlink, content: Self.newPath(&seed))
    case ..<94: put(path + "/inside", file)
    case ..<97: put(Self.newPath(&seed), file)
    default:
      let folder = Self.folder(of: path)
      if !folder.isEmpty { put(String(folder.dropLast()), file) }
    }
  }

  /// Puts a file where it can stand: what is in its way, above or below, goes.
  private mutating func put(_ path: String, _ file: FileState) {
    for other in files.keys where other.hasPrefix(path + "/") || path.hasPrefix(other + "/") { files[other] = nil }
    files[path] = file
  }

  private mutating func moveFolder(of path: String, to target: String) {
    let folder = Self.folder(of: path)
    // Sorted, so that a seed means the same files every time.
    for (path, file) in files.sorted(by: { $0.key < $1.key }) where path.hasPrefix(folder) {
      files[path] = nil
      put(target + path.dropFirst(folder.count), file)
    }
  }

  private static func folder(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
  }

  private static func newFolder(_ seed: inout Seed) -> String {
    var folder = ""
    for _ in 0..<seed.below(3) { folder += (names.randomElement(using: &seed) ?? "a") + "/" }
    return folder
  }

  private static func newPath(_ seed: inout Seed) -> String {
    newFolder(&seed) + (names.randomElement(using: &seed) ?? "a")
  }

  private static func text(_ seed: inout Seed) -> String {
    // A few starting texts, so that files resemble each other and renames have rivals.
    var kind = Seed(UInt64(seed.below(7)))
    var text = ""
    for number in 0..<(8 + kind.below(20)) {
      text += (kind.chance(40) ? "line \(number)" : lines.randomElement(using: &kind) ?? "") + "\n"
    }
    return seed.chance(50) ? edited(text, &seed) : text
  }

  /// A text of few different lines, so that its lines can be matched in many ways.
  static func repetitive(_ seed: inout Seed) -> String {
    var text = ""
    for _ in 0..<(10 + seed.below(40)) {
      text += (seed.chance(35) ? "line \(seed.below(40))" : lines.prefix(6).randomElement(using: &seed) ?? "") + "\n"
    }
    return text
  }

  static func edited(_ text: String, _ seed: inout Seed) -> String {
    var all = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    for _ in 0..<(1 + seed.below(3)) {
      let place = seed.below(all.count)
      let line = lines.randomElement(using: &seed) ?? ""
      switch seed.below(4) {
      case 0: all.insert(line, at: place)
      case 1: all.insert(contentsOf: [line, "new \(seed.below(3))", line], at: place)
      case 2: all[place] = "changed \(seed.below(4))"
      default: if all.count > 2 { all.remove(at: place) }
      }
    }
    return all.joined(separator: "\n")
  }
}
