import Foundation
import Testing

@Suite struct InstallTests {
  private let yard: Yard
  init() throws { yard = try Yard() }

  @Test func `a first installation sets everything up and a second one changes nothing`() throws {
    try yard.makeProject()
    let first = try yard.run("sluice install --policy policy.yml app.git")
    #expect(first.status == 0)
    #expect(first.out.contains("ready for main"))
    #expect(try yard.sh("git config receive.procReceiveRefs", in: "app.git") == "refs\n")
    #expect(try yard.sh("git config core.fsync", in: "app.git") == "all\n")
    #expect(try yard.sh("git config --get-all transfer.hideRefs", in: "app.git") == "refs/sluice\n")
    #expect(try !yard.sh("git config --get-all receive.hideRefs", in: "app.git").contains("refs/heads/main"))
    #expect(
      try yard.sh("stat -c '%a %F' sluice sluice/journal sluice/wake", in: "app.git")
        == "700 directory\n700 directory\n600 fifo\n")
    for hook in ["pre-receive", "proc-receive", "post-receive"] {
      #expect(try yard.sh("readlink hooks/\(hook)", in: "app.git") == "\(Yard.built)/\(hook)\n")
    }
    let before = try yard.sh("find app.git -printf '%p %i %T@ %l\n' | sort")
    let second = try yard.run("sluice install --policy policy.yml app.git")
    #expect(second.status == 0)
    #expect(second.out.contains("right     everything, already"))
    #expect(try yard.sh("find app.git -printf '%p %i %T@ %l\n' | sort") == before)
  }

  @Test func `gc takes away what killed pushes have left`() throws {
    try yard.makeProject()
    try yard.sh("sluice install --policy policy.yml app.git; mkdir app.git/sluice/scratch")
    try yard.sh("touch -d '2 hours ago' app.git/sluice/scratch/ref-old; touch app.git/sluice/scratch/ref-new")
    #expect(try yard.run("sluice -C app.git gc").status == 0)
    #expect(try yard.sh("ls app.git/sluice/scratch") == "ref-new\n")
  }

  @Test func `uninstalling brings back what was there`() throws {
    try yard.makeProject()
    try yard.sh(
      """
      cd app.git; rm -f hooks/*; mkdir shared
      printf '#!/bin/sh\\necho old\\n' >hooks/pre-receive; chmod 751 hooks/pre-receive
      printf '#!/bin/sh\\n' >shared/after; chmod 755 shared/after; ln -s ../shared/after hooks/post-receive
      git config gc.auto 7; git config receive.procReceiveRefs refs/for; git config core.logAllRefUpdates true
      git config --add receive.hideRefs refs/secret; git config --add receive.hideRefs refs/landed
      echo '*.png binary' >info/attributes
      """)
    let before = try yard.sh(
      "git config --local --list | sort; cat info/attributes; find hooks -printf '%p %m %l\n' | sort", in: "app.git")
    try yard.sh("sluice install --policy policy.yml app.git")
    #expect(try yard.sh("hooks/pre-receive.d/50-original", in: "app.git") == "old\n")
    #expect(
      try yard.sh("readlink -e hooks/post-receive.d/50-original", in: "app.git").hasSuffix("app.git/shared/after\n"))
    #expect(try yard.read("app.git/info/attributes").hasSuffix("*.png binary\n"))
    // What somebody changes afterwards is theirs.
    try yard.sh("git config receive.maxInputSize 1g", in: "app.git")
    let answer = try yard.run("sluice uninstall app.git")
    #expect(answer.status == 0)
    #expect(answer.out.contains("left      receive.maxInputSize"))
    try yard.sh(
      "git config --unset receive.maxInputSize; git config --remove-section sluice; test -d sluice", in: "app.git")
    #expect(
      try yard.sh(
        "git config --local --list | sort; cat info/attributes; find hooks -printf '%p %m %l\n' | sort", in: "app.git")
        == before)
  }

  @Test func `a proc-receive of the host stays, and Sluice does without`() throws {
    try yard.makeProject()
    try yard.sh(
      "printf '#!/bin/sh\\n' >hooks/proc-receive; chmod +x hooks/proc-receive; git config receive.procReceiveRefs refs/for",
      in: "app.git")
    let answer = try yard.run("sluice install --policy policy.yml app.git")
    #expect(answer.status == 0)
    #expect(answer.errors.contains("hooks/proc-receive is not Sluice's and stays"))
    #expect(try yard.read("app.git/hooks/proc-receive") == "#!/bin/sh\n")
    #expect(
      try yard.sh("git config --get-all receive.procReceiveRefs; git config sluice.fallback", in: "app.git")
        == "refs/for\ntrue\n")
    // Once the host gives it up, an installation takes it over.
    try yard.sh("rm app.git/hooks/proc-receive; sluice install app.git")
    #expect(try yard.sh("git config --get-all receive.procReceiveRefs", in: "app.git") == "refs\n")
    #expect(try yard.run("git config sluice.fallback", in: "app.git").status == 1)
    // And back again, by choice.
    try yard.sh("sluice install --fallback app.git")
    #expect(try yard.sh("git config --get-all receive.procReceiveRefs", in: "app.git") == "refs/for\n")
    #expect(try yard.run("test -e hooks/proc-receive", in: "app.git").status == 1)
  }

  @Test(arguments: [
    ("seed", "true", 1, "has a working tree"),
    ("app.git", "git -C app.git config core.sharedRepository group", 1, "core.sharedRepository is group"),
    ("app.git", "git -C app.git config core.hooksPath /etc/hooks", 1, "core.hooksPath is /etc/hooks"),
    ("app.git", "git -C app.git update-ref --no-deref HEAD main", 1, "names no branch"),
    ("new.git", "git init -q --bare --object-format=sha256 new.git", 1, "sha256"),
    ("nowhere.git", "true", 4, "does not exist"), ("empty", "mkdir empty", 4, "is not a git repository"),
    ("app.git", "printf 'version: 1\nchecks:\n  x: {ruin: a}\n' >policy.yml", 1, "policy.yml:3:"),
    ("app.git", "rm policy.yml", 4, "policy.yml does not exist"),
    ("app.git", "touch app.git/config.lock", 4, "config.lock"),
  ])
  func `what Sluice cannot serve is refused and left as it is`(
    repository: String, break: String, status: Int32, sentence: String
  ) throws {
    try yard.makeProject()
    try yard.sh(`break`)
    let before = try yard.run("cat app.git/config; ls app.git/hooks").out
    let answer = try yard.run("sluice install --policy policy.yml \(repository)")
    #expect(answer.status == status)
    #expect(answer.errors.contains(sentence))
    #expect(answer.errors.hasPrefix("sluice: "))
    #expect(try yard.run("cat app.git/config; ls app.git/hooks").out == before)
  }

  @Test func `the starting point is noted once, and again when Sluice comes back`() throws {
    try yard.makeProject()
    try yard.sh("git -C app.git config sluice.target next; sluice install app.git")
    let first = try yard.sh("git rev-parse main", in: "app.git")
    #expect(try yard.sh("git config --get-all sluice.start", in: "app.git") == "main \(first)next none\n")
    // A move of the target while Sluice is there is the audit's business.
    try yard.sh("git -C app.git fetch -q ../work topic && git -C app.git update-ref refs/heads/main FETCH_HEAD")
    try yard.sh("sluice install app.git")
    #expect(try yard.sh("git config --get-all sluice.start", in: "app.git") == "main \(first)next none\n")
    // While it is away, main is nobody's business.
    try yard.sh("sluice uninstall app.git && sluice install app.git")
    let second = try yard.sh("git rev-parse main", in: "app.git")
    #expect(second != first)
    #expect(try yard.sh("git config --get-all sluice.start", in: "app.git") == "next none\nmain \(second)")
  }

  @Test func `nothing is uninstalled while submissions are in flight, unless it is forced`() throws {
    try yard.makeServer()
    try yard.sh("sluice -C app.git pause")
    try yard.sh("sluice submit --test true --nowait", in: "work")
    let refused = try yard.run("sluice uninstall app.git")
    #expect(refused.status == 1)
    #expect(refused.errors.contains("1 submission is in flight"))
    #expect(try yard.run("sluice uninstall --force app.git").status == 0)
    #expect(try yard.run("test -e app.git/hooks/pre-receive").status == 1)
  }
}
