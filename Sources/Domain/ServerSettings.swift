/// The administrator's settings: the repository's git config keys under `sluice.`.
package struct ServerSettings: Hashable, Sendable {
  /// Branches beside the one `HEAD` names, without `refs/heads/`.
  package var targets: [String] = []
  /// The policy file outside the repository that overrides `.sluice.yml`.
  package var policyFile: String?
  package var waits = true
  package var waitMax: Duration = .seconds(6 * 3_600)
  package var administrators: Set<String> = []
  /// Identities that may say what something outside makes of a candidate, beside the administrators.
  package var reporters: Set<String> = []
  package var bindsOwner = false
  package var allowedNetwork: Policy.Network = .none
  /// The user that checks run as where the worker is root.
  package var sandboxUser = "nobody"
  package var sandboxReadOnly: [String] = []
  /// Landed and rebased refs kept.
  package var keepLanded = 500
  package var limits = AdmissionLimits()
  /// Receivers of notifications beside those that policies name.
  package var notify: [Policy.Notification] = []
  /// The secrets that webhooks are signed with.
  package var webhookSecrets: [WebhookSecret] = []
  /// Hosts, addresses and networks (CIDR) that notifications may go to though they are private.
  package var allowedPrivateURLs: [String] = []
  /// The program that takes mail.
  package var sendmail = "/usr/sbin/sendmail"
  /// Who commits landings: `user.name` and `user.email`, or Sluice.
  package var committerName = "Sluice"
  package var committerEmail = "sluice@localhost"
  package var procReceiveRefs: [String] = []
  /// `core.hooksPath`: where git looks for hooks, where that is not the repository's own folder.
  package var hooksPath: String?
  /// Whether submissions are taken by `post-receive`, because `proc-receive` is somebody else's or git does not know it.
  package var isFallback = false

  /// Where targets really live; nil where that is here.
  package var upstream: Upstream?

  package init() {}

  /// Reads `key=value` pairs as `git config --null --list` gives them; a value that does not read is an error naming its key.
  package init(pairs: [(key: String, value: String?)]) throws(SettingError) {
    self.init()
    if let url = pairs.last(where: { $0.key == "sluice.upstream" })?.value, !url.isEmpty {
      // A password that somebody has put into it must not be shown.
      guard let upstream = Upstream(url: url) else {
        throw SettingError(key: "sluice.upstream", value: "", expected: Upstream.grammar)
      }
      self.upstream = upstream
    }
    for (key, value) in pairs {
      do { try apply(key, value) } catch { throw SettingError(key: key, value: value ?? "", expected: error.expected) }
    }
  }

  private mutating func apply(_ key: String, _ value: String?) throws(SettingError) {
    let text = value ?? ""
    switch key {
    case "sluice.target": targets.append(text.hasPrefix("refs/heads/") ? String(text.dropFirst(11)) : text)
    case "sluice.policy": policyFile = text.isEmpty ? nil : text
    case "sluice.wait": waits = try Self.bool(value)
    case "sluice.waitmax": waitMax = try Self.duration(text)
    case "sluice.admin": administrators.insert(text)
    case "sluice.reporter": reporters.insert(text)
    case "sluice.bindowner": bindsOwner = try Self.bool(value)
    case "sluice.allownetwork":
      guard let network = Policy.Network(rawValue: text) else { throw SettingError(expected: "none, setup or all") }
      allowedNetwork = network
    case "sluice.sandboxuser": sandboxUser = text
    case "sluice.sandboxreadonly": sandboxReadOnly.append(text)
    case "sluice.upstreamkey": upstream?.keyFile = try Self.path(text)
    case "sluice.upstreamagent": upstream?.agent = try Self.path(text)
    case "sluice.upstreamknownhosts": upstream?.knownHostsFile = try Self.path(text)
    case "sluice.upstreamcredential": upstream?.credentialFile = try Self.path(text)
    case "sluice.upstreamtimeout": upstream?.timeout = try Self.duration(text)
    case "sluice.keeplanded": keepLanded = try Self.count(text)
    case "sluice.notify":
      guard let receiver = Policy.Notification(text: text) else {
        throw SettingError(
          expected:
            "webhook URL, slack URL, mail ADDRESS, command /PATH [ARGUMENT …] or notes, and after it events=EVENT,… where not all are meant"
        )
      }
      notify.append(receiver)
    case "sluice.webhooksecret":
      guard let secret = WebhookSecret(text: text) else { throw SettingError(expected: "URL /PATH/OF/SECRETS") }
      webhookSecrets.append(secret)
    case "sluice.allowprivateurls":
      guard !text.isEmpty, !text.contains(" ") else {
        throw SettingError(expected: "a host, an address or a network such as 10.1.0.0/16")
      }
      allowedPrivateURLs.append(text)
    case "sluice.sendmail":
      guard text.hasPrefix("/") else { throw SettingError(expected: "an absolute path") }
      sendmail = text
    case "user.name": committerName = text
    case "user.email": committerEmail = text
    case "core.hookspath": hooksPath = text.isEmpty ? nil : text
    case "sluice.fallback": isFallback = try Self.bool(value)
    case "receive.procreceiverefs": procReceiveRefs.append(text)
    case let other where other.hasPrefix("sluice.limit."):
      try limits.apply(String(other.dropFirst("sluice.limit.".count)), Self.count(text))
    default: break
    }
  }

  private static func bool(_ value: String?) throws(SettingError) -> Bool {
    // git: a key without a value is true, an empty value is false.
    switch value?.lowercased() {
    case nil, "true", "yes", "on", "1": return true
    case "false", "no", "off", "0", "": return false
    default: throw SettingError(expected: "true or false")
    }
  }

  private static func path(_ text: String) throws(SettingError) -> String {
    guard text.hasPrefix("/") else { throw SettingError(expected: "an absolute path") }
    return text
  }

  private static func count(_ text: String) throws(SettingError) -> Int {
    let units: [(Character, Int)] = [("k", 1 << 10), ("m", 1 << 20), ("g", 1 << 30)]
    let factor = units.first { text.lowercased().hasSuffix(String($0.0)) }
    guard let number = Int(factor == nil ? text : String(text.dropLast())), number > 0, number <= 1 << 40 else {
      throw SettingError(expected: "a positive number, with k, m or g at most")
    }
    return number * (factor?.1 ?? 1)
  }

  private static func duration(_ text: String) throws(SettingError) -> Duration {
    let units: [(String, Int64)] = [("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)]
    let unit = units.first { text.hasSuffix($0.0) }
    guard let number = Int64(unit == nil ? text : String(text.dropLast())), number > 0, number <= 31_536_000 else {
      throw SettingError(expected: "a duration such as 90s, 20m or 6h")
    }
    return .seconds(number * (unit?.1 ?? 1))
  }
}

/// Which file holds the secrets of the webhooks at and below a URL.
package struct WebhookSecret: Hashable, Sendable {
  package let url: String
  /// An absolute path outside the repository.
  package let file: String

  /// Reads `URL PATH`; nil for anything else.
  package init?(text: String) {
    let words = text.split(separator: " ", maxSplits: 1).map(String.init)
    // Without a path, the URL of a host would also be the beginning of another host's.
    guard words.count == 2, WebAddress.isWeb(words[0]), words[0].dropFirst(8).contains("/"),
      words[1].hasPrefix("/")
    else { return nil }
    url = words[0]
    file = words[1]
  }
}

/// A setting that does not read.
package struct SettingError: Error, Hashable, Sendable {
  package var key = ""
  package var value = ""
  package let expected: String
}

/// The ceilings on what one push may bring (`sluice.limit.*`), checked before anything is checked out.
package struct AdmissionLimits: Hashable, Sendable {
  /// Submit refs in one push.
  package var refs = 16
  /// Files a change may touch, over the policy's own limit; nil leaves the policy's.
  package var files: Int?
  /// Bytes of the package, over the policy's own limit.
  package var package: Int?
  /// Bytes of the decoded diff, over the policy's own limit.
  package var diff: Int?
  package var commits = 200
  /// Components of a path.
  package var depth = 64
  /// Bytes of a path.
  package var pathBytes = 1_024
  /// Bytes of one path component.
  package var nameBytes = 255
  /// Bytes of one new file.
  package var blob = 32 << 20
  /// Bytes of all new files together.
  package var total = 256 << 20
  /// Files in the folders a change touches.
  package var paths = 200_000
  /// Bytes of a commit message.
  package var message = 64 << 10
  /// Submissions in flight for one identity; the engine refuses the next.
  package var queue = 1_000

  package init() {}

  mutating func apply(_ name: String, _ value: Int) throws(SettingError) {
    switch name {
    case "refs": refs = value
    case "files": files = value
    case "package": package = value
    case "diff": diff = value
    case "commits": commits = value
    case "depth": depth = value
    case "pathbytes": pathBytes = value
    case "namebytes": nameBytes = value
    case "blob": blob = value
    case "total": total = value
    case "paths": paths = value
    case "message": message = value
    case "queue": queue = value
    default:
      throw SettingError(
        expected:
          "one of sluice.limit.refs, files, package, diff, commits, depth, pathBytes, nameBytes, blob, total, paths, message, queue"
      )
    }
  }
}
