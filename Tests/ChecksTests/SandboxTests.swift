import Checks
import Domain
import Glibc
import Testing

@Suite struct `What a command can reach` {
  @Test func `it is nobody, alone, without rights and without network`() throws {
    let world = try World()
    let worktree = try world.worktree(["a": .file("")])
    let seen = world.output(
      """
      id -u; hostname; grep -E 'Cap(Inh|Prm|Eff|Bnd|Amb)' /proc/self/status | cut -f2 | sort -u; grep NoNewPrivs /proc/self/status
      ls /sys 2>&1; cat /proc/net/dev | grep -c : ; ls /proc | grep -c '^[0-9]'; ls /proc/self/fd | wc -l
      """, on: worktree)
    let uid = geteuid() == 0 ? "65534" : "\(geteuid())"
    #expect(
      seen == """
        \(uid)
        sluice
        0000000000000000
        NoNewPrivs:\t1
        ls: cannot access '/sys': No such file or directory
        1
        4
        4

        """)
  }

  @Test func `its environment is made from nothing`() throws {
    setenv("GIT_DIR", "canary-git", 1)
    setenv("SLUICE_TEST_SECRET", "canary-secret", 1)
    let world = try World()
    let worktree = try world.worktree(["a": .file("")])
    let seen = world.output(
      "env | grep -v ^PWD= | sort; tr '\\0' '\\n' < /proc/1/environ | grep -v ^PWD=", on: worktree)
    let expected = [
      "CI=true", "HOME=/sluice/home", "LANG=C.UTF-8",
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "SLUICE_ATTEMPT=1",
      "SLUICE_RESULTS=/sluice/results", "TMPDIR=/tmp",
    ]
    let lines = seen.split(separator: "\n").map(String.init)
    #expect(Array(lines.prefix(expected.count)) == expected)
    #expect(Set(lines) == Set(expected))
  }

  @Test func `it finds no way to the repository, to secrets or to other runs`() throws {
    let world = try World()
    let canary = "canary-\(getpid())"
    setenv("SLUICE_TEST_SECRET", "canary-secret", 1)
    write(canary, to: "\(world.root)/secret")
    write(canary, to: "/tmp/\(canary)")
    defer { unlink("/tmp/\(canary)") }
    let worktree = try world.worktree(["link": .link("\(world.root)/secret"), "up": .link("../../../..\(world.root)")])
    #expect(
      world.output(
        """
        cat link /etc/shadow /tmp/\(canary) \(world.root)/secret 2>&1 | grep -c 'No such file'
        ls /root /work /mnt up/ ../tree ../../worktrees 2>&1 | grep -vc 'cannot access'
        ls / | tr '\\n' ' '
        grep -l canary[-]secret /proc/*/environ /proc/*/cmdline 2>/dev/null | wc -l
        touch /x /usr/x /etc/x /dev/x /run/x /sluice/x 2>&1 | grep -c -e 'Read-only' -e 'Permission denied'
        """, on: worktree) == "4\n0\nbin build dev etc lib lib64 proc run sbin sluice tmp usr var 0\n6\n")
  }

  @Test(arguments: [
    "unshare -Ur true", "unshare -m true", "mount -t tmpfs x /tmp", "mknod /tmp/x b 8 0", "chroot / true",
    "echo 1 > /proc/sys/kernel/hostname", "hostname other", "kill -0 2147", "cat /proc/kcore", "dmesg",
  ]) func `what only an administrator may do is denied`(command: String) throws {
    let world = try World()
    let worktree = try world.worktree(["a": .file("")])
    #expect(world.run(command, on: worktree)?.verdict == .failed)
  }

  @Test func `network is there only where policy and administrator both allow it`() throws {
    var settings = SandboxSettings()
    settings.networkMax = .setup
    let world = try World(settings)
    let worktree = try world.worktree(["a": .file("")])
    let command = "test $(grep -c : /proc/net/dev) -gt 1 || test -e /etc/resolv.conf"
    func setup() -> Verdict? { world.runner.prepare(worktree, with: [.init(run: command)], as: world.plan)?.verdict }
    #expect(setup() == .failed)
    world.plan.sandbox.network = .all
    #expect(setup() == .passed)
    #expect(world.run(command, on: worktree)?.verdict == .failed)
  }

  @Test(arguments: ["/tmp", "/var/tmp"])
  func `the administrator's folders are readable, and their programs found, wherever they lie`(place: String) throws {
    let folder = try newFolder(in: place)
    defer { remove(folder) }
    for part in ["/inner", "/inner/bin"] { mkdir(folder + part, 0o755) }
    write("#!/bin/sh\necho from the toolchain\n", to: "\(folder)/inner/bin/mytool")
    chmod("\(folder)/inner/bin/mytool", 0o755)
    var settings = SandboxSettings()
    settings.readOnlyPaths = ["\(folder)/inner", "/nowhere/to/be/found"]
    let world = try World(settings)
    let worktree = try world.worktree(["a": .file("")])
    #expect(
      world.output("mytool; touch \(folder)/inner/x 2>&1 | grep -c Read-only", on: worktree)
        == "from the toolchain\n1\n")
  }
}

