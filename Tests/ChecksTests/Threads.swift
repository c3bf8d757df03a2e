import Dispatch

/// Runs `body` on as many threads at the same time, and waits for all of them.
func atOnce(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
  let group = DispatchGroup()
  for number in 0..<count {
    DispatchQueue(label: "thread \(number)").async(group: group) { body(number) }
  }
  group.wait()
}
