import Domain
import Processes

/// Finds and reads the result files of a finished run.
enum ResultFiles {
  enum Outcome: Hashable {
    case tests(TestReport)
    /// Why there is no answer.
    case unreadable(String)
  }

  private static let bytesMax = 32 << 20
  private static let filesMax = 10_000
  private static let depthMax = 8

  /// Reads every file of the format; nothing in the folder is followed out of it.
  static func read(_ run: borrowing RunFolder, as format: Policy.ResultFormat) -> Outcome {
    do {
      return try read(run.openResults(), as: format)
    } catch {
      return .unreadable(error.description)
    }
  }

  private static func read(_ folder: consuming Folder, as format: Policy.ResultFormat) throws(SystemError) -> Outcome {
    let suffix = format == .tap ? ".tap" : ".xml"
    var finder = Finder(suffix: Array(suffix.utf8))
    try finder.search(folder, at: "", depth: 0)
    if let problem = finder.problem { return .unreadable(problem) }
    guard !finder.files.isEmpty else { return .unreadable("it wrote no *\(suffix) file into $SLUICE_RESULTS") }
    var report = TestReport()
    for file in finder.files {
      do throws(ResultError) {
        if format == .tap {
          try TAPReader.read(file.bytes, into: &report)
        } else {
          try JUnitReader.read(file.bytes, into: &report)
        }
      } catch {
        return .unreadable("\(Printable.line(file.name, max: 100)): \(error.reason)")
      }
    }
    return .tests(report)
  }

  private struct Finder {
    let suffix: [UInt8]
    var files: [(name: String, bytes: [UInt8])] = []
    var left = bytesMax
    var seen = 0
    var problem: String?

    mutating func search(_ folder: borrowing Folder, at path: String, depth: Int) throws(SystemError) {
      guard depth < depthMax else { return }
      for name in try folder.names().sorted(by: { $0.lexicographicallyPrecedes($1) }) where problem == nil {
        seen += 1
        guard seen <= filesMax else {
          problem = "there are more than \(filesMax) files in $SLUICE_RESULTS"
          return
        }
        let full = path + String(decoding: name, as: UTF8.self)
        if let inner = folder.existingFolder(name) {
          try search(inner, at: full + "/", depth: depth + 1)
        } else if name.count > suffix.count, name.suffix(suffix.count) == suffix[...] {
          switch try folder.readFile(name, max: left) {
          case .bytes(let bytes):
            left -= bytes.count
            files.append((full, bytes))
          case .tooLarge: problem = "the result files are larger than \(bytesMax >> 20) MiB"
          case .notAFile: problem = "\(Printable.line(full, max: 100)) is not a plain file"
          }
        }
      }
    }
  }
}

/// Why a result file is not what it says it is.
struct ResultError: Error, Hashable {
  let reason: String
  init(_ reason: String) { self.reason = reason }
}
