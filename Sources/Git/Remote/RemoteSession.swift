import CLibGit2
import Domain
import Glibc

/// What libgit2 asks while it talks to a server, and what we said.
final class RemoteSession {
  private let upstream: Upstream
  private let knownHosts: KnownHosts?
  private var credentialsGiven = 0
  /// Why we ended the exchange; nil where that was not us.
  private(set) var failure: UpstreamFailure?
  /// What each ref must be when it is pushed; the value is nil for one that must not exist.
  private(set) var leases: [String: ObjectID?] = [:]
  /// What each ref is to become; the value is nil for one that is to go.
  private(set) var wanted: [String: ObjectID?] = [:]
  /// Whether a lease did not hold, so that nothing was sent.
  private(set) var isStale = false
  /// The server's words for what it did not move.
  var refused: [String: String] = [:]

  init(_ upstream: Upstream) throws(UpstreamFailure) {
    self.upstream = upstream
    guard upstream.transport == .ssh else {
      knownHosts = nil
      return
    }
    guard let file = upstream.knownHostsFile else {
      throw UpstreamFailure(
        "sluice.upstreamKnownHosts is not set: it names a file with the host key of \(upstream.host)")
    }
    knownHosts = KnownHosts(try PrivateFile.read(file, key: "sluice.upstreamKnownHosts", isSecret: false))
  }

  /// Forgets what belongs to one connection.
  func begin() {
    credentialsGiven = 0
    failure = nil
    isStale = false
  }

  /// Notes what the next push is to do, and from what each ref may be moved.
  func expect(_ updates: [UpstreamUpdate]) {
    (leases, wanted) = ([:], [:])
    for update in updates {
      wanted[update.ref] = .some(update.new)
      if case .exactly(let old) = update.lease { leases[update.ref] = .some(old) }
    }
  }

  var callbacks: git_remote_callbacks {
    var callbacks = git_remote_callbacks()
    git_remote_init_callbacks(&callbacks, UInt32(GIT_REMOTE_CALLBACKS_VERSION))
    callbacks.payload = Unmanaged.passUnretained(self).toOpaque()
    callbacks.credentials = { out, _, user, allowed, payload in
      RemoteSession.of(payload)?.giveCredential(out, user: user.map { String(cString: $0) }, allowed)
        ?? GIT_EUSER.rawValue
    }
    callbacks.certificate_check = { certificate, isValid, _, payload in
      RemoteSession.of(payload)?.check(certificate, isValid: isValid != 0) ?? GIT_EUSER.rawValue
    }
    callbacks.push_negotiation = { updates, count, payload in
      RemoteSession.of(payload)?.negotiate(UnsafeBufferPointer(start: updates, count: count)) ?? GIT_EUSER.rawValue
    }
    callbacks.push_update_reference = { ref, status, payload in
      if let ref, let status { RemoteSession.of(payload)?.refused[String(cString: ref)] = String(cString: status) }
      return 0
    }
    return callbacks
  }

  private static func of(_ payload: UnsafeMutableRawPointer?) -> RemoteSession? {
    payload.map { Unmanaged<RemoteSession>.fromOpaque($0).takeUnretainedValue() }
  }

  private func end(_ sentence: String) -> Int32 {
    failure = UpstreamFailure(sentence)
    return GIT_EUSER.rawValue
  }

  // MARK: Who we are

