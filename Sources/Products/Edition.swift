// Things of the catalogue and their editions, each in force from a date on. An edition that has come into force stays
// what it was, so a price of the past can always be found again.

package import Kernel
package import Runtime

/// What can be published.
package protocol CatalogueItem: Codable, Equatable, Sendable {
  static var kind: ItemKind { get }
  /// Unique within its kind.
  var id: String { get }
  /// What others are told of an edition.
  static func publication(of edition: Edition<Self>) -> Publication
}

package enum ItemKind: String, Sendable, CaseIterable {
  case limits
  case ageCurve = "age_curve"
  case state
  case feeSchedule = "fee_schedule"
  case plan
}

/// A thing as it is from a date on.
package struct Edition<Item: CatalogueItem>: Codable, Equatable, Sendable {
  /// From 1, in the order of publication.
  package let number: Int
  package let item: Item
  /// The first day, and the day after the last; nil is open.
  package let from: CalendarDate
  package let to: CalendarDate?
  /// The file it came in and the SHA-256 of its content.
  package let source: String

  /// Such as "premia-standard@1".
  package var reference: String { "\(item.id)@\(number)" }
}

/// All editions of one thing.
package struct Editions<Item: CatalogueItem>: Codable, Equatable, Sendable {
  package private(set) var all: [Edition<Item>] = []
  /// The number of the edition in force on each day.
  package private(set) var inForce = Timeline<Int>()

  package init() {}

  package func edition(on date: CalendarDate) -> Edition<Item>? {
    inForce[date].map { all[$0 - 1] }
  }

  mutating func add(_ edition: Edition<Item>) {
    precondition(edition.number == all.count + 1, "editions are numbered in the order of publication")
    all.append(edition)
    inForce.set(edition.number, from: edition.from, to: edition.to)
  }
}
