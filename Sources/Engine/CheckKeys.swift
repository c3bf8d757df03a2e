import Domain
import Git

/// What a verdict depends on beside the check's own words and files.
struct CheckEnvironment {
  let text: String

  init(policy: Policy, settings: ServerSettings) {
    let setup = policy.setup.map { "setup \($0.run)\u{0}\($0.inputs.joined(separator: "\u{0}"))" }
    text =
      (setup + settings.sandboxReadOnly.sorted().map { "tools \($0)" } + ["network \(policy.sandbox.network.rawValue)"])
      .joined(separator: "\n")
  }
}

extension Engine {
  /// The key of a check on a tree: its definition, the content of its inputs, its environment.
  func checkKey(_ check: Policy.Check, tree: ObjectID, environment: CheckEnvironment) -> CheckKey {
    CheckKeys(objects: objects).key(check, tree: tree, environment: environment.text)
  }
}

/// Computes check keys from objects alone, so that an audit can do it again.
struct CheckKeys {
  let objects: Repository

  func key(_ check: Policy.Check, tree: ObjectID, environment: String) -> CheckKey {
    let inputs = CheckInputs(globs: check.inputs)
    let content = inputs.isEverything ? tree.hex : digest(of: inputs, in: tree).hex
    let parts = [
      "sluice check 1", check.name, check.kind, check.run, check.results.rawValue, "\(check.timeout)",
      "\(check.retries)",
      check.inputs.joined(separator: "\u{0}"), content, environment,
    ]
    return CheckKey(digest: digest(parts.map { "\($0.utf8.count):\($0)" }.joined(separator: "\n")))
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
