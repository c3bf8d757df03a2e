import Domain
import Git
import PolicyFile

extension Audit {
  /// The rules that settled conflicts of a landing: those of the policy in its base, or, where an administrator's file
  /// judged, those that its certificate names.
  func rules(_ certificate: JSONValue, base: ObjectID) throws -> [Policy.Resolution] {
    guard certificate["resolutions"]?.array?.isEmpty == false else { return [] }
    guard certificate["policy_source"]?.string == PolicySource.path.description else {
      return (certificate["resolutions"]?.array ?? []).compactMap { entry in
        guard let path = entry["path"]?.string, let rule = entry["rule"]?.string else { return nil }
        return Policy.Resolution(path: path, method: .init(text: rule))
      }
    }
    guard let entry = try objects.entry(at: PolicySource.path, in: objects.commit(base).tree) else { return [] }
    let bytes = try objects.blob(entry.id, sizeMax: PolicySource.bytesMax)
    do { return try PolicyFile.read(bytes, name: PolicySource.path.description).resolve } catch { return [] }
  }
}
