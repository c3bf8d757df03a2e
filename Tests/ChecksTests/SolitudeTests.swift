import Checks
import Glibc
import Synchronization
import Testing

@Suite struct `What is measured` {
  /// What happened in its order, and who has looked whether to stop, as those do who wait.
  private final class Record: Sendable {
    private let lines = Mutex<[String]>([])
    private let waiting = Mutex<Set<String>>([])
    var all: [String] { lines.withLock { $0 } }

    func add(_ line: String) { lines.withLock { $0.append(line) } }

    func looks(_ name: String) -> Bool {
      waiting.withLock { _ = $0.insert(name) }
      return false
    }

    /// Goes on once something is so; at the latest after a while, so that a test fails rather than hangs.
    func until(_ isSo: (Record) -> Bool) {
      let deadline = ContinuousClock.now + .seconds(20)
      while !isSo(self), ContinuousClock.now < deadline { sched_yield() }
    }

    func waits(_ name: String) -> Bool { waiting.withLock { $0.contains(name) } }
  }

  @Test func `waits for what runs, and what comes later waits for it`() {
    let solitude = Solitude()
    let record = Record()
    atOnce(3) { number in
      switch number {
      case 0:
        _ = solitude.share {
          record.add("first begins")
          record.until { $0.waits("later") }
          record.add("first ends")
        } shouldStop: {
          false
        }
      case 1:
        record.until { !$0.all.isEmpty }
        _ = solitude.alone {
          record.add("measured")
        } shouldStop: {
          record.looks("measured")
        }
      default:
        record.until { $0.waits("measured") }
        _ = solitude.share {
          record.add("later")
        } shouldStop: {
          record.looks("later")
        }
      }
    }
    #expect(record.all == ["first begins", "first ends", "measured", "later"])
  }

  @Test func `is stopped while it waits, and keeps nobody back`() {
    let solitude = Solitude()
    let inner: Bool? = solitude.share {
      let measured: Void? = solitude.alone {
      } shouldStop: {
        true
      }
      #expect(measured == nil)
      let later: Void? = solitude.share {
      } shouldStop: {
        true
      }
      return later != nil
    } shouldStop: {
      false
    }
    #expect(inner == true)
    let waiting: Void? = solitude.alone {
      let shared: Void? = solitude.share {
      } shouldStop: {
        true
      }
      let alone: Void? = solitude.alone {
      } shouldStop: {
        true
      }
      #expect(shared == nil && alone == nil)
    } shouldStop: {
      false
    }
    #expect(waiting != nil)
  }
}
