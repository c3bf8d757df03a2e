import Checks
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

/// The tree that candidates are compared with.
struct BaseTree {
  let tree: ObjectID
  let setup: [PlannedSetup]
}

/// Computes check keys from objects alone, so that an audit can do it again.
///
/// What was computed for a folder is remembered: of the next tree only the folders that differ are read.
final class CheckKeys {
  private let objects: Repository
  private var folders: [Folder: ObjectID] = [:]
  /// Entries after which everything is forgotten: some ten MiB.
  private static let foldersMax = 100_000

  /// A folder as certain globs see it.
  private struct Folder: Hashable {
    let globs: String
    let path: TreePath
    let tree: ObjectID
  }

  init(objects: Repository) { self.objects = objects }

  /// The key of a check on a tree: its definition, the content of its inputs, its environment.
  func key(_ check: Policy.Check, tree: ObjectID, environment: CheckEnvironment) -> CheckKey {
    digest([
      "sluice check 2", check.name, check.kind, check.run, check.results.rawValue, "\(check.timeout)",
      "\(check.retries)", "\(check.isolate)", check.inputs.joined(separator: "\u{0}"),
      content(of: check.inputs, in: tree), environment.text,
      // What a check sees is made by the setup too, from files that need not be inputs of the check.
      setup(environment, tree: tree).last?.key.description ?? "",
    ])
  }

  /// The name of a verdict that depends on what is excused.
  func key(_ check: CheckKey, judgedBy excuses: [String]) -> CheckKey {
    digest(["sluice judgement 1", check.description] + excuses)
  }

  /// A check on a tree and, where there is one, on the tree that it is compared with.
  func planned(
    _ check: Policy.Check, tree: ObjectID, environment: CheckEnvironment, base: BaseTree?, excuses: Excuses
  ) -> PlannedCheck {
    let key = key(check, tree: tree, environment: environment)
    var planned = PlannedCheck(check, key: key)
    guard let base else { return planned }
    compare(&planned, with: base, environment: environment)
    let words = excuses.words(for: check.results)
    planned.judgedKey = words.isEmpty ? planned.verdictKey : self.key(planned.verdictKey, judgedBy: words)
    return planned
  }

  /// Compares a check with another base; the name its train knows it by stays.
  func compare(_ planned: inout PlannedCheck, with base: BaseTree, environment: CheckEnvironment) {
    let key = key(planned.check, tree: base.tree, environment: environment)
    planned.base = BaseCheck(key: key, tree: base.tree, setup: base.setup)
    guard let budget = planned.check.budget else { return }
    planned.verdictKey = digest(
      ["sluice comparison 1", planned.key.description, key.description] + budget.words)
  }

  /// The steps of a setup, each with a key of its words, its inputs, and the steps before it.
  func setup(_ environment: CheckEnvironment, tree: ObjectID) -> [PlannedSetup] {
    var before = ""
    return environment.setup.map { step in
      let key = digest([
        "sluice setup 1", step.run, "\(step.timeout)", step.inputs.joined(separator: "\u{0}"),
        step.keep.joined(separator: "\u{0}"), content(of: step.inputs, in: tree), environment.text, before,
      ])
      before = key.description
      return PlannedSetup(setup: step, key: key)
    }
  }

  private func content(of globs: [String], in tree: ObjectID) -> String {
    let inputs = CheckInputs(globs: globs)
    guard !inputs.isEverything else { return tree.hex }
    if folders.count > Self.foldersMax { folders = [:] }
    return digest(of: inputs, named: globs.joined(separator: "\u{0}"), in: tree, TreePath(bytes: [])).hex
  }

  /// A digest over the names, modes and ids of the matching files; folders in which nothing can match are not read.
  private func digest(of inputs: CheckInputs, named globs: String, in tree: ObjectID, _ path: TreePath) -> ObjectID {
    let folder = Folder(globs: globs, path: path, tree: tree)
    if let known = folders[folder] { return known }
    let entries: [TreeEntry]
    do { entries = try objects.tree(tree) } catch {
      // An unreadable folder must never look like an empty one.
      return digest(["unreadable", tree.hex]).digest
    }
    var parts: [String] = []
    for entry in entries {
      let place = path.appending(entry.name)
      if entry.isTree {
        guard inputs.mayMatch(below: place) else { continue }
        let below = digest(of: inputs, named: globs, in: entry.id, place)
        if below != Self.nothing { parts.append("\(Self.text(entry.name)) \(below.hex)") }
      } else if inputs.match(place) {
        parts.append("\(Self.text(entry.name)) \(entry.mode.octal) \(entry.id.hex)")
      }
    }
    let digest = parts.isEmpty ? Self.nothing : digest(parts).digest
    folders[folder] = digest
    return digest
  }

  /// A name, so that no two are written alike: bytes that are no text stand as numbers.
  private static func text(_ name: [UInt8]) -> String {
    String(validating: name, as: UTF8.self).map { "=\($0)" } ?? "#\(name.map(String.init).joined(separator: "."))"
  }

  /// The digest of a folder in which nothing matches, as of one that is not there.
  private static let nothing = ObjectID.emptyTree

  private func digest(_ parts: [String]) -> CheckKey {
    let text = parts.map { "\($0.utf8.count):\($0)" }.joined(separator: "\n")
    do { return CheckKey(digest: try Repository.contentDigest(of: Array(text.utf8))) } catch {
      preconditionFailure("hashing text does not fail")
    }
  }
}
