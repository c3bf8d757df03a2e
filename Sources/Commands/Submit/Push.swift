import ArgumentParser
import Domain
import Processes

/// The real `git push`, on our own standard streams.
enum Push {
  /// Pushes an object to a submission's name.
  ///
  /// - Throws: `ExitCode` 1 where the server refused it, which git has told; a failure where it could not be asked.
  static func run(
    _ object: String, to name: SubmissionName, at remote: String, from tree: WorkingTree, options: [String]
  ) throws {
    let arguments =
      ["push"] + options.flatMap { ["-o", $0] }
      + ["--end-of-options", remote, "\(object):\(PackageObject.ref(name))"]
    let exit: Exit
    do {
      exit = try Program.attend(tree.git, arguments, environment: Environment.all, directory: tree.path)
    } catch { throw CommandFailure.unreachable("\(error)") }
    switch exit {
    case .status(0): return
    case .status(1): throw ExitCode(ExitStatus.refused.rawValue)
    case .status(128): throw CommandFailure.unreachable("the push did not go through; git says why above")
    default: throw CommandFailure.refused("git push ended with \(exit)")
    }
  }
}
