import CCurl
import Glibc

/// A client of web servers, which connects to vetted addresses only and keeps its connections for the next request.
///
/// - What is asked of an address is asked when the socket is made, of the very address that is connected to: a name that
///   resolves otherwise the next time gains nothing. No redirect is followed, no proxy is used, and nothing of the user's
///   environment is read.
/// - Not for two threads at a time.
package final class WebClient {
  private let handle: UnsafeMutableRawPointer
  private let rules: AddressRules
  private let limits: WebLimits
  private let isStopped: @Sendable () -> Bool

  /// - Parameter isStopped: asked about once a second; a request under way ends when it says so.
  package init(
    rules: AddressRules, limits: WebLimits = WebLimits(), isStopped: @escaping @Sendable () -> Bool = { false }
  ) throws(WebError) {
    guard Self.isStarted, let handle = curl_easy_init() else { throw .unreachable("libcurl does not start") }
    self.handle = handle
    self.rules = rules
    self.limits = limits
    self.isStopped = isStopped
  }

  deinit { curl_easy_cleanup(handle) }

  /// Once in a process, before any thread uses the library.
  private static let isStarted = sluice_curl_global_start() == CURLE_OK

  package func send(_ request: WebRequest) throws(WebError) -> WebAnswer {
    let goal = try WebGoal(request.url)
    let exchange = WebExchange(goal: goal, rules: rules, bytesMax: limits.answerBytes, isStopped: isStopped)
    var list: UnsafeMutablePointer<curl_slist>?
    defer { curl_slist_free_all(list) }
    // Without it libcurl waits a second for leave to send a body of some size.
    for header in request.headers.map({ "\($0.name): \($0.value)" }) + ["Expect:"] {
      guard let longer = curl_slist_append(list, header) else { throw .unreachable("out of memory") }
      list = longer
    }
    // Connections stay with the handle.
    curl_easy_reset(handle)
    let context = Unmanaged.passUnretained(exchange).toOpaque()
    let isSet = prepare(request) && sluice_curl_set_headers(handle, list) == CURLE_OK && attach(context)
    guard isSet else { throw .unreachable("libcurl refuses an option") }
    let result = withExtendedLifetime(exchange) { curl_easy_perform(handle) }
    if result != CURLE_OK, !exchange.hasOpened, let words = exchange.refusal {
      throw .refused("\(goal.host): \(words), and nothing allows it (git config --add sluice.allowPrivateUrls)")
    }
    guard result == CURLE_OK || exchange.isCut else { throw error(result, goal) }
    var status = 0
    _ = sluice_curl_status(handle, &status)
    return WebAnswer(status: status, headers: exchange.headers, body: exchange.body, isCut: exchange.isCut)
  }

  private func prepare(_ request: WebRequest) -> Bool {
    var results = [
      sluice_curl_set_text(handle, CURLOPT_URL, request.url),
      sluice_curl_set_text(handle, CURLOPT_PROTOCOLS_STR, "http,https"),
      sluice_curl_set_number(handle, CURLOPT_FOLLOWLOCATION, 0), sluice_curl_set_text(handle, CURLOPT_PROXY, ""),
      sluice_curl_set_number(handle, CURLOPT_NETRC, 0), sluice_curl_set_number(handle, CURLOPT_NOSIGNAL, 1),
      // Nobody waits for a name server that does not answer.
      sluice_curl_set_number(handle, CURLOPT_QUICK_EXIT, 1),
      sluice_curl_set_text(handle, CURLOPT_USERAGENT, "Sluice"),
      sluice_curl_set_number(handle, CURLOPT_CONNECTTIMEOUT_MS, limits.connectMilliseconds),
      sluice_curl_set_number(handle, CURLOPT_TIMEOUT_MS, limits.totalMilliseconds),
      sluice_curl_set_text(handle, CURLOPT_CUSTOMREQUEST, request.method),
    ]
    if let body = request.body {
      results.append(
        body.withUnsafeBytes { sluice_curl_set_body(handle, $0.baseAddress, body.count) })
    }
    return results.allSatisfy { $0 == CURLE_OK }
  }

  private func attach(_ context: UnsafeMutableRawPointer) -> Bool {
    let results = [
      sluice_curl_set_readers(
        handle, { WebExchange.of($3).take(body: $0, count: $1 * $2) },
        { WebExchange.of($3).take(header: $0, count: $1 * $2) }, context),
      sluice_curl_set_opener(
        handle, { context, _, address in address.map { WebExchange.of(context).open($0) } ?? -1 }, context),
      sluice_curl_set_watch(handle, { context, _, _, _, _ in WebExchange.of(context).isStopped() ? 1 : 0 }, context),
    ]
    return results.allSatisfy { $0 == CURLE_OK }
  }

  private func error(_ code: CURLcode, _ goal: WebGoal) -> WebError {
    let words = "\(goal.host) port \(goal.port): \(String(cString: curl_easy_strerror(code)))"
    switch code {
    case CURLE_ABORTED_BY_CALLBACK: return .stopped
    case CURLE_OPERATION_TIMEDOUT: return .timedOut(words)
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE: return .untrusted(words)
    case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: return .malformed(words)
    default: return .unreachable(words)
    }
  }
}

