import Domain
import Engine
import GitProgram

/// Asks the upstream, where one is named, as a landing would.
enum UpstreamExamination {
  static func run(_ repository: ServerRepository) -> Diagnosis? {
    let named: Upstream?
    let target: String
    do {
      named = try GitProgram(repository: repository.path).settings().upstream
      target = try repository.headBranch() ?? "main"
    } catch {
      // Settings that do not read are another finding.
      return nil
    }
    guard let upstream = named else { return nil }
    do throws(UpstreamFailure) {
      let answer = try UpstreamExchange(repository: repository.path, upstream: upstream).run(
        UpstreamRequest(branch: target))
      guard let tip = answer.tip else {
        return .warning(
          "upstream", "\(upstream.url) answers, and has no \(target)", advice: "git push \(upstream.url) \(target)")
      }
      return .ok("upstream", "\(upstream.url) answers, its \(target) is at \(tip.short)")
    } catch {
      return .warning(
        "upstream", error.sentence, advice: "landings wait until it answers: see sluice.upstream* in docs/upstream.md")
    }
  }
}
