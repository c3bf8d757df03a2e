import Foundation

/// A program that a test asks for its opinion.
enum Program {
  /// What `program` writes when it is given `input`; nil where it cannot be started or fails.
  static func answer(_ program: String, _ arguments: [String], input: String) throws -> String? {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "LC_ALL": "C.UTF-8"]) { $1 }
    let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let given = folder.appending(path: "input")
    try input.write(to: given, atomically: false, encoding: .utf8)
    let output = Pipe()
    process.standardInput = try FileHandle(forReadingFrom: given)
    // Open is enough: the name is not needed any more, and nothing is left behind if the test ends here.
    try FileManager.default.removeItem(at: folder)
    process.standardOutput = output
    try process.run()
    let answer = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? String(decoding: answer, as: UTF8.self) : nil
  }
}
