import Dispatch
import Synchronization

/// Threads for work that blocks: as many as there is work at a time, kept for the next.
///
/// A concurrent queue would not do: it runs no more at a time than there are processors, and blocked work waits in its line.
final class ThreadPool: Sendable {
  private let idle = Mutex<[DispatchQueue]>([])
  private let running = DispatchGroup()

  func run(_ work: @escaping @Sendable () -> Void) {
    let thread = idle.withLock { $0.popLast() } ?? DispatchQueue(label: "sluice.work")
    thread.async(group: running) {
      work()
      self.idle.withLock { $0.append(thread) }
    }
  }

  /// Waits until everything has ended.
  func wait() { running.wait() }
}
