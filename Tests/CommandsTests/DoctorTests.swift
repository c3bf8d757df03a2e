import Foundation
import Testing

@Suite struct DoctorTests {
  private let yard: Yard
  init() throws {
    yard = try Yard()
    try yard.makeProject()
    try yard.sh("sluice install --policy policy.yml app.git")
  }

  @Test func `a fresh installation is sound`() throws {
    let answer = try yard.run("sluice doctor app.git")
    #expect(answer.status == 0, "\(answer.text)")
    let json = try yard.json(yard.sh("sluice -C app.git doctor --json"))
    #expect(json["sound"] as? Bool == true)
    #expect((json["findings"] as? [[String: Any]])?.contains { $0["subject"] as? String == "sandbox" } == true)
  }

  @Test(arguments: [
    ("rm hooks/pre-receive", "hooks/pre-receive"),
    ("rm hooks/proc-receive; cp /bin/true hooks/proc-receive", "hooks/proc-receive"),
    ("ln -sfn /nowhere/libexec/sluice/post-receive hooks/post-receive", "hooks/post-receive"),
    (
      "mkdir -p ../libexec/sluice; cp /bin/true ../libexec/sluice/pre-receive; chmod -x ../libexec/sluice/pre-receive; ln -sfn $PWD/../libexec/sluice/pre-receive hooks/pre-receive",
      "hooks/pre-receive"
    ),
    ("git config core.hooksPath /tmp", "core.hooksPath"),
    ("git config --unset receive.procReceiveRefs", "receive.procReceiveRefs"),
    ("git config core.fsync none", "core.fsync"), ("git config --unset-all transfer.hideRefs", "transfer.hideRefs"),
    ("git config core.sharedRepository all", "core.sharedRepository"),
    ("git config sluice.waitMax soon", "sluice.waitmax"),
    ("git config --add sluice.notify 'command tell'", "sluice.notify"),
    ("git config --add sluice.notify 'command /nowhere/tell'", "sluice.notify"),
    ("git config --add sluice.webhookSecret 'https://a.example/ /nowhere'", "sluice.webhookSecret"),
    ("git config sluice.limit.files 10GBs", "sluice.limit.files"), ("rm sluice/wake", "sluice/wake"),
    ("rm -r sluice/journal", "sluice/"), ("chmod 755 sluice/logs", "sluice/"),
    (
      "echo garbage garbage garbage garbage garbage garbage garbage garbage garbage garbage >sluice/ledger.sqlite",
      "ledger"
    ),
    ("touch -d '1 hour ago' packed-refs.lock", "lock file"),
    ("touch -d '1 hour ago' refs/heads/main.lock", "lock file"),
    ("echo 'checks: 1' >../policy.yml", "sluice.policy"), ("rm ../policy.yml", "sluice.policy"),
    ("rm info/attributes", "info/attributes"), ("git config receive.fsckObjects false", "malformed objects"),
  ])
  func `what is broken is named, with status 2`(break: String, subject: String) throws {
    try yard.sh(`break`, in: "app.git")
    let answer = try yard.run("sluice doctor --json app.git")
    #expect(answer.status == 2)
    let findings = try #require(try yard.json(answer.out)["findings"] as? [[String: Any]])
    let errors = findings.filter { $0["level"] as? String == "error" }.compactMap { $0["subject"] as? String }
    #expect(errors == [subject])
  }

  @Test func `a missing policy is a warning, since everything is refused until there is one`() throws {
    try yard.sh("git config --unset sluice.policy", in: "app.git")
    let answer = try yard.run("sluice doctor --json app.git")
    #expect(answer.status == 0)
    let findings = try #require(try yard.json(answer.out)["findings"] as? [[String: Any]])
    let warnings = findings.filter { $0["level"] as? String == "warning" }.compactMap { $0["subject"] as? String }
    #expect(warnings.contains("policy of main"), "\(warnings)")
  }

  @Test func `what the doctor finds broken, an installation mends`() throws {
    try yard.sh(
      "rm hooks/pre-receive sluice/wake info/attributes; git config receive.autogc true; chmod 777 sluice",
      in: "app.git")
    #expect(try yard.run("sluice doctor app.git").status == 2)
    try yard.sh("sluice install app.git")
    #expect(try yard.run("sluice doctor app.git").status == 0)
  }
}
