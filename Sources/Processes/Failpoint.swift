#if FAILPOINTS
  import Glibc
#endif

/// Fails here where a test asked for it; does nothing in a release build.
///
/// - Shape: `SLUICE_FAILPOINT=<name>=<action>[@n]`, several separated by commas; actions: `kill9`, `exit`, `delay:<ms>`, and
///   `eio` or `enospc`, which is what the next write, sync or new file of this process comes to;
///   `@n` acts at the n-th passage of this process only (1 where not said).
package func failpoint(_ name: StaticString) {
  #if FAILPOINTS
    Failpoints.pass(String(describing: name))
  #endif
}

/// The error that a failpoint wants what comes next to fail with, once; always nil in a release build.
func failpointError() -> Int32? {
  #if FAILPOINTS
    Failpoints.error.withLock { $0.take() }
  #else
    nil
  #endif
}

#if FAILPOINTS
  import Synchronization

  private enum Failpoints {
    static let passages = Mutex<[String: Int]>([:])
    static let error = Mutex<Int32?>(nil)

    static func pass(_ name: String) {
      guard let setting = getenv("SLUICE_FAILPOINT").map({ String(cString: $0) }) else { return }
      for part in setting.split(separator: ",") {
        let sides = part.split(separator: "=", maxSplits: 1)
        guard sides.count == 2, sides[0] == name else { continue }
        let action = sides[1].split(separator: "@")
        let wanted = action.count > 1 ? Int(action[1]) ?? 1 : 1
        let count = passages.withLock { counts in
          counts[name, default: 0] += 1
          return counts[name, default: 0]
        }
        guard count == wanted else { continue }
        perform(String(action[0]))
      }
    }

    static func perform(_ action: String) {
      switch action {
      case "kill9": kill(getpid(), SIGKILL)
      case "exit": _exit(70)
      case "eio": error.withLock { $0 = EIO }
      case "enospc": error.withLock { $0 = ENOSPC }
      case let other where other.hasPrefix("delay:"): usleep(UInt32(other.dropFirst(6)).map { $0 * 1_000 } ?? 0)
      default: break
      }
    }
  }
#endif
