// Makes a bulk run: asks each subject what is to be done, decides a page of them in one transaction, and goes on; the
// next page is asked while this one is written. A dry run walks the same way and decides the same commands on units
// that are thrown away. Memory holds two pages, however many subjects there are.

public import Kernel

/// What a bulk run asks of a book.
public protocol BulkWork: Sendable, SendableMetatype {
  associatedtype Subject: Aggregate

  /// The run's name, such as "renewal-2028-01-01": the same name is the same run.
  var run: StreamID { get }

  /// The subjects behind one, in the order of their names; from the first where `after` is empty. What is not among
  /// them is none of the run's business.
  func page(after: String, limit: Int, in store: any Store) async throws(StoreFailure) -> [StreamID]

  /// How many subjects there are, to show how far the run is.
  func count(in store: any Store) async throws(StoreFailure) -> Int64

  /// The work with what other contexts have to say about a page's subjects, asked of them together. What it leaves out
  /// is asked again by `step`, for the subject alone.
  ///
  /// - Throws: a `Problem` that stops bulk work.
  func informed(about states: [Subject.State], on today: CalendarDate) async throws -> Self

  /// What is to be done with a subject. Asked side by side for several subjects, before any of the page is decided.
  ///
  /// - Throws: a `Refusal`, with which the subject is parked.
  func step(for state: Subject.State, on today: CalendarDate) async throws -> BulkStep<Subject.Command>

  /// What the command came to.
  func total(from before: Subject.State, to after: Subject.State) -> BulkRun.Total
}

extension BulkWork {
  public func informed(about states: [Subject.State], on today: CalendarDate) async throws -> Self { self }
}

public enum BulkStep<Command: Sendable>: Sendable {
  case give(Command)
  /// Nothing is to be done; a stable name of the reason, such as "policy.already_renewed".
  case leave(String)
}

/// What a run did, or would do.
public struct BulkReport: Sendable, Equatable {
  public let run: StreamID
  public let isDryRun: Bool
  public internal(set) var isDone = false
  public internal(set) var progress: BulkRun.Progress
  /// The first of them; `progress.parked` counts all.
  public internal(set) var parked: [BulkRun.Parked] = []

  public static let mostListed = 100
}

extension Problem {
  /// Whether it says nothing of the subject, so that bulk work must stop and go on later: full, away, at fault.
  public var stopsBulkWork: Bool {
    switch kind {
    case .unavailable, .internalFault, .unauthorized, .forbidden: true
    case .exhausted, .conflict: code.hasPrefix("store.") || code.hasPrefix("call.")
    case .invalid, .notFound, .precondition: false
    }
  }
}

extension Engine {
  /// Makes a run, or goes on with one that was stopped.
  ///
  /// - Parameters:
  ///   - pageSize: subjects a transaction.
  ///   - onPage: called with the report so far after each page.
  /// - Throws: `StoreFailure`; `BulkRun.Refusal` where somebody else makes the same run; a `Problem` that stops bulk
  ///   work. What was done until then stays, and the next call goes on behind it.
  public func perform<Work: BulkWork>(
    _ work: Work, act: Act, dryRun: Bool = false, pageSize: Int = 250,
    onPage: @Sendable (BulkReport) async -> Void = { _ in }
  ) async throws -> BulkReport {
    var report = try await begin(work, act, dryRun: dryRun)
    var asked = try await ask(work, behind: report.progress.cursor, limit: pageSize, act)
    while let page = asked {
      async let next = ask(work, behind: page.to.rawValue, limit: pageSize, act)
      let done = try await decide(page, of: work, from: report.progress.cursor, act, dryRun: dryRun)
      report.progress.add(done)
      report.parked += done.parked.prefix(BulkReport.mostListed - report.parked.count)
      await onPage(report)
      asked = try await next
    }
    if !dryRun { try await run(act) { unit in try await unit.decide(BulkRun.self, work.run, .finish) } }
    report.isDone = true
    return report
  }

  /// Records a run that was made in another way, as by a sweep: a pass of its own, begun and done at once.
  ///
  /// - Parameters:
  ///   - seen: all that were looked at, with those that were parked.
  /// - Throws: `StoreFailure`.
  public func record(
    _ name: StreamID, seen: Int64, totals: [BulkRun.Total], parked: [StreamID: Problem], act: Act
  ) async throws {
    var page = BulkRun.Page(to: parked.keys.max() ?? name)
    page.seen = seen
    page.totals = totals
    page.parked = parked.sorted { $0.key < $1.key }.map(BulkRun.Parked.init)
    try await run(act) { [page] unit in
      try await unit.decide(BulkRun.self, name, .begin(on: unit.today))
      try await unit.decide(BulkRun.self, name, .advance(from: "", page))
      try await unit.decide(BulkRun.self, name, .finish)
    }
  }

  /// What a run has come to so far; nil where there is none of this name.
  public func report(of run: StreamID) async throws -> BulkReport? {
    // By the table: other streams of the store have names too.
    guard try await store.row(BulkTables.runs, key: [.text(run.rawValue)]) != nil else { return nil }
    let state = try await state(of: BulkRun.self, run)
    guard let progress = state.progress else { return nil }
    var report = BulkReport(run: run, isDryRun: false, progress: progress)
    if case .done = state { report.isDone = true }
    report.parked = try await parked(by: run, pass: progress.pass, after: nil, limit: BulkReport.mostListed)
    return report
  }

