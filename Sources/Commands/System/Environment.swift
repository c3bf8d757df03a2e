import Glibc

/// The environment this process was started in; only front ends read it.
enum Environment {
  static func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  /// All of it, `NAME=value`.
  static var all: [String] {
    var values: [String] = []
    var next = environ
    while let entry = next.pointee {
      values.append(String(cString: entry))
      next = next.advanced(by: 1)
    }
    return values
  }

  /// Without what would make git look at another repository than the one that was named.
  static var forGit: [String] {
    let kept = ["GIT_CONFIG_NOSYSTEM=", "GIT_CONFIG_GLOBAL=", "GIT_CONFIG_SYSTEM=", "GIT_SSH", "GIT_TRACE"]
    return all.filter { entry in
      !entry.hasPrefix("GIT_") || kept.contains { entry.hasPrefix($0) }
    }
  }
}
