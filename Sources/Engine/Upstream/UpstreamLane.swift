import Domain

/// Where the engine's exchanges with the upstream run, which report to its mailbox.
///
/// Nobody waits for one when the engine ends: it dies with the process, and whoever comes next looks at what it came to.
final class UpstreamLane: Sendable {
  private let repository: String
  private let mailbox: Mailbox<CheckReport>
  private let threads = ThreadPool()

  init(repository: String, mailbox: Mailbox<CheckReport>) {
    self.repository = repository
    self.mailbox = mailbox
  }

  func run(_ job: UpstreamJob, on upstream: Upstream) {
    let exchange = UpstreamExchange(repository: repository, upstream: upstream)
    let mailbox = mailbox
    threads.run {
      do throws(UpstreamFailure) {
        mailbox.post(.delivered(job, .success(try exchange.run(job.request))))
      } catch {
        mailbox.post(.delivered(job, .failure(error)))
      }
    }
  }
}
