/// What a process tree has used; nil for what was not measured.
struct TreeUsage: Hashable {
  /// Highest resident bytes; nil for a run too short to be looked at.
  var peakMemory: Int64?
  /// User and system time.
  var cpuSeconds: Double?
  /// Bytes by system calls, whether from a disk, a cache or a pipe.
  var readBytes: Int64?
  var writtenBytes: Int64?

  /// Takes what is more there: every measurement misses something, and none counts twice.
  mutating func raise(to other: TreeUsage) {
    peakMemory = [peakMemory, other.peakMemory].compactMap { $0 }.max()
    cpuSeconds = [cpuSeconds, other.cpuSeconds].compactMap { $0 }.max()
    readBytes = [readBytes, other.readBytes].compactMap { $0 }.max()
    writtenBytes = [writtenBytes, other.writtenBytes].compactMap { $0 }.max()
  }
}
