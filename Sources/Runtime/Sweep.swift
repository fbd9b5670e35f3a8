// Bulk work and timers are one thing: everything of a kind that is due, decided in chunks, one commit a chunk.
// A sweep is resumable by nature: what it has done is no longer due.

public import Kernel

/// What a sweep did.
public struct SweepReport: Sendable, Equatable {
  public var streams: Int64 = 0
  public var events: Int64 = 0
  /// Streams that could not be moved on, with the reason; they stay due and do not stop the sweep.
  public var parked: [StreamID: Problem] = [:]
}

extension Engine {
  /// Moves on every stream of a kind that is due up to and including an instant.
  ///
  /// - Parameters:
  ///   - chunk: streams a transaction.
  ///   - step: the command that the due step of a state stands for; applied until the stream is due no more.
  ///   - onChunk: called with the report so far after each chunk, and with the commit that was written.
  /// - Throws: `StoreFailure`.
  public func sweep<A: Aggregate>(
    _: A.Type, through: Instant, act: Act, chunk: Int = 500,
    onChunk: @Sendable (SweepReport, Commit) async -> Void = { _, _ in },
    step: @escaping @Sendable (A.State) -> A.Command
  ) async throws -> SweepReport {
    var report = SweepReport()
    var place: DuePlace?
    var writing: Task<Commit, any Error>?
    while true {
      let page = try await store.due(A.kind, through: through, after: place, limit: chunk)
      guard let last = page.last, let due = last.due else { break }
      place = DuePlace(due: due, stream: last.stream)
      let work = try decideChunk(A.self, page, through: through, act: act, step: step)
      // The next chunk is decided while this one is written.
      if let previous = writing { await onChunk(report, try await previous.value) }
      report.add(work)
      writing = Task { [self] in
        guard let commit = work.unit.finished() else { return Commit() }
        return try await writeChunk(A.self, commit, through: through, act: act, step: step)
      }
    }
    if let previous = writing { await onChunk(report, try await previous.value) }
    return report
  }

  fileprivate struct ChunkWork: Sendable {
    var unit: Unit
    var streams: Int64 = 0
    var events: Int64 = 0
    var parked: [StreamID: Problem] = [:]
  }

  private func decideChunk<A: Aggregate>(
    _: A.Type, _ page: [StoredStream], through: Instant, act: Act, step: @escaping @Sendable (A.State) -> A.Command
  ) throws(StoreFailure) -> ChunkWork {
    var work = ChunkWork(unit: Unit(engine: self, act: act))
    for stored in page {
      cache.forget(stored.stream)
      let state = try Coding.decode(A.State.self, stored.state, of: stored.stream)
      let before = work.unit.place
      do {
        let version = try work.unit.moveOn(A.self, stored, state, through: through, step: step)
        work.streams += 1
        work.events += version - stored.version
      } catch {
        work.unit.rollBack(to: before)
        work.parked[stored.stream] = error.problem
      }
    }
    return work
  }

  /// Writes a chunk; where somebody else was first with one of its streams, each is done on its own.
  private func writeChunk<A: Aggregate>(
    _: A.Type, _ commit: Commit, through: Instant, act: Act, step: @escaping @Sendable (A.State) -> A.Command
  ) async throws -> Commit {
    do {
      try await store.commit(commit)
      if !commit.outbox.isEmpty { bell.ring() }
      return commit
    } catch StoreFailure.conflict {
      for write in commit.writes {
        try await run(act) { unit in
          var state = try await unit.state(of: A.self, write.stream)
          while let due = A.nextStep(for: state), due <= through {
            state = try await unit.decide(A.self, write.stream, step(state))
          }
        }
      }
      return Commit()
    }
  }
}

extension Unit {
  /// Decides on one due stream until it is due no more.
  fileprivate mutating func moveOn<A: Aggregate>(
    _: A.Type, _ stored: StoredStream, _ state: A.State, through: Instant, step: (A.State) -> A.Command
  ) throws(A.Refusal) -> Int64 {
    var state = try decide(A.self, loaded: stored, state: state, step(state))
    var steps = 1
    while let due = A.nextStep(for: state), due <= through {
      steps += 1
      precondition(steps < 1_000, "\(stored.stream) stays due at \(due): its step does not move it on")
      state = try decideAgain(A.self, step(state))
    }
    return entries[entries.count - 1].version
  }
}

extension SweepReport {
  fileprivate mutating func add(_ work: Engine.ChunkWork) {
    streams += work.streams
    events += work.events
    parked.merge(work.parked) { _, new in new }
  }
}
