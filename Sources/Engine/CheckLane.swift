import Dispatch
import Domain

final class CheckLane {
  init(place: StatePaths, settings: ServerSettings, mailbox: Mailbox<CheckReport>) {}
  func run(_ job: CheckJob) {}
  func clean() {}
  func use(_ settings: ServerSettings) {}
  func refreshBase(_ trees: [ObjectID]) {}
}
