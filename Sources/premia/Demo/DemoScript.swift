// The walk: from an enrolment file to paid claims. Every step may be done again and then changes nothing, so that a
// walk that was cut off goes on where it was; the clock says how far it came.

import Contracts
import Courier
import Exchange
import Foundation
import Kernel

/// What makes a walk what it is. The same parameters lead to the same summary, to the cent.
struct DemoParameters: Codable, Equatable, Sendable {
  var members = 2_000
  var months = 14
  var seed: UInt64 = 1
  /// Files and folders to take in before the generated book.
  var imports: [String] = []

  /// The business day on which the walk begins: coverage of the book starts a month later.
  static let start: CalendarDate = {
    guard let date = CalendarDate(year: 2026, month: 12, day: 1) else { preconditionFailure("2026-12-01 is a date") }
    return date
  }()

  /// The day on which it ends.
  var end: CalendarDate { Self.start.adding(months: months) }
}

/// A walk in a house.
struct DemoScript: Sendable {
  let house: House
  let parameters: DemoParameters
  private let book: SyntheticBook

  init(house: House, parameters: DemoParameters) {
    self.house = house
    self.parameters = parameters
    book = SyntheticBook(
      members: parameters.members, seed: parameters.seed, coverageStart: DemoParameters.start.firstOfNextMonth)
  }

  /// Walks from wherever the house is to the end.
  ///
  /// - Parameter report: called with the day and some words.
  func walk(_ report: (CalendarDate, String) -> Void) async throws {
    if house.clock.today == DemoParameters.start {
      for path in parameters.imports {
        for file in try Self.files(at: path) {
          report(house.clock.today, "import \(file)")
          try await take(file)
        }
      }
      report(house.clock.today, "enrol \(parameters.members) members")
      try await take(try written("book.834") { try book.enrolment(to: $0) })
      try await house.drain()
      try await choosePaymentMethods()
    }
    // The day on which a walk was cut off is lived through again: what was done is recognised.
    try await live(report)
    while house.clock.today < parameters.end {
      try house.clock.advance(to: house.clock.today.adding(days: 1))
      try await live(report)
    }
    try writeRemittances()
  }

  /// One day: what is due, then what arrives from outside on that day.
  private func live(_ report: (CalendarDate, String) -> Void) async throws {
    let today = house.clock.today
    report(today, "\(today)")
    try await house.liveThroughDay()
    guard today.day == 5, today > DemoParameters.start.adding(months: 2) else { return }
    let month = today.firstOfMonth.adding(months: -1)
    report(today, "claims of \(month.description.prefix(7))")
    try await take(try written("claims-\(month).837") { try book.claims(month: month, to: $0) })
    try await take(try written("leavers-\(month).834") { try book.terminations(month: month, to: $0) })
    try await house.drain()
  }
}
