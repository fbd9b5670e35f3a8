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
  /// Moves on every stream of a kind that is due up to and including an instant, but for those that another copy of the
  /// context is at: two copies share the work, and what a killed one left is claimed by the next sweep when its leases
  /// have run out.
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
    let lease = Lease(holder: "sweep-\(UInt64.random(in: .min ... .max))", duration: longestChunk)
    do {
      let report = try await sweep(
        A.self, through: through, act: act, chunk: chunk, lease, onChunk: onChunk, step: step)
      try await store.release(lease.holder)
      return report
    } catch {
      // What cannot be given back runs out.
      try? await store.release(lease.holder)
      throw error
    }
  }

  private func sweep<A: Aggregate>(
    _: A.Type, through: Instant, act: Act, chunk: Int, _ lease: Lease,
    onChunk: @Sendable (SweepReport, Commit) async -> Void, step: @escaping @Sendable (A.State) -> A.Command
  ) async throws -> SweepReport {
    var report = SweepReport()
    var writing: Task<WrittenChunk, any Error>?
    while true {
      let page = try await store.claim(A.kind, through: through, limit: chunk, lease: lease)
      if page.isEmpty { break }
      let work = try decideChunk(A.self, page, through: through, act: act, step: step)
      // The next chunk is decided while this one is written.
      if let writing { await report.add(try await writing.value, then: onChunk) }
      writing = Task { [self] in try await writeChunk(A.self, work, through: through, act: act, step: step) }
    }
    if let writing { await report.add(try await writing.value, then: onChunk) }
    return report
  }

  fileprivate struct ChunkWork: Sendable {
    var unit: Unit
    var done = SweepReport()
    /// Nil where there is nothing to write.
    var commit: Commit?
  }

  fileprivate struct WrittenChunk: Sendable {
    var done: SweepReport
    /// Of streams that had to be written one by one, the rows only.
    var commit = Commit()
  }

  private func decideChunk<A: Aggregate>(
    _: A.Type, _ page: [StoredStream], through: Instant, act: Act, step: @escaping @Sendable (A.State) -> A.Command
  ) throws(StoreFailure) -> ChunkWork {
    var work = ChunkWork(unit: Unit(engine: self, act: act))
    for stored in page {
      cache.forget(stored.stream)
      let state = try A.stateForm.read(stored.state, of: stored.stream)
      let before = work.unit.place
      do {
        let version = try work.unit.moveOn(A.self, stored, state, through: through, step: step)
        work.done.streams += 1
        work.done.events += version - stored.version
      } catch {
        work.unit.rollBack(to: before)
        work.done.parked[stored.stream] = error.problem
      }
    }
    work.commit = work.unit.finished()
    return work
  }

  /// Writes a chunk; where somebody else was first with one of its streams, each is done on its own.
  private func writeChunk<A: Aggregate>(
    _: A.Type, _ work: ChunkWork, through: Instant, act: Act, step: @escaping @Sendable (A.State) -> A.Command
  ) async throws -> WrittenChunk {
    guard let commit = work.commit else { return WrittenChunk(done: work.done) }
    do {
      try await store.commit(commit)
      // The states are not kept at hand: those of the streams that are busy are worth more.
      if !commit.outbox.isEmpty { bell.ring() }
      return WrittenChunk(done: work.done, commit: commit)
    } catch StoreFailure.conflict {
      var chunk = WrittenChunk(done: SweepReport(parked: work.done.parked))
      for write in commit.writes {
        switch try await moveOn(A.self, write.stream, through: through, act: act, step: step) {
        case .success(let (events, rows)):
          // None where somebody else has done it.
          chunk.done.streams += events > 0 ? 1 : 0
          chunk.done.events += events
          chunk.commit.rows += rows
        case .failure(let problem):
          chunk.done.parked[write.stream] = problem
        }
      }
      return chunk
    }
  }

  /// - Returns: the number of events and the rows that they changed, or why the stream could not be moved on.
  private func moveOn<A: Aggregate>(
    _: A.Type, _ stream: StreamID, through: Instant, act: Act, step: @escaping @Sendable (A.State) -> A.Command
  ) async throws -> Result<(events: Int64, rows: [RowChange]), Problem> {
    cache.forget(stream)
    do {
      let done = try await run(act) { unit in
        (try await unit.moveOn(A.self, stream, through: through, step: step), unit.commit.rows)
      }
      return .success(done ?? (0, []))
    } catch let refusal as any Refusal {
      return .failure(refusal.problem)
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
    while let due = entries[entries.count - 1].due, due <= through {
      steps += 1
      precondition(steps < mostSteps, "\(stored.stream) stays due at \(due): its step does not move it on")
      state = try decideAgain(A.self, step(state))
    }
    return entries[entries.count - 1].version
  }

  /// The same on the newest state, where somebody else may have done it already.
  ///
  /// - Returns: the number of events.
  fileprivate mutating func moveOn<A: Aggregate>(
    _: A.Type, _ stream: StreamID, through: Instant, step: (A.State) -> A.Command
  ) async throws -> Int64 {
    var state = try await state(of: A.self, stream)
    var steps = 0
    while let due = A.nextStep(for: state), due <= through {
      steps += 1
      precondition(steps < mostSteps, "\(stream) stays due at \(due): its step does not move it on")
      state = try await decide(A.self, stream, step(state))
    }
    return entries.first { $0.stream == stream }.map { $0.version - $0.loadedVersion } ?? 0
  }
}

/// For claiming, deciding and writing a chunk; a copy that takes longer is taken for dead.
private let longestChunk = Duration.seconds(60)

/// Steps of one stream in one sweep: a monthly step over 80 years.
private let mostSteps = 1_000

extension SweepReport {
  fileprivate mutating func add(
    _ chunk: Engine.WrittenChunk, then tell: @Sendable (SweepReport, Commit) async -> Void
  ) async {
    streams += chunk.done.streams
    events += chunk.done.events
    parked.merge(chunk.done.parked) { _, new in new }
    await tell(self, chunk.commit)
  }
}
