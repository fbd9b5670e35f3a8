// Claims in figures, from its read rows.

import Contracts
import Courier
import Kernel
import Runtime

struct ClaimsReport {
  private let store: any Store

  init(_ store: any Store) { self.store = store }

  fileprivate struct Figures {
    var count: Int64 = 0
    var charge = Money.zero
    var paid = Money.zero
    var patient = Money.zero

    static func + (lhs: Figures, rhs: Figures) -> Figures {
      Figures(
        count: lhs.count + rhs.count, charge: lhs.charge + rhs.charge, paid: lhs.paid + rhs.paid,
        patient: lhs.patient + rhs.patient)
    }
  }

  func summary() async throws(StoreFailure) -> Premia_Claims_V1_ClaimsSummary {
    let byStatus = try await figuresByStatus()
    var all = Figures()
    var summary = Premia_Claims_V1_ClaimsSummary()
    for status in ClaimsTables.Status.allCases {
      let figures = byStatus(status)
      guard figures.count > 0 else { continue }
      all = all + figures
      summary.claims.append(Premia_Claims_V1_ClaimFigures(status, figures))
    }
    summary.denials = try await store.tally(
      ClaimsTables.claims, by: ["denial_reason"], sums: ["charge_cents"],
      where: [("status", .text(ClaimsTables.Status.denied.rawValue))]
    ).compactMap { tally in
      guard case .text(let reason) = tally.group[0] else { return nil }
      return Premia_Common_V1_Total(reason, count: tally.count, Money(cents: tally.sums[0]))
    }
    summary.charged = Premia_Common_V1_Money(all.charge)
    summary.paid = Premia_Common_V1_Money(byStatus(.paid).paid)
    summary.patientResponsibility = Premia_Common_V1_Money(all.patient)
    summary.journeys = [try await firstNoticeToPayout(started: all.count)]
    return summary
  }

  func totals() async throws(StoreFailure) -> Premia_Common_V1_Totals {
    let byStatus = try await figuresByStatus()
    let (open, paid) = (byStatus(.approved), byStatus(.paid))
    let coverages = try await store.tally(ClaimsTables.coverages, by: [], sums: [], where: [])
    var totals = Premia_Common_V1_Totals()
    totals.totals = [
      Premia_Common_V1_Total("coverages", count: coverages.first?.count ?? 0, .zero),
      Premia_Common_V1_Total("approved", count: (open + paid).count, (open + paid).paid),
      Premia_Common_V1_Total("paid", count: paid.count, paid.paid),
      Premia_Common_V1_Total("payable", count: open.count, open.paid),
    ]
    return totals
  }

  private func figuresByStatus() async throws(StoreFailure) -> (ClaimsTables.Status) -> Figures {
    var figures: [Value: Figures] = [:]
    let tallies = try await store.tally(
      ClaimsTables.claims, by: ["status"], sums: ["charge_cents", "paid_cents", "patient_cents"], where: [])
    for tally in tallies {
      figures[tally.group[0]] = Figures(
        count: tally.count, charge: Money(cents: tally.sums[0]), paid: Money(cents: tally.sums[1]),
        patient: Money(cents: tally.sums[2]))
    }
    let found = figures
    return { status in found[.text(status.rawValue)] ?? Figures() }
  }

  /// From the day of receipt to the payout, of claims with something to pay. Every claim is judged in the act that
  /// files it, so none that was paid has waited for a person.
  private func firstNoticeToPayout(started: Int64) async throws(StoreFailure) -> Premia_Common_V1_Journey {
    let tallies = try await store.tally(
      ClaimsTables.claims, by: ["days_to_payout"], sums: [],
      where: [("status", .text(ClaimsTables.Status.paid.rawValue))])
    var days: [(days: Int64, count: Int64)] = []
    for tally in tallies {
      if case .integer(let number) = tally.group[0] { days.append((number, tally.count)) }
    }
    var journey = Premia_Common_V1_Journey()
    journey.name = "first_notice_to_payout"
    journey.started = started
    journey.completed = days.reduce(0) { $0 + $1.count }
    journey.medianDays = Self.percentile(50, of: days, journey.completed)
    journey.ninetiethPercentileDays = Self.percentile(90, of: days, journey.completed)
    journey.straightThroughBasisPoints = journey.completed > 0 ? 10_000 : 0
    return journey
  }

  /// Nearest rank: the least number of days within which `percent` of all were done; 0 where there are none.
  private static func percentile(_ percent: Int64, of days: [(days: Int64, count: Int64)], _ total: Int64) -> Int64 {
    let rank = (total * percent + 99) / 100
    var reached: Int64 = 0
    for (days, count) in days {
      reached += count
      if reached >= rank { return days }
    }
    return 0
  }
}

extension Premia_Claims_V1_ClaimFigures {
  fileprivate init(_ status: ClaimsTables.Status, _ figures: ClaimsReport.Figures) {
    self.init()
    self.status =
      switch status {
      case .pended: .pended
      case .approved: .approved
      case .denied: .denied
      case .paid: .paid
      }
    claims = figures.count
    charged = Premia_Common_V1_Money(figures.charge)
    paid = Premia_Common_V1_Money(figures.paid)
  }
}
