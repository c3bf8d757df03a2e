import Glibc

/// The scripts of a repository that ran before Sluice came: the executable files of `<hook>.d/`.
package enum ChainedScripts {
  /// Paths in the order of their names; hidden files and those without the right to run are left out.
  package static func executables(in folder: String) -> [String] {
    FolderNames.all(in: folder).filter { !$0.hasPrefix(".") }.map { "\(folder)/\($0)" }.filter { path in
      var status = stat()
      return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
    }
  }
}
