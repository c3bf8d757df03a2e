import Checks
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
          while !record.waits("later") {}
          record.add("first ends")
        } shouldStop: {
          false
        }
      case 1:
        while record.all.isEmpty {}
        _ = solitude.alone {
          record.add("measured")
        } shouldStop: {
          record.looks("measured")
        }
      default:
        while !record.waits("measured") {}
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
