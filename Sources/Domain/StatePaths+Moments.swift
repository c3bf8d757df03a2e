extension StatePaths {
  /// What a process needs for a moment; leftovers are of processes that were killed.
  package var scratch: String { state + "/scratch" }
  /// What `pre-receive` leaves for `proc-receive` of the same push.
  package var admitted: String { state + "/admitted" }
  /// Locked by a worker that was started and need not have the lease yet.
  package var start: String { state + "/worker.start" }
}