@Suite struct `How a command ends` {
  @Test(
    arguments: [
      ("true", .passed, nil), ("exit 1", .failed, "failed with exit status 1"),
      ("exit 77", .failed, "failed with exit status 77"),
      ("exit 255", .failed, "failed with exit status 255"),
      ("kill -9 $$", .failed, "failed with exit status 137 (SIGKILL)"),
      ("kill -SEGV $$", .failed, "failed with exit status 139 (SIGSEGV)"),
      (
        "no-such-program", .notRun,
        "its command was not found or is not executable (exit status 127): /bin/sh: 1: no-such-program: not found"
      ),
      (
        "./a", .notRun,
        "its command was not found or is not executable (exit status 126): /bin/sh: 1: ./a: Permission denied"
      ),
    ] as [(String, Verdict, String?)]) func `the exit status decides`(
      command: String, verdict: Verdict, reason: String?
    ) throws
  {
    let world = try World()
    let worktree = try world.worktree(["a": .file("")])
    let result = world.run(command, on: worktree)
    #expect(result?.verdict == verdict)
    #expect(result?.reason == reason)
  }

  @Test func `a command that ignores every signal ends at its limit, with all it started`() throws {
    let world = try World()
    let worktree = try world.worktree(["a": .file("")])
    let mark = "987\(getpid())"
    let clock = ContinuousClock()
    var result: CheckResult?
    let time = clock.measure {
      result = world.run(
        "trap '' TERM INT HUP; (setsid sh -c 'trap \"\" TERM; sleep \(mark)' &) ; while :; do sleep \(mark); done",
        on: worktree
      ) { $0.timeout = .milliseconds(300) }
    }
    #expect(result?.verdict == .timedOut)
    #expect(result?.reason == "took longer than 300 ms")
    #expect(time < .seconds(5))
    #expect(commandLines().allSatisfy { !$0.contains(mark) })
  }

  @Test func `a daemon that keeps the output open is not waited for`() throws {
    let world = try World()
    let worktree = try world.worktree(["a": .file("")])
    let mark = "986\(getpid())"
    let clock = ContinuousClock()
    let time = clock.measure {
      #expect(world.run("setsid sleep \(mark) & echo started", on: worktree)?.verdict == .passed)
    }
    #expect(time < .seconds(3))
    #expect(commandLines().allSatisfy { !$0.contains(mark) })
  }

  @Test func `a command that takes too much memory is ended and says so`() throws {
    let world = try World()
    world.plan.sandbox.memory = 64 << 20
    let worktree = try world.worktree(["a": .file("")])
    let result = world.run("perl -e '$x = \"x\" x (300 << 20); sleep 987'", on: worktree)
    #expect(result?.verdict == .failed)
    #expect(result?.reason == "used more than 64 MiB of memory")
    #expect((result?.peakMemory ?? 0) > 64 << 20)
    let shared = world.run(
      "head -c 100000000 /dev/zero > /tmp/x || head -c 100000000 /dev/zero > /dev/shm/x", on: worktree)
    #expect(shared?.verdict == .failed)
  }

  @Test func `a fork bomb hits its bound, and ends at the limit`() throws {
    let world = try World()
    let worktree = try world.worktree(["a": .file("")])
    #expect(world.output("ulimit -p", on: worktree) == "2048\n")
    let mark = "983\(getpid())"
    let result = world.run("f() { sleep \(mark) & f | f & }; f; sleep \(mark)", on: worktree) {
      $0.timeout = .seconds(1)
    }
    #expect(result?.verdict == .timedOut)
    #expect(commandLines().allSatisfy { !$0.contains(mark) })
  }

  @Test func `a stopped run is cancelled, not judged`() throws {
    let world = try World()
    let worktree = try world.worktree(["a": .file("")])
    let mark = "985\(getpid())"
    #expect(world.run("sleep \(mark)", on: worktree, shouldStop: { true }) == nil)
    #expect(commandLines().allSatisfy { !$0.contains(mark) })
  }

  @Test func `without a sandbox nothing runs, and the reason says what is missing`() throws {
    var settings = SandboxSettings()
    settings.bubblewrapPaths = ["/nowhere/bwrap"]
    let world = try World(settings)
    let worktree = try world.worktree(["a": .file("")])
    let result = world.run("touch /tmp/ran-unsandboxed", on: worktree)
    #expect(result?.verdict == .notRun)
    #expect(result?.reason == "bubblewrap is not installed (apt-get install bubblewrap)")
  }

  @Test func `a sandbox that does not start is told in its own words`() throws {
    var settings = SandboxSettings()
    settings.bubblewrapPaths = ["/bin/false"]
    let world = try World(settings)
    let worktree = try world.worktree(["a": .file("")])
    let result = world.run("true", on: worktree)
    #expect(result?.verdict == .notRun)
    #expect(result?.reason == "the sandbox ended with status 1 before the command was started")
  }

  @Test(.enabled(if: geteuid() == 0), arguments: ["root", "no-such-user"])
  func `a user that is missing, or is root, runs nothing`(user: String) throws {
    var settings = SandboxSettings()
    settings.user = user
    let world = try World(settings)
    let worktree = try world.worktree(["a": .file("")])
    let result = world.run("true", on: worktree)
    #expect(result?.verdict == .notRun)
    #expect(result?.reason == "the user \(user) (sluice.sandboxUser) does not exist or is root")
  }

  @Test func `a pass at a later attempt is a flake`() throws {
    let world = try World()
    let worktree = try world.worktree(["a": .file("")])
    let flaky = world.run("test $SLUICE_ATTEMPT = 3 || exit 9", on: worktree) { $0.retries = 3 }
    #expect(flaky?.verdict == .flaky)
    #expect(flaky?.reason == "passed at attempt 3, after: failed with exit status 9")
    let failed = world.run("echo attempt $SLUICE_ATTEMPT; exit 9", on: worktree) { $0.retries = 1 }
    #expect(failed?.verdict == .failed)
    #expect(failed?.outputTail == ["attempt 2"])
    let logs = world.names(in: "logs/int-1700000000-abcdefgh")
    #expect(logs == ["tests.2.log", "tests.log"])
  }
}
