// Makes a bulk run: asks each subject what is to be done, decides a page of them in one transaction, and goes on. A dry
// run walks the same way and decides the same commands on units that are thrown away.

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

  /// What is to be done with a subject. Asked side by side for several subjects, before any of the page is decided.
  ///
  /// - Throws: a `Refusal`, with which the subject is parked.
  func step(for state: Subject.State, on today: CalendarDate) async throws -> BulkStep<Subject.Command>

  /// What the command came to.
  func total(from before: Subject.State, to after: Subject.State) -> BulkRun.Total
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
    while true {
      let subjects = try await work.page(after: report.progress.cursor, limit: pageSize, in: store)
      guard let last = subjects.last else { break }
      let from = report.progress.cursor
      let page = try await run(act) { [self] unit in
        var trial = unit
        let page = try await take(subjects, to: last, of: work, in: &trial)
        if !dryRun {
          try await trial.decide(BulkRun.self, work.run, .advance(from: from, page))
          unit = trial
        }
        return page
      }
      guard let page else { preconditionFailure("a unit that takes no message always answers") }
      report.progress.add(page)
      report.parked += page.parked.prefix(BulkReport.mostListed - report.parked.count)
      await onPage(report)
    }
    if !dryRun { try await run(act) { unit in try await unit.decide(BulkRun.self, work.run, .finish) } }
    report.isDone = true
    return report
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

  private func take<Work: BulkWork>(
    _ subjects: [StreamID], to last: StreamID, of work: Work, in unit: inout Unit
  ) async throws -> BulkRun.Page {
    var states: [Work.Subject.State] = []
    for subject in subjects { states.append(try await unit.state(of: Work.Subject.self, subject)) }
    let steps = try await steps(for: states, of: work, on: unit.today)
    var page = BulkRun.Page(to: last)
    for (index, subject) in subjects.enumerated() {
      page.seen += 1
      switch steps[index] {
      case .success(.give(let command)):
        do {
          let after = try await unit.decide(Work.Subject.self, subject, command)
          page.totals.add(work.total(from: states[index], to: after))
        } catch let refusal as Work.Subject.Refusal {
          page.parked.append(BulkRun.Parked(subject, refusal.problem))
        }
      case .success(.leave(let code)): page.left.add(BulkRun.Left(code: code, subjects: 1))
      case .failure(let problem): page.parked.append(BulkRun.Parked(subject, problem))
      }
    }
    return page
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
