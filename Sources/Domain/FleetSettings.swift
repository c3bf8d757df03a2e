/// What one worker for many repositories is told: where they are, and how they share its lanes.
package struct FleetSettings: Hashable, Sendable {
  /// What is said of one repository alone.
  package struct Repository: Hashable, Sendable {
    package var weight = 1
    /// Its lanes at a time; nil for what the others have.
    package var lanes: Int?

    package init() {}
  }

  /// Folders that hold repositories, absolute.
  package var roots: [String] = []
  /// Checks that run at a time, of all repositories together; nil for one for each processor.
  package var lanes: Int?
  /// The most of them for one repository; nil for all.
  package var lanesOfOne: Int?
  /// Folders below a root down to which is looked: 1 looks at what stands in the root itself.
  package var depth = 4
  /// Seconds between looks for repositories that are new or gone.
  package var scanSeconds: Int64 = 30
  /// By absolute path.
  package var repositories: [String: Repository] = [:]

  package init() {}

  /// The most lanes at a time that can be set.
  package static let lanesMax = 64

  /// What a repository may take of so many lanes.
  package func share(of repository: String, lanes all: Int) -> LaneShares.Share {
    let own = repositories[repository]
    return LaneShares.Share(weight: own?.weight ?? 1, lanes: min(own?.lanes ?? lanesOfOne ?? all, all))
  }
}
