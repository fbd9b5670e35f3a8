// Short words for what the tests are about.

import Foundation
import Kernel
import Testing
import Yams

@testable import Commissions

func day(_ text: String) -> CalendarDate {
  guard let day = CalendarDate(iso: text) else { preconditionFailure("\(text) is no date") }
  return day
}

let ann = ProducerID(hi: 1, lo: 1)
let bob = ProducerID(hi: 2, lo: 2)

func name(_ producer: ProducerID) -> String { producer == ann ? "ann" : "bob" }

extension CommissionSchedule {
  /// The file that ships.
  static func shipped() throws -> CommissionSchedule {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "../../config/commissions/schedule.yaml")
    return try YAMLDecoder().decode(CommissionSchedule.self, from: try Data(contentsOf: file))
  }

  static func with(_ rules: [Rule], edition: Int = 1) throws -> CommissionSchedule {
    try CommissionSchedule(edition: edition, retroactiveLimitDays: 180, statementDay: 5, rules: rules)
  }

  /// $20.00 a member and month in the first term, $16.00 after.
  static func perMember() throws -> CommissionSchedule {
    try .with([
      .rule(year: .new, .perMemberPerMonth(cents: 20_00)), .rule(year: .renewal, .perMemberPerMonth(cents: 16_00)),
    ])
  }
}

extension CommissionSchedule.Rule {
  static func rule(
    state: String? = nil, level: CommissionSchedule.Level? = nil, channel: String? = nil,
    year: CommissionSchedule.Year? = nil, from: String = "2014-01-01", _ basis: CommissionSchedule.Basis
  ) -> Self {
    Self(
      state: state, level: level, channel: channel, year: year, from: day(from), basis: basis, source: "a test")
  }
}

extension Commission.Facts {
  /// - Parameter members: from and to; an empty text is open.
  static func policy(
    from: String = "2027-01-01", to: String = "", members: [(String, String)] = [("2027-01-01", "")],
    levels: [(from: String, CommissionSchedule.Level)] = [], renewedOn: String = "", paused: (String, String)? = nil,
    version: Int64 = 1
  ) -> Self {
    var timeline = Timeline<CommissionSchedule.Level>()
    timeline.set(.silver, from: day(from))
    for (from, level) in levels { timeline.set(level, from: day(from)) }
    if let (from, until) = paused { timeline.clear(from: day(from), to: day(until)) }
    if !to.isEmpty { timeline.clear(from: day(to)) }
    return Self(
      version: version, state: "IL", channel: "exchange", levels: timeline,
      members: members.map { Span(from: day($0.0), to: CalendarDate(iso: $0.1)) },
      renewedOn: CalendarDate(iso: renewedOn))
  }
}

/// What happens to one policy, and what is posted each time: "2027-01 ann 2000".
struct Story {
  private(set) var state = Commission.initial
  var schedule: CommissionSchedule
  private(set) var sums: [String: Int64] = [:]
  private var version: Int64 = 0

  init(_ schedule: CommissionSchedule) { self.schedule = schedule }

  /// Known from January 2027 on, with Ann of record.
  static func ofAnn(_ schedule: CommissionSchedule) throws -> Story {
    var story = Story(schedule)
    try story.policy(.policy())
    try story.assign(ann, from: "2027-01-01")
    return story
  }

  @discardableResult
  mutating func when(_ command: Commission.Command) throws -> [String] {
    let events = try Commission.decide(command, in: state)
    state = Commission.replay(events, from: state)
    return events.flatMap { event -> [String] in
      guard case .posted(let moves) = event else { return [] }
      for move in moves { sums["\(move.month.description.prefix(7)) \(name(move.producer))", default: 0] += move.cents }
      return moves.map { "\($0.month.description.prefix(7)) \(name($0.producer)) \($0.cents)" }
    }
  }

  @discardableResult
  mutating func policy(_ facts: Commission.Facts) throws -> [String] {
    version += 1
    let next = Commission.Facts(
      version: version, state: facts.state, channel: facts.channel, levels: facts.levels, members: facts.members,
      renewedOn: facts.renewedOn)
    return try when(.learn(.policy(next), under: schedule))
  }

  @discardableResult
  mutating func assign(_ producer: ProducerID?, from: String, on today: String = "2027-01-01") throws -> [String] {
    let everywhere = Producer.Appointment(state: "IL", from: day("2014-01-01"), to: nil)
    return try when(
      .assign(
        .init(from: day(from), producer: producer), reason: "sold", appointments: [everywhere], on: day(today),
        under: schedule))
  }

  /// The invoice of a month has the number of the month.
  @discardableResult
  mutating func issue(_ month: String, gross: Int64 = 300_00, net: Int64 = 100_00) throws -> [String] {
    let share = Commission.Share(month: day("\(month)-01"), grossCents: gross, netCents: net)
    return try when(.learn(.invoiceIssued(invoice(month), [share]), under: schedule))
  }

  @discardableResult
  mutating func pay(_ month: String) throws -> [String] {
    try when(.learn(.invoicePaid(invoice(month)), under: schedule))
  }

  /// Issued and paid, with what that posts.
  @discardableResult
  mutating func bill(_ months: String..., gross: Int64 = 300_00, net: Int64 = 100_00) throws -> [String] {
    try months.flatMap { try issue($0, gross: gross, net: net) + pay($0) }
  }

  @discardableResult
  mutating func void(_ month: String) throws -> [String] {
    try when(.learn(.invoiceVoided(invoice(month)), under: schedule))
  }

  @discardableResult
  mutating func sendBack(_ month: String) throws -> [String] {
    try when(.learn(.invoiceReopened(invoice(month)), under: schedule))
  }
}

func invoice(_ month: String) -> InvoiceID {
  InvoiceID(at: Instant(date: day("2026-01-01")), derivedFrom: month)
}
