import Domain

/// The name of a submission, given or made of its task.
enum SubmissionLabel {
  static func make(_ given: String?, task: String) throws(CommandFailure) -> SubmissionName {
    if let given {
      guard let name = SubmissionName(given) else {
        throw .refused(
          "'\(Printable.line(given, max: 80))' is not a valid name of a submission",
          hint: "one to four parts of letters, digits, '.', '_' and '-', each at most 64 long, with '/' between them")
      }
      return name
    }
    guard let name = SubmissionName(made(of: task)) else {
      throw .refused("no name can be made of the task '\(Printable.line(task, max: 80))'", hint: "--name NAME")
    }
    return name
  }

  /// Whatever a name cannot hold becomes a dash; the first letter or digit begins it.
  private static func made(of task: String) -> String {
    var name = ""
    for scalar in task.unicodeScalars {
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9": name.unicodeScalars.append(scalar)
      case ".", "_":
        if !name.isEmpty, name.last != "." { name.unicodeScalars.append(scalar) }
      default:
        if !name.isEmpty, name.last != "-" { name.append("-") }
      }
      if name.utf8.count == 64 { break }
    }
    while let last = name.last, last == "-" || last == "." { name.removeLast() }
    return name.hasSuffix(".lock") ? String(name.dropLast(5)) : name
  }
}
