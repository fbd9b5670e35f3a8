// Who else pays for a policy: shares of what the member would owe, from when to when.
//
// The shares of a day are woven into the timeline that is billed, as discounts are (`Pricing`), and each becomes a line
// of its own on the member's invoice, as the subsidy of the exchange does. So nothing else of billing knows of them: a
// share that is set back-dated only makes another timeline, and the difference is billed.

import Kernel
import Runtime

enum PartyTag: IDTag { static let prefix = "pty" }

/// What one payer pays.
struct Share: Hashable, Sendable {
  enum Kind: String, Hashable, Sendable, CaseIterable {
    /// Of the subscriber or of a dependant. Not for days with a tax credit: who is offered coverage through an employer
    /// has none for the month (26 USC 36B(c)(2)(B)).
    case employer
    /// A tribe, or a program of a state or of the United States, from whom payment is to be taken (45 CFR 156.1250).
    case program
    /// Another person, such as a parent.
    case person
  }

  /// As a line of a contribution names them.
  let payer: ID<PartyTag>
  let kind: Kind
  /// A part of what the member would owe without shares, which is behind discounts, levies and the tax credit; or an
  /// amount for every full month, prorated like the premium, and no more than is left to pay.
  let size: Size

  /// Of one policy on one day.
  static let most = 10
}

/// The shares of some days, whatever they were before.
struct SharesOrder: Hashable, Sendable, Codable {
  let from: CalendarDate
  /// Nil is for good.
  let to: CalendarDate?
  /// In the order in which they are taken; none where the subscriber pays all.
  let shares: [Share]
  let reason: String
}

extension Charge {
  /// The shares that are taken of it.
  func entitled(_ shares: [Share]) -> [Share] {
    aptcCents == 0 ? shares : shares.filter { $0.kind != .employer }
  }
}

/// Splits what the parts of one month cost between the payers and the member.
struct Split {
  private let month: Period
  /// Of amounts for full months, by payer.
  private var prorations: [ID<PartyTag>: Proration] = [:]

  init(of month: Period) { self.month = month }

  /// A line for each payer who pays something: negative, and in sum never above what the member would owe.
  ///
  /// Percentages are rounded one behind the other, half up, so that they sum to the percentage of all of them; each
  /// part of a month by itself, since its shares are its own.
  ///
  /// - Parameter cents: what the member would owe for the part.
  mutating func lines(of cents: Int64, _ charge: Charge, for part: Period) -> [Line] {
    var lines: [Line] = []
    var (left, ratio, rounded) = (cents, Ratio.zero, Int64(0))
    for share in charge.shares {
      let asked: Int64
      switch share.size {
      case .share(let more):
        ratio = ratio + more
        let all = Money(cents: cents).scaled(by: ratio, rounding: Proration.roundingOfRun).cents
        (asked, rounded) = (all - rounded, all)
      case .fixed(let full):
        let price = PeriodPrice(cents: full)
        asked =
          prorations[share.payer, default: Proration(ofMonth: month)].lines(of: price, plan: "", for: part).first?.cents
          ?? 0
      }
      let paid = min(asked, left)
      guard paid > 0 else { continue }
      left -= paid
      lines.append(
        Line(
          kind: .contribution, name: share.payer.description, plan: charge.plan, from: part.start, to: part.end,
          cents: -paid))
    }
    return lines
  }
}

extension Share: CellCoded {
  func write(to cells: inout CellWriter) {
    cells.add(payer.description)
    cells.add(kind.rawValue)
    size.write(to: &cells)
  }

  init(from cells: inout CellReader) throws(CellReader.Fault) {
    payer = try cells.value(text: ID<PartyTag>.self)
    kind = try cells.word()
    size = try Size(from: &cells)
  }
}