  /// What a pass has parked, in the order of subjects.
  public func parked(
    by run: StreamID, pass: Int, after subject: String?, limit: Int
  ) async throws(StoreFailure) -> [BulkRun.Parked] {
    let (id, number) = (Value.text(run.rawValue), Value.integer(Int64(pass)))
    let query = Query(
      BulkTables.parked, where: [("run_id", id), ("pass", number)], after: subject.map { [id, number, .text($0)] },
      limit: limit)
    return try await store.rows(query).map(BulkRun.Parked.init)
  }

  private func begin(_ work: some BulkWork, _ act: Act, dryRun: Bool) async throws -> BulkReport {
    if dryRun {
      return BulkReport(
        run: work.run, isDryRun: true, progress: BulkRun.Progress(pass: 1, begunOn: clock.now.date))
    }
    try await run(act) { unit in try await unit.decide(BulkRun.self, work.run, .begin(on: unit.today)) }
    guard let report = try await report(of: work.run) else { preconditionFailure("a run that was begun is there") }
    return report
  }

  /// Subjects that follow each other, as they were when they were asked what is to be done.
  private struct AskedPage<Work: BulkWork>: Sendable {
    let subjects: [StoredStream]
    let states: [Work.Subject.State]
    let steps: [Result<BulkStep<Work.Subject.Command>, Problem>]
    /// The last of them.
    let to: StreamID
  }

  /// - Returns: nil behind the last subject.
  private func ask<Work: BulkWork>(
    _ work: Work, behind place: String, limit: Int, _ act: Act
  ) async throws -> AskedPage<Work>? {
    let subjects = try await work.page(after: place, limit: limit, in: store)
    return subjects.isEmpty ? nil : try await ask(work, of: subjects, act)
  }

  private func ask<Work: BulkWork>(
    _ work: Work, of subjects: [StreamID], _ act: Act
  ) async throws -> AskedPage<Work> {
    var found: [StoredStream] = []
    var states: [Work.Subject.State] = []
    for (subject, stored) in zip(subjects, try await store.load(subjects)) {
      guard let stored else { throw StoreFailure.corrupt("\(subject) has rows and no events") }
      found.append(stored)
      states.append(try Work.Subject.read(stored).state)
    }
    let today = clock.now.date
    return try await Act.$current.withValue(act) { [found, states] in
      let informed = try await work.informed(about: states, on: today)
      let steps = try await self.steps(for: states, of: informed, on: today)
      return AskedPage(subjects: found, states: states, steps: steps, to: subjects[subjects.count - 1])
    }
  }

  /// Decides a page and writes it, with the run's place. Where somebody else was first with one of its subjects, all
  /// are asked again as they are now.
  private func decide<Work: BulkWork>(
    _ page: AskedPage<Work>, of work: Work, from place: String, _ act: Act, dryRun: Bool
  ) async throws -> BulkRun.Page {
    var (current, isStale) = (page, false)
    return try await attempt { [self] in
      if isStale { current = try await ask(work, of: page.subjects.map(\.stream), act) }
      isStale = true
      let page = current
      let (unit, done) = try await carryOut(act) { unit in
        var trial = unit
        let done = Self.decide(page, of: work, in: &trial)
        if !dryRun {
          try await trial.decide(BulkRun.self, work.run, .advance(from: place, done))
          unit = trial
        }
        return done
      }
      try await commit(unit)
      return done
    }
  }

  private static func decide<Work: BulkWork>(
    _ page: AskedPage<Work>, of work: Work, in unit: inout Unit
  ) -> BulkRun.Page {
    var done = BulkRun.Page(to: page.to)
    for (index, subject) in page.subjects.enumerated() {
      done.seen += 1
      switch page.steps[index] {
      case .success(.give(let command)):
        let before = unit.place
        do {
          let after = try unit.decide(Work.Subject.self, loaded: subject, state: page.states[index], command)
          done.totals.add(work.total(from: page.states[index], to: after))
        } catch {
          unit.rollBack(to: before)
          done.parked.append(BulkRun.Parked(subject.stream, error.problem))
        }
      case .success(.leave(let code)): done.left.add(BulkRun.Left(code: code, subjects: 1))
      case .failure(let problem): done.parked.append(BulkRun.Parked(subject.stream, problem))
      }
    }
    return done
  }

  /// One step for each state, in their order.
  private func steps<Work: BulkWork>(
    for states: [Work.Subject.State], of work: Work, on today: CalendarDate
  ) async throws -> [Result<BulkStep<Work.Subject.Command>, Problem>] {
    typealias Step = Result<BulkStep<Work.Subject.Command>, Problem>
    return try await withThrowingTaskGroup(of: [(index: Int, step: Step)].self) { group in
      for lane in 0..<min(lanes, states.count) {
        group.addTask {
          var steps: [(index: Int, step: Step)] = []
          for index in stride(from: lane, to: states.count, by: lanes) {
            do {
              steps.append((index, .success(try await work.step(for: states[index], on: today))))
            } catch let refusal as any Refusal {
              guard !refusal.problem.stopsBulkWork else { throw refusal }
              steps.append((index, .failure(refusal.problem)))
            }
          }
          return steps
        }
      }
      let steps = try await group.reduce(into: [(index: Int, step: Step)]()) { $0 += $1 }
      return steps.sorted { $0.index < $1.index }.map(\.step)
    }
  }
}

/// Subjects that are asked side by side: other contexts answer meanwhile.
private let lanes = 8
