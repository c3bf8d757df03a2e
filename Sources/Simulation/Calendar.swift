/// The builds that will finish, soonest first.
struct Calendar {
  struct Finish {
    let at: Double
    let build: Build
    /// Which run of the build this is the end of.
    let number: Int
  }

  private var heap = Heap<Finish> { ($0.at, $0.number) < ($1.at, $1.number) }

  var first: Finish? { heap.first }
  mutating func insert(_ finish: Finish) { heap.insert(finish) }
  mutating func removeFirst() { _ = heap.removeFirst() }
}
