/// A queue that keeps the order of arrival among changes that may conflict: each lands or is refused when all ahead of it
/// have ended and a build on exactly those that landed is finished.
///
/// What is built in the meantime, in the hope that it is what will be needed, is the choice that tells the policies apart.
struct ArrivalOrder<Choice: BuildChoice>: Scheduler {
  private var line: Line
  private var choice: Choice

  init(_ choice: Choice, trace: Trace) {
    self.choice = choice
    line = Line(trace)
  }

  mutating func take(_ event: World.Event, in world: inout World) {
    switch event {
    case .arrived(let change):
      line.enter(change)
      choice.arrived(change, in: line)
    case .finished(let build, let passed):
      line.learn(build, passed: passed)
      settle(startingWith: build.change, in: &world)
    }
    start(choice.wanted(in: line, upTo: world.workers), in: &world)
  }

  /// Ends the change, where it can be, and whoever waits for nothing else.
  private mutating func settle(startingWith change: Trace.Change, in world: inout World) {
    var next = [change]
    while let change = next.popLast() {
      guard let passed = choice.verdict(on: change, in: line) else { continue }
      world.end(change, passed ? .landed : .refused)
      next += line.leave(change, landed: passed)
    }
  }

  /// Keeps the running builds that are wanted, stops the others, and starts the rest of the wanted while workers are idle.
  private func start(_ wanted: [Wanted], in world: inout World) {
    let wantedBuilds = Set(wanted.lazy.map(\.build))
    for build in Array(world.builds) where !wantedBuilds.contains(build) { world.stop(build) }
    for wish in wanted where world.idleWorkers > 0 && !world.isRunning(wish.build) {
      let change = wish.build.change
      let passes = world.trace.passes(change, on: line[change].ahead(without: wish.excluded))
      world.start(wish.build, passes: passes, minutes: world.trace.minutes[change])
    }
  }
}

/// A build that is worth a worker.
struct Wanted {
  let build: Build
  /// Who of those ahead and in flight is taken to fail.
  let excluded: [Trace.Change]
}

/// What an arrival-order queue builds.
protocol BuildChoice {
  mutating func arrived(_ change: Trace.Change, in line: Line)
  /// The unfinished builds worth a worker, the most urgent first; what is running and not named is stopped.
  mutating func wanted(in line: Line, upTo max: Int) -> [Wanted]
  /// Whether the change has passed or failed for good; nil while that is open.
  func verdict(on change: Trace.Change, in line: Line) -> Bool?
}

extension BuildChoice {
  mutating func arrived(_ change: Trace.Change, in line: Line) {}

  func verdict(on change: Trace.Change, in line: Line) -> Bool? {
    let place = line[change]
    guard place.open.isEmpty, line.isOpen(change) else { return nil }
    return place.results[place.landed]
  }
}
