import Foundation
import Synchronization
import Testing

/// A folder with repositories in it, where the built `sluice` and git run in a fixed environment.
final class Yard {
  /// How a program ended and what it said.
  struct Answer {
    let status: Int32
    let out: String
    let errors: String

    var text: String { out + errors }
  }

  let path: String
  private let isKept: Bool
  private var daemons: [Process] = []

  /// - Parameter isKept: whether the folder outlives this value.
  init(isKept: Bool = false) throws {
    self.isKept = isKept
    var template = Array("/tmp/sluice-commands.XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw POSIXError(.EIO) }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    // Checks run as another user where the tests run as root.
    chmod(path, 0o755)
  }

  deinit {
    for daemon in daemons where daemon.isRunning {
      daemon.terminate()
      daemon.waitUntilExit()
    }
    if !isKept { try? FileManager.default.removeItem(atPath: path) }
  }

  /// The folder that holds the test bundle and the executables.
  static let built: String = {
    let executable = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(filePath: executable).deletingLastPathComponent().path
  }()

  private static let environment = [
    "PATH": "\(built):/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8", "TZ": "UTC",
    "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.org",
  ]

  /// Runs a shell command in a folder of the yard.
  @discardableResult
  func run(_ command: String, in folder: String = ".", input: String = "") throws -> Answer {
    let process = prepare(command, in: folder)
    let files = try ["in", "out", "errors"].map { name in
      let file = "\(path)/.\(name)-\(UUID().uuidString)"
      try input.write(toFile: file, atomically: false, encoding: .utf8)
      return file
    }
    defer { for file in files { unlink(file) } }
    process.standardInput = FileHandle(forReadingAtPath: files[0])
    for (index, file) in files.dropFirst().enumerated() {
      try "".write(toFile: file, atomically: false, encoding: .utf8)
      let handle = FileHandle(forWritingAtPath: file)
      if index == 0 { process.standardOutput = handle } else { process.standardError = handle }
    }
    try process.run()
    process.waitUntilExit()
    let status = process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
    return Answer(
      status: status, out: try String(contentsOfFile: files[1], encoding: .utf8),
      errors: try String(contentsOfFile: files[2], encoding: .utf8))
  }

  /// Runs a shell command that must succeed and returns what it printed.
  @discardableResult
  func sh(_ command: String, in folder: String = ".") throws -> String {
    let answer = try run(command, in: folder)
    try #require(answer.status == 0, "\(command): \(answer.text)")
    return answer.out
  }

  /// Starts a program that is ended with the yard.
  func start(_ command: String) throws {
    let process = prepare("exec \(command)", in: ".")
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    daemons.append(process)
  }

  func write(_ text: String, to file: String) throws {
    try text.write(toFile: "\(path)/\(file)", atomically: false, encoding: .utf8)
  }

  func read(_ file: String) throws -> String { try String(contentsOfFile: "\(path)/\(file)", encoding: .utf8) }

  func json(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "\(text)")
  }

  private func prepare(_ command: String, in folder: String) -> Process {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", command]
    process.environment = Self.environment
    process.currentDirectoryURL = URL(filePath: "\(path)/\(folder)")
    return process
  }
}

extension Yard {
  /// A bare `app.git` with one commit on `main`, and a clone of it, `work`, on a branch `topic` that changes three files.
  func makeProject(policy: String = "version: 1\nchecks:\n  tests: {run: grep -q good answer}\n") throws {
    try sh("cp -a \(Self.template.get())/. .")
    try write(policy, to: "policy.yml")
  }

  /// The project, made once and copied from then on.
  private static let template = Result {
    let yard = try Yard(isKept: true)
    try yard.sh(
      """
      git init -q -b main seed; cd seed; echo good >answer; echo x >old; git add .; git commit -q -m Begin; cd ..
      git clone -q --bare seed app.git; rm app.git/hooks/*
      git clone -q app.git work; cd work; git remote set-url origin ../app.git; git switch -q -c topic
      echo 'a good answer' >answer; echo new >new; git rm -q old; git add .; git commit -q -m Answer
      """)
    keptPath.withLock { $0 = yard.path }
    atexit { if let path = keptPath.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: path) } }
    return yard.path
  }

  /// The project with Sluice installed and a worker that ends with the yard.
  func makeServer() throws {
    try makeProject()
    try sh("sluice install --policy policy.yml app.git")
    try start("sluice -C app.git worker")
  }
}

/// The folder that is removed when the tests are over.
private let keptPath = Mutex<String?>(nil)
