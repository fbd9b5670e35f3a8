// What a plan asks of its members, edition by edition, and what procedures are worth: copies of what Products
// published, so that a claim is judged by the edition of its day of service.

import Kernel
import Runtime

enum Plan: Aggregate {
  static let kind = "plan"

  struct State: Hashable, Sendable, Codable {
    /// In the order of their first days, then of their numbers.
    var editions: [Edition] = []

    /// The edition in force on a day: the newest that has begun. A policy goes on under its edition after the last
    /// day of sale, until the next edition begins.
    func edition(on day: CalendarDate) -> Edition? { editions.last { $0.from <= day } }
  }

  struct Edition: Hashable, Sendable, Codable {
    var planID: String
    /// From 1.
    var number: Int
    var from: CalendarDate
    var costSharing: CostSharing
    /// Name and edition of the fee schedule.
    var feeSchedule: String
  }

  enum Command: Sendable {
    case publish(Edition)
  }

  enum Event: Hashable, Sendable, Codable {
    case published(Edition)
  }

  static let initial = State()

  static func name(of event: Event) -> String {
    switch event {
    case .published: "published"
    }
  }

  static func decide(_ command: Command, in state: State) throws(ProductRefusal) -> [Event] {
    switch command {
    case .publish(let edition):
      try edition.costSharing.check(edition.planID)
      if let known = state.editions.first(where: { $0.number == edition.number }) {
        guard known == edition else { throw .changed("\(edition.planID)@\(edition.number)") }
        return []
      }
      return [.published(edition)]
    }
  }

  static func evolve(_ state: State, with event: Event) -> State {
    switch event {
    case .published(let edition):
      State(editions: (state.editions + [edition]).sorted { ($0.from, $0.number) < ($1.from, $1.number) })
    }
  }
}

enum FeeSchedule: Aggregate {
  static let kind = "feeSchedule"

  enum State: Hashable, Sendable, Codable {
    case unknown
    case published(Prices)
  }

  struct Prices: Hashable, Sendable, Codable {
    /// With its edition, such as "premia-standard@1"; prices under a name never change.
    var name: String
    /// By procedure.
    var prices: [String: Price]
    /// The part of the charge that is allowed where no price is listed.
    var unlisted: Ratio

    func fee(for procedure: String) -> Fee {
      guard let price = prices[procedure] else { return .unlisted(allowed: unlisted) }
      return .listed(category: price.category, each: price.each)
    }
  }

  struct Price: Hashable, Sendable, Codable {
    var category: String
    /// Allowed for one unit.
    var each: Money
  }

  enum Command: Sendable {
    case publish(Prices)
  }

  enum Event: Hashable, Sendable, Codable {
    case published(Prices)
  }

  static let initial = State.unknown

  static func name(of event: Event) -> String {
    switch event {
    case .published: "published"
    }
  }

  static func decide(_ command: Command, in state: State) throws(ProductRefusal) -> [Event] {
    switch (command, state) {
    case (.publish(let prices), .published(let known)):
      guard prices == known else { throw .changed(prices.name) }
      return []
    case (.publish(let prices), .unknown):
      guard Ratio.zero <= prices.unlisted, prices.unlisted <= .one else { throw .share(prices.name, prices.unlisted) }
      for (procedure, price) in prices.prices {
        guard Amount.range.contains(price.each.cents) else { throw .amount(prices.name, procedure, price.each) }
      }
      return [.published(prices)]
    }
  }

  static func evolve(_ state: State, with event: Event) -> State {
    switch event {
    case .published(let prices): .published(prices)
    }
  }
}

/// The bounds of one amount of a claim or a fee schedule, in cents: 0 to 99,999,999.99, the widest amount that is
/// common in claim files. Sums and products of amounts within it fit in 64 bits.
enum Amount {
  static let range: ClosedRange<Int64> = 0...9_999_999_999
}

/// Why a product cannot be kept.
enum ProductRefusal: Refusal, Hashable {
  /// An edition is published once; other content is another edition.
  case changed(String)
  case amount(String, String, Money)
  case share(String, Ratio)
  case familyBelowPerson(String, String)

  var problem: Problem {
    switch self {
    case .changed(let name):
      Problem(
        kind: .conflict, code: "claims.edition_changed", detail: "\(name) was published before with other content.",
        remedy: "Publish the change as a new edition.")
    case .amount(let name, let place, let amount):
      Problem(
        kind: .invalid, code: "claims.product_amount",
        detail: "\(place) of \(name) is \(amount); it is \(Money(cents: Amount.range.lowerBound)) to "
          + "\(Money(cents: Amount.range.upperBound)).",
        remedy: "Correct the amount and publish again.")
    case .share(let name, let share):
      Problem(
        kind: .invalid, code: "claims.product_share", detail: "A share of \(name) is \(share); it is 0 to 1.",
        remedy: "Correct the share and publish again.")
    case .familyBelowPerson(let name, let limit):
      Problem(
        kind: .invalid, code: "claims.family_limit",
        detail: "The family's \(limit) of \(name) is below one person's.",
        remedy: "Raise the family's limit to the person's or more and publish again.")
    }
  }
}

extension CostSharing {
  fileprivate func check(_ plan: String) throws(ProductRefusal) {
    let limits = [
      ("deductible", deductiblePerson, deductibleFamily),
      ("out-of-pocket maximum", outOfPocketPerson, outOfPocketFamily),
    ]
    for (name, person, family) in limits {
      for amount in [person, family] where !Amount.range.contains(amount.cents) { throw .amount(plan, name, amount) }
      guard family >= person else { throw .familyBelowPerson(plan, name) }
    }
    for (category, benefit) in benefits {
      guard Amount.range.contains(benefit.copay.cents) else {
        throw .amount(plan, "copay of \(category)", benefit.copay)
      }
      guard Ratio.zero <= benefit.coinsurance, benefit.coinsurance <= .one else {
        throw .share(plan, benefit.coinsurance)
      }
    }
  }
}
