// What should have been earned, as a pure function of the facts as known: no step remembers another. A change of the
// schedule, of the producer, of the premium, a retroactive end and a payment that goes back are therefore all the same.

import Kernel

/// What a paid month earns whom.
struct DueLine: Hashable, Sendable {
  /// Its first day.
  let month: CalendarDate
  let producer: ProducerID
  /// Positive.
  let cents: Int64
  /// The reference of the rule of the schedule.
  let rule: String
}

enum Assessment {
  /// One line for each paid month that earns something, oldest first. The level, the rule and the producer are those of
  /// the month's first covered day; a member counts who is covered on some covered day of it.
  static func lines(of state: Commission.State, under schedule: CommissionSchedule) -> [DueLine] {
    guard let facts = state.facts else { return [] }
    return paidMonths(of: state.invoices).compactMap { paid in
      let covered = facts.levels.segments(in: .month(containing: paid.month))
      guard paid.grossCents > 0, let first = covered.first, let producer = state.tenures.producer(on: first.start)
      else {
        return nil
      }
      let year: CommissionSchedule.Year = facts.renewedOn.map { first.start >= $0 } ?? false ? .renewal : .new
      let question = CommissionSchedule.Case(
        state: facts.state, level: first.value, channel: facts.channel, year: year)
      guard let rule = schedule.rule(for: question, on: first.start) else { return nil }
      let members = facts.members.count { member in covered.contains { member.overlaps($0.start, $0.end) } }
      let cents = rule.basis.cents(members: members, grossCents: paid.grossCents, netCents: paid.netCents)
      return cents > 0 ? DueLine(month: paid.month, producer: producer, cents: cents, rule: rule.reference) : nil
    }
  }

  /// What brings that which was posted to that which is due, by month and producer.
  static func movements(from posted: [Commission.Posted], to due: [DueLine]) -> [Commission.Movement] {
    var moves: [Commission.Movement] = []
    for line in posted where !due.contains(where: { $0.month == line.month && $0.producer == line.producer }) {
      let rule = due.first { $0.month == line.month }?.rule ?? ""
      moves.append(.init(month: line.month, producer: line.producer, cents: -line.cents, rule: rule))
    }
    for line in due {
      let before = posted.first { $0.month == line.month && $0.producer == line.producer }?.cents ?? 0
      guard line.cents != before else { continue }
      moves.append(
        .init(month: line.month, producer: line.producer, cents: line.cents - before, rule: line.rule))
    }
    return moves.sorted { ($0.month, $0.cents, $0.producer) < ($1.month, $1.cents, $1.producer) }
  }

  /// The premium of each month that is paid, oldest first.
  private static func paidMonths(of invoices: [Commission.Invoice]) -> [Commission.Share] {
    var months: [CalendarDate: Commission.Share] = [:]
    for invoice in invoices where invoice.isPaid {
      for share in invoice.shares { months[share.month, default: .init(nothingFor: share.month)].add(share) }
    }
    return months.values.sorted { $0.month < $1.month }
  }
}

extension Commission.Share {
  init(nothingFor month: CalendarDate) { self.init(month: month, grossCents: 0, netCents: 0) }

  mutating func add(_ other: Self) {
    grossCents += other.grossCents
    netCents += other.netCents
  }
}

extension Commission.Facts.Span {
  fileprivate func overlaps(_ start: CalendarDate, _ end: CalendarDate?) -> Bool {
    (end.map { from < $0 } ?? true) && (to.map { start < $0 } ?? true)
  }
}

extension [Commission.Tenure] {
  /// Who is of record on a day.
  func producer(on day: CalendarDate) -> ProducerID? { last { $0.from <= day }?.producer }
}
