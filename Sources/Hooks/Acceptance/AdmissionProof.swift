import Domain
import GitProgram
import Glibc
import Processes

/// What `pre-receive` found out about the submissions of a push, left for `proc-receive` of the very same push.
///
/// It saves judging twice. `proc-receive` takes it only where the same git process has started both hooks and tells it the
/// same refs, options and identity; else it judges by itself. Whoever can forge the file can write the repository.
struct AdmissionProof {
  private let context: ReceiveContext

  private static let bytesMax = 1 << 20

  init(context: ReceiveContext) { self.context = context }

  /// Leaves what was judged. Where that fails, `proc-receive` judges again.
  func leave(_ works: [AdmittedWork], of updates: [ReceivedUpdate], options: [String]) {
    var object = statement(updates, options: options)
    object["works"] = .array(works.map(\.json))
    for folder in [context.place.state, folder] { mkdir(folder, 0o700) }
    do {
      let file = try Descriptor(opening: path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW)
      try file.write(JSONValue.object(object).compact.utf8)
    } catch { unlink(path) }
  }

  /// Takes what was left for this push, once; nil where there is nothing that fits.
  func take(_ updates: [ReceivedUpdate], options: [String]) -> [AdmittedWork]? {
    defer { unlink(path) }
    do {
      let file = try Descriptor(opening: path, O_RDONLY | O_NOFOLLOW)
      guard let bytes = try file.readAll(max: Self.bytesMax) else { return nil }
      var limits = JSONLimits()
      limits.nodesMax = 100_000
      guard var found = try JSONValue.parse(bytes, limits: limits).object else { return nil }
      let works = found["works"]?.array?.map(AdmittedWork.init(json:)) ?? []
      found["works"] = nil
      guard found == statement(updates, options: options), !works.contains(where: { $0 == nil }) else { return nil }
      return works.compactMap { $0 }
    } catch { return nil }
  }

  private var folder: String { context.place.admitted }
  private var path: String { "\(folder)/\(getppid())" }

  /// What both hooks must have been told.
  private func statement(_ updates: [ReceivedUpdate], options: [String]) -> JSONObject {
    [
      "parent": .string("\(getppid()) \(Self.startTime(of: getppid()))"), "identity": .string(context.identity),
      "options": .array(options.map(JSONValue.string)),
      "updates": .array(updates.map { .string(String(decoding: $0.line, as: UTF8.self)) }),
    ]
  }

  /// When a process began, in the kernel's ticks: a number is used again, a number and a beginning are not.
  private static func startTime(of process: Int32) -> String {
    do {
      let file = try Descriptor(opening: "/proc/\(process)/stat", O_RDONLY)
      // The second field is a name in brackets, which may hold anything.
      let bytes = try file.readAll(max: 4_096) ?? []
      let fields = bytes[(bytes.lastIndex(of: UInt8(ascii: ")")) ?? 0)...].split(separator: UInt8(ascii: " "))
      return fields.count > 20 ? String(decoding: fields[20], as: UTF8.self) : ""
    } catch { return "" }
  }
}

extension AdmittedWork {
  fileprivate var json: JSONValue {
    [
      "name": .string(name.text), "pushed": .string(pushed.id.hex), "kind": .string(pushed.kind.rawValue),
      "size": .integer(pushed.size), "embedding": .string(embedding.rawValue), "target": .string(target),
      "task_id": .string(taskID), "agent_id": .string(agentID),
      "warnings": .array(warnings.map(JSONValue.string)),
    ]
  }

  fileprivate init?(json: JSONValue) {
    guard let name = json["name"]?.string.flatMap(SubmissionName.init),
      let pushed = json["pushed"]?.string.flatMap({ ObjectID(hex: $0) }),
      let kind = json["kind"]?.string.flatMap(ObjectKind.init), let size = json["size"]?.integer,
      let embedding = json["embedding"]?.string.flatMap(Embedding.init), let target = json["target"]?.string,
      let task = json["task_id"]?.string, let agent = json["agent_id"]?.string,
      let warnings = json["warnings"]?.array?.compactMap(\.string)
    else { return nil }
    self.init(
      name: name, pushed: ObjectInfo(id: pushed, kind: kind, size: Int(size)), embedding: embedding, target: target,
      taskID: task, agentID: agent, warnings: warnings)
  }
}
