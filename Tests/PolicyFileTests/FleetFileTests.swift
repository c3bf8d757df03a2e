import Domain
import PolicyFile
import Testing

@Suite struct FleetFileTests {
  private func read(_ text: String) throws(PolicyError) -> FleetSettings {
    try FleetFile.read(Array(text.utf8), name: "worker.yml")
  }

  @Test func `a configuration says where the repositories are and how they share`() throws {
    let settings = try read(
      """
      version: 1
      roots: [/srv/git, /srv/other]
      lanes: 8
      lanes_per_repository: 4
      depth: 2
      scan: 10s
      repositories:
        /srv/git/app.git: { weight: 3 }
        /srv/git/docs.git: { lanes: 1 }

      """)
    #expect(settings.roots == ["/srv/git", "/srv/other"])
    #expect((settings.depth, settings.scanSeconds) == (2, 10))
    #expect(settings.share(of: "/srv/git/app.git", lanes: 8) == .init(weight: 3, lanes: 4))
    #expect(settings.share(of: "/srv/git/docs.git", lanes: 8) == .init(weight: 1, lanes: 1))
    #expect(settings.share(of: "/srv/git/new.git", lanes: 2) == .init(weight: 1, lanes: 2))
  }

  @Test func `everything that is wrong is told with its line and column`() {
    let error = #expect(throws: PolicyError.self) {
      try read(
        """
        version: 2
        roots: [/srv/git, srv, /srv/../etc]
        lanes: 0
        colour: blue
        repositories:
          app.git: {}
          /srv/git/app.git: { weight: 1000 }

        """)
    }
    #expect(
      error?.lines == [
        "worker.yml:1:10: version: expected 1, found 2",
        "worker.yml:2:19: roots[1]: expected an absolute path without . and .., found srv",
        "worker.yml:2:24: roots[2]: expected an absolute path without . and .., found /srv/../etc",
        "worker.yml:3:8: lanes: expected an integer from 1 to 64, found 0",
        "worker.yml:4:1: unknown key \"colour\", known are version, roots, lanes, lanes_per_repository, depth, scan, repositories",
        "worker.yml:6:3: repositories: expected an absolute path without . and .., found \"app.git\"",
        "worker.yml:7:31: repositories./srv/git/app.git.weight: expected an integer from 1 to 100, found 1000",
      ])
  }
}
