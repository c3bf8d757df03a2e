import ArgumentParser
import Domain
import Glibc

/// `sluice github workflow`
struct WorkflowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "workflow",
    abstract: "Prints a workflow that runs the policy's checks on staging/** and reports sluice/staging.",
    discussion: """
      Run it in your clone. The workflow is made of the .sluice.yml in the working tree: setup and checks are its steps, one \
      after the other in one checkout, each judged by its exit status. The job that runs them can only read the repository; \
      another one, which runs nothing of it, sets the commit status.

        sluice github workflow
        sluice github workflow --write

      Checks find what GitHub's ubuntu-24.04 holds; add the steps that install what else they need to the file, which is \
      not overwritten without --force.

      Exit statuses: 0 printed or written, 1 there is no policy that holds or the file is another one, 4 not inside a clone.
      """)

  @OptionGroup var place: Place

  @Flag(help: ArgumentHelp("Write it to \(StagingWorkflow.path) in the working tree."))
  var write = false

  @Flag(help: "Overwrite a file that is another one.")
  var force = false

  func validate() throws {
    guard write || !force else { throw ValidationError("--force needs --write") }
  }

  func run() throws {
    try place.enter()
    let top = try WorkingTree.locate().top
    let policy = "\(top)/\(PolicySource.path)"
    guard Disk.kind(following: policy) != nil else {
      throw CommandFailure.refused("there is no \(PolicySource.path) in \(top)", hint: "write a policy first")
    }
    guard let workflow = StagingWorkflow(try PolicyCheck.read(policy)) else {
      throw CommandFailure.refused("\(policy) has no check that runs a command, so a workflow would prove nothing")
    }
    guard write else { return Console.write(workflow.text, to: STDOUT_FILENO) }
    try save(Array(workflow.text.utf8), in: top)
  }

  private func save(_ bytes: [UInt8], in top: String) throws(CommandFailure) {
    let path = "\(top)/\(StagingWorkflow.path)"
    for folder in ["\(top)/.github", "\(top)/.github/workflows"] where mkdir(folder, 0o777) != 0 {
      guard errno == EEXIST else { throw Disk.failure("cannot make \(folder)") }
      // A link could lead out of the working tree.
      guard Disk.kind(folder) == .folder else { throw .refused("\(folder) is no folder, so nothing was written") }
    }
    switch Disk.kind(path) {
    case nil: break
    case .file:
      if try Disk.read(path, max: 1 << 20) == bytes { return Console.say("\(StagingWorkflow.path) is up to date") }
      guard force else {
        throw .refused(
          "\(StagingWorkflow.path) is there and differs, so nothing was written",
          hint: "sluice github workflow | diff \(ShellWord.quoted(path)) - shows how; --force overwrites it")
      }
    default: throw .refused("\(path) is no file, so nothing was written")
    }
    try Disk.replace(path, with: bytes, mode: 0o644)
    Console.say("\(StagingWorkflow.path) is written; commit it")
  }
}
