/// What decides, at every event, what is built, what lands and what is refused.
protocol Scheduler {
  mutating func take(_ event: World.Event, in world: inout World)
}

extension Scheduler {
  /// Runs until nothing happens any more; every change must have ended then.
  consuming func run(in world: inout World) {
    var scheduler = self
    while let event = world.next() { scheduler.take(event, in: &world) }
  }
}