  private func giveCredential(
    _ out: UnsafeMutablePointer<UnsafeMutablePointer<git_credential>?>?, user: String?, _ allowed: UInt32
  ) -> Int32 {
    let user = user ?? "git"
    if allowed & GIT_CREDENTIAL_USERNAME.rawValue != 0 { return git_credential_username_new(out, user) }
    // Who is asked again was refused.
    credentialsGiven += 1
    guard credentialsGiven == 1 else { return end(refusalOfCredential(user)) }
    do throws(UpstreamFailure) {
      if allowed & GIT_CREDENTIAL_SSH_KEY.rawValue != 0 {
        if let file = upstream.keyFile {
          try PrivateFile.demandSecrecy(of: file, key: "sluice.upstreamKey")
          return git_credential_ssh_key_new(out, user, nil, file, nil)
        }
        guard upstream.agent != nil else {
          return end("the upstream wants a key: set sluice.upstreamKey or sluice.upstreamAgent")
        }
        return git_credential_ssh_key_from_agent(out, user)
      }
      if allowed & GIT_CREDENTIAL_USERPASS_PLAINTEXT.rawValue != 0, upstream.transport == .http {
        guard let file = upstream.credentialFile else {
          return end("the upstream wants a token: set sluice.upstreamCredential to a file that holds it")
        }
        let text = try PrivateFile.read(file, key: "sluice.upstreamCredential", isSecret: true)
        let line = text.prefix { !$0.isNewline }
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        // GitHub, GitLab and others take any name beside a token.
        return parts.count == 2
          ? git_credential_userpass_plaintext_new(out, String(parts[0]), String(parts[1]))
          : git_credential_userpass_plaintext_new(out, "x-access-token", String(line))
      }
    } catch { return end(error.sentence) }
    return end("the upstream \(upstream.url) asks for credentials that Sluice has not: a password, or a smart card")
  }

  private func refusalOfCredential(_ user: String) -> String {
    switch upstream.transport {
    case .ssh:
      let key = upstream.keyFile.map { "the key \($0)" } ?? "the agent's keys"
      return "the upstream \(upstream.url) refuses \(key) for \(user) (ed25519 and ecdsa keys work, RSA keys do not)"
    default:
      return
        "the upstream \(upstream.url) refuses the token in \(upstream.credentialFile ?? "sluice.upstreamCredential")"
    }
  }

  // MARK: Who they are

  private func check(_ certificate: UnsafeMutablePointer<git_cert>?, isValid: Bool) -> Int32 {
    guard let certificate else { return end("the upstream \(upstream.url) showed no certificate") }
    guard certificate.pointee.cert_type == GIT_CERT_HOSTKEY_LIBSSH2 else {
      return isValid ? 0 : end("the certificate of \(upstream.host) is not one that this machine trusts")
    }
    let shown = UnsafeRawPointer(certificate).assumingMemoryBound(to: git_cert_hostkey.self).pointee
    guard shown.type.rawValue & GIT_CERT_SSH_RAW.rawValue != 0, let start = shown.hostkey else {
      return end("the host key of \(upstream.host) cannot be read")
    }
    let key = start.withMemoryRebound(to: UInt8.self, capacity: shown.hostkey_len) {
      Array(UnsafeBufferPointer(start: $0, count: shown.hostkey_len))
    }
    let what = "\(KnownHosts.type(of: key)) \(KnownHosts.fingerprint(of: key))"
    let file = upstream.knownHostsFile ?? ""
    switch knownHosts?.answer(for: key, of: upstream.host, port: upstream.port) ?? .unknown {
    case .known: return 0
    case .changed:
      return end("the host key of \(upstream.host) has changed: it shows \(what), and \(file) names another")
    case .otherTypes(let types):
      let known = Set(types).sorted().joined(separator: ", ")
      return end("\(upstream.host) shows \(what), and \(file) names only \(known): add that key where it is right")
    case .unknown: return end("\(upstream.host) is not in \(file): it shows \(what)")
    case .revoked: return end("the host key of \(upstream.host), \(what), is revoked in \(file)")
    }
  }

  // MARK: What they have

  /// Looks at the old values that are about to be sent.
  private func negotiate(_ updates: UnsafeBufferPointer<UnsafePointer<git_push_update>?>) -> Int32 {
    for update in updates {
      guard let update = update?.pointee, let name = update.dst_refname.map({ String(cString: $0) }) else { continue }
      guard let new = wanted[name], new == ObjectID(update.dst) else {
        return end("\(name) was to become something else")
      }
      guard let lease = leases[name], lease != ObjectID(update.src) else { continue }
      refused[name] = "it is not what it was"
      isStale = true
    }
    return isStale ? GIT_EUSER.rawValue : 0
  }
}
