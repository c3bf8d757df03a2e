import Foundation

/// The machine's processes, as `/proc` shows them.
enum ProcessTable {
  static var all: [Int32] {
    names(in: "/proc").compactMap { Int32($0) }
  }

  static func arguments(of pid: Int32) -> [String] {
    guard let bytes = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") else { return [] }
    return bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
  }

  static func openFiles(of pid: Int32) -> [String] {
    let folder = "/proc/\(pid)/fd"
    return names(in: folder).compactMap { link("\(folder)/\($0)") }
  }

  /// The processes that work in a folder or name it.
  static func touching(_ folder: String) -> [String] {
    all.filter { $0 != getpid() }.compactMap { pid in
      let arguments = arguments(of: pid)
      let places = [link("/proc/\(pid)/cwd"), link("/proc/\(pid)/root")].compactMap { $0 }
      guard places.contains(where: { $0.hasPrefix(folder) }) || arguments.contains(where: { $0.contains(folder) })
      else {
        return nil
      }
      return "\(pid) \(arguments.joined(separator: " "))"
    }
  }

  /// The entries of a folder; none where it cannot be read, as with a process that has just ended.
  static func names(in folder: String) -> [String] {
    do { return try FileManager.default.contentsOfDirectory(atPath: folder) } catch { return [] }
  }

  private static func link(_ path: String) -> String? {
    do { return try FileManager.default.destinationOfSymbolicLink(atPath: path) } catch { return nil }
  }
}