/// Where a URL leads, as libcurl itself reads it.
struct WebGoal {
  let host: String
  let port: Int

  init(_ text: String) throws(WebError) {
    let url = curl_url()
    defer { curl_url_cleanup(url) }
    guard curl_url_set(url, CURLUPART_URL, text, UInt32(CURLU_DISALLOW_USER)) == CURLUE_OK,
      let scheme = Self.part(CURLUPART_SCHEME, of: url), ["http", "https"].contains(scheme),
      let host = Self.part(CURLUPART_HOST, of: url), !host.isEmpty,
      let port = Self.part(CURLUPART_PORT, of: url, UInt32(CURLU_DEFAULT_PORT)).flatMap({ Int($0) })
    else { throw .malformed("it is no http or https URL with a host, without user and password") }
    self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
    self.port = port
  }

  private static func part(_ part: CURLUPart, of url: OpaquePointer?, _ flags: UInt32 = 0) -> String? {
    var text: UnsafeMutablePointer<CChar>?
    guard curl_url_get(url, part, &text, flags) == CURLUE_OK, let text else { return nil }
    defer { curl_free(text) }
    return String(cString: text)
  }
}

/// One request and its answer, while libcurl works on it.
private final class WebExchange {
  let goal: WebGoal
  let rules: AddressRules
  let bytesMax: Int
  let isStopped: @Sendable () -> Bool
  private(set) var headers: [(name: String, value: String)] = []
  private(set) var body: [UInt8] = []
  private(set) var isCut = false
  /// Why an address was not connected to.
  private(set) var refusal: String?
  /// Whether there was another one, that was.
  private(set) var hasOpened = false

  init(goal: WebGoal, rules: AddressRules, bytesMax: Int, isStopped: @escaping @Sendable () -> Bool) {
    self.goal = goal
    self.rules = rules
    self.bytesMax = bytesMax
    self.isStopped = isStopped
  }

  static func of(_ context: UnsafeMutableRawPointer?) -> WebExchange {
    guard let context else { preconditionFailure("libcurl lost its context") }
    return Unmanaged<WebExchange>.fromOpaque(context).takeUnretainedValue()
  }

  /// Makes the socket for an address that may be connected to.
  func open(_ address: UnsafeMutablePointer<curl_sockaddr>) -> curl_socket_t {
    guard let found = sluice_curl_address(address).flatMap(Address.init) else {
      refusal = "it has an address of a kind that is not the internet's"
      return -1
    }
    if let words = rules.refusal(of: found, host: goal.host, port: goal.port) {
      refusal = words
      return -1
    }
    hasOpened = true
    let kind = address.pointee.socktype | Int32(bitPattern: SOCK_CLOEXEC.rawValue)
    return socket(address.pointee.family, kind, address.pointee.protocol)
  }

  func take(body bytes: UnsafeMutablePointer<CChar>?, count: Int) -> Int {
    let room = bytesMax - body.count
    body += UnsafeRawBufferPointer(start: bytes, count: count).prefix(room)
    isCut = count > room
    return isCut ? 0 : count
  }

  func take(header bytes: UnsafeMutablePointer<CChar>?, count: Int) -> Int {
    let line = String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
    // An interim answer comes first; its headers are not the answer's.
    if line.hasPrefix("HTTP/") { headers = [] }
    if let colon = line.firstIndex(of: ":") {
      let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      headers.append((line[..<colon].lowercased(), String(value.prefix { !$0.isNewline })))
    }
    return count
  }
}
