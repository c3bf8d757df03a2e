import Glibc
import Testing

/// A new folder below `/tmp` that only its owner may enter.
func newFolder(in place: String = "/tmp") throws -> String {
  var template = Array("\(place)/sluice-checks-XXXXXX".utf8CString)
  return try #require(mkdtemp(&template).map { String(cString: $0) })
}

/// The command lines of every process of this host.
func commandLines() -> [String] {
  names(at: "/proc").filter { Int($0) != nil }.compactMap { text(of: "/proc/\($0)/cmdline") }
}

/// The names in a folder, sorted.
func names(at path: String) -> [String] {
  guard let stream = opendir(path) else { return [] }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    if name != ".", name != ".." { names.append(name) }
  }
  return names.sorted()
}

/// The text of a file.
func text(of path: String) -> String? {
  guard let file = fopen(path, "r") else { return nil }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  while case let byte = getc(file), byte != EOF { bytes.append(UInt8(truncatingIfNeeded: byte)) }
  return String(decoding: bytes, as: UTF8.self)
}

/// Writes a file.
func write(_ text: String, to path: String) {
  guard let file = fopen(path, "w") else { return }
  fputs(text, file)
  fclose(file)
}

/// Removes a folder with everything in it.
func remove(_ path: String) {
  var status = stat()
  guard lstat(path, &status) == 0 else { return }
  if status.st_mode & S_IFMT == S_IFDIR {
    for name in names(at: path) { remove("\(path)/\(name)") }
    rmdir(path)
  } else {
    unlink(path)
  }
}
