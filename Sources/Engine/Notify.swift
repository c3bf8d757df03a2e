import Domain
import Glibc
import Processes

extension Engine {
  /// Seconds that one of the repository's own scripts may take.
  private static let scriptSecondsMax = 60.0

  /// Tells the repository's own `post-receive` scripts of a landing, whoever is still watching.
  ///
  /// - Shape: `<old> <new> refs/heads/<target>` on standard input, as git would; output goes to `logs/post-receive.log`.
  func tellPostReceive(_ request: SubmissionRequest, _ landing: Landing) throws {
    let zero = String(repeating: "0", count: 40)
    let line = "\(landing.old?.hex ?? zero) \(landing.new.hex) \(SluiceRef.branch(landing.target))\n"
    let environment = [
      "PATH=/usr/local/bin:/usr/bin:/bin", "HOME=\(place.repository)", "LANG=C.UTF-8", "GIT_DIR=\(place.repository)",
      "SLUICE_INTEGRATION_ID=\(landing.integration.text)", "SLUICE_SUBMISSION_ID=\(request.id.text)",
      "SLUICE_PUSHER=\(request.identity)",
    ]
    for script in ChainedScripts.executables(in: place.hooks + "/post-receive.d") {
      var command = Command(script, [], environment: environment, directory: place.repository)
      command.hasOwnSession = true
      try runScript(command, input: line)
    }
  }

  /// Runs one script to its end or its limit; how it ends changes nothing, since the landing is a fact.
  private func runScript(_ command: Command, input: String) throws {
    let log = try Descriptor(
      opening: place.logs + "/post-receive.log", O_WRONLY | O_APPEND | O_CREAT, mode: 0o600)
    let pipe = try Descriptor.pipe()
    do {
      // One line fits every pipe: this does not wait for a reader.
      try pipe.writing.write(input.utf8)
      let line = pipe.keepReading()
      var child = try ChildProcess(command, descriptors: [line.number, log.number, log.number])
      guard child.wait(secondsMax: Self.scriptSecondsMax) == nil else { return }
      child.signal(SIGKILL)
      _ = child.wait()
      try log.write("\(command.executable) was ended after \(Int(Self.scriptSecondsMax)) s\n".utf8)
    } catch {
      try log.write("\(error)\n".utf8)
    }
  }
}
