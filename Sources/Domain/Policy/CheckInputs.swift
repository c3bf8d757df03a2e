/// Which files a check's verdict depends on: globs as in `.gitignore`-like tools, `*` within a component, `**` across them.
package struct CheckInputs: Hashable, Sendable {
  private let patterns: [[Pattern]]
  /// Whether every file matches, so that the tree's own id stands for all of them.
  package let isEverything: Bool

  private enum Pattern: Hashable, Sendable {
    case anyFolders
    case component([UInt8])
  }

  package init(globs: [String]) {
    isEverything = globs.contains("**") || globs.contains("**/*")
    patterns = globs.map { glob in
      glob.split(separator: "/").map { $0 == "**" ? .anyFolders : .component(Array($0.utf8)) }
    }
  }

  /// Whether the file at `path` is an input. A pattern that names a folder takes in everything below it.
  package func match(_ path: TreePath) -> Bool {
    let components = path.components
    return isEverything || patterns.contains { Self.match($0[...], components[...]) }
  }

  /// Whether anything below the folder at `path` can be an input.
  package func mayMatch(below path: TreePath) -> Bool {
    let components = path.components
    return isEverything || patterns.contains { Self.mayMatch($0[...], components[...]) }
  }

  /// Whether everything below the folder at `path`, whatever it is, is an input.
  package func matchEverything(below path: TreePath) -> Bool {
    let components = path.components
    return isEverything || patterns.contains { Self.matchEverything($0[...], components[...]) }
  }

  private static func match(_ pattern: ArraySlice<Pattern>, _ path: ArraySlice<[UInt8]>) -> Bool {
    guard let first = pattern.first else { return true }
    switch first {
    case .anyFolders:
      if pattern.count == 1 { return !path.isEmpty }
      return path.indices.contains { match(pattern.dropFirst(), path[$0...]) }
    case .component(let glob):
      guard let name = path.first, component(glob[...], name[...]) else { return false }
      return match(pattern.dropFirst(), path.dropFirst())
    }
  }

  private static func matchEverything(_ pattern: ArraySlice<Pattern>, _ path: ArraySlice<[UInt8]>) -> Bool {
    guard let first = pattern.first else { return true }
    switch first {
    case .anyFolders:
      return pattern.count == 1 || path.indices.contains { matchEverything(pattern.dropFirst(), path[$0...]) }
    case .component(let glob):
      guard let name = path.first, component(glob[...], name[...]) else { return false }
      return matchEverything(pattern.dropFirst(), path.dropFirst())
    }
  }

  private static func mayMatch(_ pattern: ArraySlice<Pattern>, _ path: ArraySlice<[UInt8]>) -> Bool {
    guard let name = path.first else { return true }
    guard let first = pattern.first else { return true }
    switch first {
    case .anyFolders: return true
    case .component(let glob): return component(glob[...], name[...]) && mayMatch(pattern.dropFirst(), path.dropFirst())
    }
  }

  private static func component(_ glob: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>) -> Bool {
    var glob = glob
    var name = name
    var retry: (glob: ArraySlice<UInt8>, name: ArraySlice<UInt8>)?
    while let byte = name.first {
      if glob.first == UInt8(ascii: "*") {
        glob = glob.dropFirst()
        retry = (glob, name)
      } else if let wanted = glob.first, wanted == byte || wanted == UInt8(ascii: "?") {
        glob = glob.dropFirst()
        name = name.dropFirst()
      } else if let back = retry {
        retry = (back.glob, back.name.dropFirst())
        glob = back.glob
        name = back.name.dropFirst()
      } else {
        return false
      }
    }
    return glob.allSatisfy { $0 == UInt8(ascii: "*") }
  }
}
