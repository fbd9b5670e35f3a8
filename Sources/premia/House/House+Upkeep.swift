// What the house asks of each context, and does itself for those that it runs: catching up, replaying, the day's work.

import Contracts
import Courier
import GRPCCore
import Kernel
import Runtime
import SwiftProtobuf

extension House {
  /// Takes in what was published to a context.
  func catchUp(_ context: String) async throws -> CaughtUp {
    if share.contexts.contains(context) { return try await room(context).catchUp() }
    let request = Premia_House_V1_CatchUpRequest.with { $0.context = context }
    let answer = try await patiently { try await self.upkeep(of: context).catchUp(request, options: .long) }
    return CaughtUp(read: answer.read, lastPublished: answer.lastPublished)
  }

  /// Replays the events of a context and compares.
  func verify(_ context: String) async throws -> VerificationReport {
    if share.contexts.contains(context) {
      let room = try room(context)
      return try await room.engine.verify(room.context.aggregates, tables: room.context.tables)
    }
    let request = Premia_House_V1_VerifyContextRequest.with { $0.context = context }
    return VerificationReport(
      try await patiently { try await self.upkeep(of: context).verify(request, options: .long) })
  }

  func askForDueWork(_ work: DueWork, asOf day: CalendarDate) async throws -> DayReport {
    let request = Premia_House_V1_DoDueWorkRequest.with {
      $0.work = work.rawValue
      $0.asOf = day.description
    }
    let answer = try await patiently { try await self.upkeep(of: work.context).doDueWork(request, options: .long) }
    return DayReport(
      invoices: answer.invoices, posted: answer.paymentsPosted, failed: answer.paymentsFailed,
      payouts: answer.payouts, parked: answer.parked)
  }

  private func upkeep(of context: String) -> Premia_House_V1_UpkeepService.Client<LineTransport> {
    guard let client = lines.upkeep[context] else { preconditionFailure("there is no line to \(context)") }
    return client
  }

  /// Asks again while the context is away, as it is while its process is started anew. Everything that is asked here
  /// may be asked twice: what is due is done once.
  private func patiently<Answer>(_ call: () async throws -> Answer) async throws -> Answer {
    let end = ContinuousClock.now + Self.patience
    var failures = 0
    while true {
      do throws(Problem) {
        return try await ask(call)
      } catch {
        guard error.mayPass, ContinuousClock.now < end else { throw error }
        failures += 1
        try await Task.sleep(for: Backoff.outage.delay(attempt: failures))
      }
    }
  }

  /// How long a context may be away before a day's work is given up.
  private static let patience = Duration.seconds(120)
}

/// What a process does for a house that is led elsewhere, with the contexts that it runs.
struct UpkeepService: Premia_House_V1_UpkeepService.SimpleServiceProtocol {
  let house: House

  func doDueWork(
    request: Premia_House_V1_DoDueWorkRequest, context: ServerContext
  ) async throws -> Premia_House_V1_DueWorkReport {
    guard let work = DueWork(rawValue: request.work) else {
      let works = DueWork.allCases.map(\.rawValue).joined(separator: ", ")
      throw Problem.field("work", "is '\(request.work)'; it is one of \(works)")
    }
    // Refuses where the context is not run here: nobody passes it on.
    _ = try house.room(work.context)
    let day = try CalendarDate(request.asOf, field: "as_of")
    let today = house.clock.today
    guard day <= today else {
      throw Problem.field(
        "as_of", "is \(day), after the business day \(today) of \(work.context)",
        remedy: "Give all processes of a sandbox the same data directory, in which its clock is.")
    }
    let report = try await house.doDueWork(work, asOf: day)
    return .with {
      $0.invoices = report.invoices
      $0.paymentsPosted = report.posted
      $0.paymentsFailed = report.failed
      $0.payouts = report.payouts
      $0.parked = report.parked
    }
  }

  func catchUp(
    request: Premia_House_V1_CatchUpRequest, context: ServerContext
  ) async throws -> Premia_House_V1_CatchUpResponse {
    let caughtUp = try await house.room(request.context).catchUp()
    return .with {
      $0.read = caughtUp.read
      $0.lastPublished = caughtUp.lastPublished
    }
  }

  func verify(
    request: Premia_House_V1_VerifyContextRequest, context: ServerContext
  ) async throws -> Premia_House_V1_VerifyResponse {
    _ = try house.room(request.context)
    return Premia_House_V1_VerifyResponse(try await house.verify(request.context))
  }
}

extension Premia_House_V1_VerifyResponse {
  init(_ report: VerificationReport) {
    self.init()
    streams = report.streams
    events = report.events
    rows = report.rows
    publications = report.publications
    mismatchCount = report.mismatchCount
    mismatches = report.mismatches.map { mismatch in
      Premia_House_V1_Mismatch.with {
        $0.context = mismatch.context
        $0.place = mismatch.place
        $0.what = mismatch.what
      }
    }
  }
}

extension VerificationReport {
  fileprivate init(_ words: Premia_House_V1_VerifyResponse) {
    self = .empty
    streams = words.streams
    events = words.events
    rows = words.rows
    publications = words.publications
    mismatchCount = words.mismatchCount
    mismatches = words.mismatches.map { Mismatch(context: $0.context, place: $0.place, what: $0.what) }
  }
}
