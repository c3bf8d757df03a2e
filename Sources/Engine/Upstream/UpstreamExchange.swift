package import Domain
import Git
import GitProgram
import Glibc
import Processes

/// An exchange with the upstream, in a process of its own.
///
/// libgit2 has no time limit on a server that says nothing, and reads what strangers send: a process can be ended, and holds
/// the credentials, which are read there and nowhere else.
package struct UpstreamExchange: Sendable {
  private let repository: String
  private let upstream: Upstream

  package init(repository: String, upstream: Upstream) {
    self.repository = repository
    self.upstream = upstream
  }

  /// The subcommand of `sluice` that `serve` is behind.
  package static let command = "_upstream"

  /// Runs it and waits; at most as long as `sluice.upstreamTimeout`.
  package func run(_ request: UpstreamRequest) throws(UpstreamFailure) -> UpstreamAnswer {
    var environment = ["PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8", "HOME=/nonexistent"]
    if let agent = upstream.agent { environment.append("SSH_AUTH_SOCK=\(agent)") }
    // The running program, whatever has been installed over it since.
    var command = Command(
      "/proc/self/exe", [Self.command], environment: environment, directory: repository)
    command.hasOwnGroup = true
    command.diesWithParent = true
    let exit: Exit
    let output: [UInt8]
    let messages: [UInt8]
    do {
      let toChild = try Descriptor.pipe()
      let fromChild = try Descriptor.pipe()
      let errors = try Descriptor.pipe()
      var child = try ChildProcess(
        command, descriptors: [toChild.reading.number, fromChild.writing.number, errors.writing.number])
      var exchange = Exchange(sending: Array(request.json.compact.utf8), outputMax: 1 << 20)
      var feed: Descriptor? = toChild.keepWriting()
      let reading = fromChild.keepReading()
      let listening = errors.keepReading()
      try exchange.run(feeding: &feed, output: reading, messages: listening)
      exit = child.wait()
      (output, messages) = (exchange.output, exchange.messages)
    } catch { throw UpstreamFailure("the upstream \(upstream.url) was not asked: \(error)") }
    if exit == .signal(SIGALRM) {
      throw UpstreamFailure(
        "the upstream \(upstream.url) did not answer within \(upstream.timeout.components.seconds) s")
    }
    let json: JSONValue
    do { json = try JSONValue.parse(output) } catch {
      let words = Printable.line(String(decoding: messages, as: UTF8.self), max: 200)
      throw UpstreamFailure("the exchange with the upstream \(upstream.url) broke (\(exit)): \(words)")
    }
    if let sentence = json["failure"]?.string { throw UpstreamFailure(sentence) }
    guard exit.isSuccess, let answer = UpstreamAnswer(json: json) else {
      throw UpstreamFailure("the exchange with the upstream \(upstream.url) broke (\(exit))")
    }
    return answer
  }

  /// The other side: reads a request from standard input, and prints what it came to.
  package static func serve(repository: String) throws {
    let git = try GitProgram(repository: repository)
    let settings = try git.settings()
    guard let upstream = settings.upstream else { return print(UpstreamFailure("no upstream is named any more")) }
    // Whoever does not answer ends us.
    alarm(UInt32(upstream.timeout.components.seconds))
    let input = Descriptor(owning: dup(STDIN_FILENO))
    guard let bytes = try input.readAll(max: 1 << 20), let request = UpstreamRequest(json: try JSONValue.parse(bytes))
    else { return print(UpstreamFailure("a request does not read")) }
    do throws(UpstreamFailure) {
      try print(exchange(request, upstream, git).json)
    } catch { print(error) }
  }

  private static func exchange(
    _ request: UpstreamRequest, _ upstream: Upstream, _ git: GitProgram
  ) throws(UpstreamFailure) -> UpstreamAnswer {
    switch upstream.transport {
    case .path: return try PathUpstream(upstream.url, for: git).exchange(request)
    case .ssh, .http:
      let repository: Repository
      do { repository = try Repository(path: git.repository) } catch {
        throw UpstreamFailure("the repository cannot be opened: \(error)")
      }
      let answer = try RemoteUpstream(upstream, for: repository).exchange(request)
      if let tip = answer.tip { try demandWhole(tip, of: request.branch, git) }
      return answer
    }
  }

  /// libgit2 takes a pack as it comes: nothing that is reachable may be missing before a ref of ours names it.
  private static func demandWhole(_ tip: ObjectID, of branch: String, _ git: GitProgram) throws(UpstreamFailure) {
    do throws(GitProgramError) {
      let walk = try git.run(["rev-list", "--quiet", "--objects", tip.hex, "--not", "--branches", "--glob=refs/landed"])
      guard !walk.exit.isSuccess else { return }
      throw GitProgramError.ended(what: "rev-list", message: walk.messages)
    } catch { throw UpstreamFailure("what the upstream sent for \(branch) is not whole: \(error)") }
  }

  private static func print(_ failure: UpstreamFailure) { print(["failure": .string(failure.sentence)]) }

  private static func print(_ json: JSONValue) {
    let output = Descriptor(owning: dup(STDOUT_FILENO))
    // Nobody listens any more where this fails.
    do { try output.write((json.compact + "\n").utf8) } catch {}
  }
}
