import Domain
import Foundation
import Glibc

/// A web server that takes webhooks and says on its output what came, each signature verified by an implementation of
/// Standard Webhooks of its own.
///
/// - Shape: a line of JSON for each request: `{"path", "id", "verified", "body"}`.
final class Receiver: Sendable {
  let port: Int
  let folder: Folder
  private let program: Program

  /// - Parameter answers: what the first requests are answered, one word each: a status, `302:<url>`, or `hang` for none
  ///   at all; those after them are answered 204.
  init(_ answers: String...) async throws {
    folder = try Folder()
    try TestServer.write(Self.script, to: folder.path + "/receiver.py")
    guard let python = Built.program("python3") else { throw Program.Failure(description: "no python3 here") }
    // It is there before its world, which may wait long for its turn.
    program = try Program(
      python, ["-u", folder.path + "/receiver.py", Self.key] + answers, in: folder.path, seconds: 1_800)
    try await program.says("listening\n")
    let first = program.said.split(separator: "\n").first.flatMap { Int($0) }
    guard let first else { throw Program.Failure(description: "the receiver has no port: \(program.said)") }
    port = first
  }

  deinit { program.signal(SIGKILL) }

  var url: String { "http://127.0.0.1:\(port)/hook" }

  /// The settings that let it be sent to, and have what it is sent signed by two keys, of which it knows the second.
  func settings() throws -> [(key: String, value: String)] {
    let file = folder.path + "/secrets"
    try TestServer.write("# the old one\n\(Self.otherKey)\n\(Self.key)\n", to: file)
    chmod(file, 0o600)
    return [("sluice.allowPrivateUrls", "127.0.0.0/8"), ("sluice.webhookSecret", "http://127.0.0.1:\(port)/ \(file)")]
  }

  /// A base whose policy in the tree names the receiver.
  func base(events: String = "", _ settings: [(key: String, value: String)]) -> Base {
    let named = events.isEmpty ? "" : ", events: [\(events)]"
    return Base.judged(by: Base.policy("staging:\n  smoke: { run: 'true' }\nnotify: [{ webhook: '\(url)'\(named) }]\n"))
      .with { $0.config += settings }
  }

  /// Waits until something has come that holds a text.
  func hears(_ text: String) async throws { try await program.says(text) }

  /// What has come so far.
  var requests: [JSONValue] {
    program.said.split(separator: "\n").filter { $0.hasPrefix("{") }.compactMap { line in
      do { return try JSONValue.parse(Array(line.utf8)) } catch { return nil }
    }
  }

  /// What has come of one submission, in order.
  func requests(of submission: String) -> [JSONValue] {
    requests.filter { $0["body"]?["data"]?["submission_id"]?.string == submission }
  }

  static let key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
  private static let otherKey = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

  /// Written against the specification: https://github.com/standard-webhooks/standard-webhooks.
  private static let script = #"""
    import base64, hashlib, hmac, http.server, json, sys, threading, time
    key = base64.b64decode(sys.argv[1].removeprefix("whsec_"))
    answers = sys.argv[2:]
    lock = threading.Lock()

    def holds(headers, body):
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        mine = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        fresh = abs(time.time() - int(headers["webhook-timestamp"])) < 300
        given = (headers["webhook-signature"] or "").split(" ")
        return fresh and len(given) == 2 and any(
            version == "v1" and hmac.compare_digest(mine, signature)
            for version, signature in (word.split(",", 1) for word in given))

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            line = {"path": self.path, "id": self.headers["webhook-id"], "verified": False, "body": json.loads(body)}
            if self.headers["webhook-id"]: line["verified"] = holds(self.headers, body)
            with lock:
                answer = answers.pop(0) if answers else "204"
                print(json.dumps(line), flush=True)
            if answer == "hang": threading.Event().wait()
            status, _, location = answer.partition(":")
            self.send_response(int(status))
            if location: self.send_header("Location", location.replace("PORT", str(self.server.server_port)))
            self.send_header("Content-Length", "0")
            self.end_headers()
        def log_message(self, *words): pass

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

    server = Server(("127.0.0.1", 0), Handler)
    print(server.server_port)
    print("listening", flush=True)
    server.serve_forever()
    """#
}

extension World {
  /// Looks again and again until something is so; there is no event to wait for.
  func eventually(_ what: String, seconds: Int = 60, _ holds: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < deadline {
      if try await holds() { return }
      await Task.yield()
    }
    let log = FileManager.default.contents(atPath: server.repository + "/sluice/logs/worker.log") ?? Data()
    throw Program.Failure(description: "never: \(what)\n\(String(decoding: log, as: UTF8.self))")
  }
}
