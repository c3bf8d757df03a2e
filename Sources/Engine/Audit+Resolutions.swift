import Domain
import Git
import PolicyFile

extension Audit {
  /// The rules that settled conflicts of a landing: those of the policy in its base, or, where an administrator's file
  /// judged, those that its certificate names. What a command wrote, and what was recorded, is what the certificate says.
  func rules(_ certificate: JSONValue, base: ObjectID) throws -> ResolutionRules {
    let certified: [AppliedResolution] = (certificate["resolutions"]?.array ?? []).compactMap { entry in
      guard let path = entry["path"]?.string, let rule = entry["rule"]?.string,
        let content = entry["content"]?.string.flatMap({ ObjectID(hex: $0) }), objects.exists(content)
      else { return nil }
      return AppliedResolution(
        path: TreePath(path), method: .init(text: rule), content: content,
        commit: entry["commit"]?.string.flatMap { ObjectID(hex: $0) })
    }
    guard !certified.isEmpty else { return .none }
    var rules = certified.map { Policy.Resolution(path: $0.path.description, method: $0.method) }
    if certificate["policy_source"]?.string == PolicySource.path.description {
      guard let entry = try objects.entry(at: PolicySource.path, in: objects.commit(base).tree) else { return .none }
      let bytes = try objects.blob(entry.id, sizeMax: PolicySource.bytesMax)
      do { rules = try PolicyFile.read(bytes, name: PolicySource.path.description).resolve } catch { return .none }
    }
    return ResolutionRules(rules: rules, settledAs: certified, in: objects)
  }
}
