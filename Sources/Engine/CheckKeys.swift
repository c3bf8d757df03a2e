import Domain
import Git

/// What a verdict depends on beside the check's own words and files.
struct CheckEnvironment {
  let setup: [Policy.Setup]
  let text: String

  /// As a certificate tells it.
  init(policy: Policy, certified text: String) {
    setup = policy.setup
    self.text = text
  }

  init(policy: Policy, settings: ServerSettings) {
    setup = policy.setup
    text =
      (settings.sandboxReadOnly.sorted().map { "tools \($0)" } + [
        "network \(min(policy.sandbox.network, settings.allowedNetwork).rawValue)", "memory \(policy.sandbox.memory)",
      ]).joined(separator: "\n")
  }
}

/// Computes check keys from objects alone, so that an audit can do it again.
struct CheckKeys {
  let objects: Repository

  func key(_ check: Policy.Check, tree: ObjectID, environment: CheckEnvironment) -> CheckKey {
    // What a check sees is made by the setup too, from files that need not be inputs of the check.
    let setup = environment.setup.map { "\($0.run)\u{0}\(content(of: $0.inputs, in: tree))" }
    let parts =
      [
        "sluice check 1", check.name, check.kind, check.run, check.results.rawValue, "\(check.timeout)",
        "\(check.retries)",
        check.inputs.joined(separator: "\u{0}"), content(of: check.inputs, in: tree), environment.text,
      ] + setup
    return CheckKey(digest: digest(parts.map { "\($0.utf8.count):\($0)" }.joined(separator: "\n")))
  }

  private func content(of globs: [String], in tree: ObjectID) -> String {
    let inputs = CheckInputs(globs: globs)
    return inputs.isEverything ? tree.hex : digest(of: inputs, in: tree).hex
  }

  private func digest(_ text: String) -> ObjectID {
    do { return try Repository.contentDigest(of: Array(text.utf8)) } catch {
      preconditionFailure("hashing text does not fail")
    }
  }

  /// A digest over the paths, modes and ids of the matching files; folders in which nothing can match are not read.
  private func digest(of inputs: CheckInputs, in tree: ObjectID) -> ObjectID {
    var lines = ""
    func walk(_ id: ObjectID, _ folder: TreePath) {
      let entries: [TreeEntry]
      do { entries = try objects.tree(id) } catch {
        // An unreadable folder must never look like an empty one.
        lines += "unreadable \(id.hex)\n"
        return
      }
      for entry in entries {
        let path = folder.appending(entry.name)
        if entry.isTree {
          if inputs.mayMatch(below: path) { walk(entry.id, path) }
        } else if inputs.match(path) {
          lines += "\(entry.mode.octal) \(entry.id.hex) \(path)\n"
        }
      }
    }
    walk(tree, TreePath(bytes: []))
    return digest(lines)
  }
}
