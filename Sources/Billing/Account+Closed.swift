// Months that are no longer corrected one by one: they are kept as sums. Where a policy turns out to have cost less in
// them, as when it is void from its start, the difference of the sums is given back as one amount, of no invoice.
//
// What would cost more there is refused: nobody is asked for months that are long over without a person's decision,
// which is a charge.

import Kernel
import Runtime

extension Account {
  /// What was billed for the months before a date. They are not kept one by one.
  struct Closed: Hashable, Sendable {
    var through: CalendarDate
    /// The first of those days that was billed; nil where there is none.
    var from: CalendarDate?
    /// As the policy says.
    var premiumCents: Int64 = 0
    var subsidyCents: Int64 = 0
    /// The part of the subsidy that was not used: discounts left too little of the premium.
    var unusedSubsidyCents: Int64 = 0
    /// Negative: they were taken off.
    var discountCents: Int64 = 0
    /// Taxes and fees.
    var levyCents: Int64 = 0
    /// Negative: asked of other payers.
    var contributionCents: Int64 = 0
    /// Taken off by hand.
    var adjustedCents: Int64 = 0
    /// Given up.
    var writtenOffCents: Int64 = 0

    /// What the member was asked for, without what was taken off by hand.
    var memberCents: Int64 { premiumCents - exchangeCents + discountCents + levyCents + contributionCents }

    /// What the exchange was asked for.
    var exchangeCents: Int64 { subsidyCents - unusedSubsidyCents }
  }

  /// Closed months turn out to cost less.
  struct ClosedCorrection: Hashable, Sendable, Codable {
    let before: Closed
    let after: Closed
    /// What becomes account credit.
    let creditedCents: Int64

    /// Had been taken off by hand: it is not credited again.
    var adjustedBeforeCents: Int64 { before.adjustedCents - after.adjustedCents }
    /// Had been given up: it is not lost any more.
    var writtenOffCents: Int64 { before.writtenOffCents - after.writtenOffCents }
    /// The change of what the member owes: negative, or nothing.
    var memberCents: Int64 { after.memberCents - before.memberCents + adjustedBeforeCents }
    var exchangeCents: Int64 { after.exchangeCents - before.exchangeCents }
    /// Of what is earned as premium.
    var premiumCents: Int64 { after.premiumCents - before.premiumCents + adjustedBeforeCents }
    var discountCents: Int64 { after.discountCents - before.discountCents }
    var levyCents: Int64 { after.levyCents - before.levyCents }
  }
}

extension Account.Closed {
  /// Takes in the months before a date.
  ///
  /// - Parameters:
  ///   - bare: their lines as the policy says.
  ///   - billed: their lines as they were billed.
  mutating func take(
    _ bare: [Line], billed: [Line], _ reliefs: some Sequence<Account.Relief>, before date: CalendarDate
  ) {
    through = date
    from = from ?? billed.first?.from
    premiumCents += bare.premiumCents
    subsidyCents += bare.subsidyCents
    unusedSubsidyCents += bare.subsidyCents - billed.subsidyCents
    for line in billed {
      switch line.kind {
      case .discount: discountCents += line.cents
      case .tax, .fee: levyCents += line.cents
      case .contribution: contributionCents += line.cents
      case .premium, .subsidy, .charge: break
      }
    }
    for relief in reliefs {
      adjustedCents += relief.adjustedCents
      writtenOffCents += relief.writtenOffCents
    }
  }

  /// Whether the policy says of these months what was billed.
  func isInStep(with lines: [Line]) -> Bool {
    lines.premiumCents == premiumCents && lines.subsidyCents == subsidyCents
  }

  /// What takes these months to what the policy now says of them. Nil where it would cost the member more, or less than
  /// nothing.
  ///
  /// Their discounts, taxes and fees are not known day by day: they stand, unless no day of all is left. What other
  /// payers were asked for stands: their statements are settled with them, by a person.
  func correction(to lines: [Line]) -> Account.ClosedCorrection? {
    var after = self
    after.premiumCents = lines.premiumCents
    after.subsidyCents = lines.subsidyCents
    if lines.isEmpty { (after.unusedSubsidyCents, after.discountCents, after.levyCents) = (0, 0, 0) }
    let less = memberCents - after.memberCents
    guard less >= 0, after.memberCents >= 0, after.exchangeCents >= 0 else { return nil }
    // What was adjusted is not credited again, and what was given up is not owed twice.
    let adjustedBefore = max(0, less - (memberCents - adjustedCents))
    let writtenOff = min(writtenOffCents, less - adjustedBefore)
    after.adjustedCents -= adjustedBefore
    after.writtenOffCents -= writtenOff
    return Account.ClosedCorrection(
      before: self, after: after, creditedCents: less - adjustedBefore - writtenOff)
  }
}

extension Account.Closed: CellCoded {
  func write(to cells: inout CellWriter) {
    cells.add(through)
    cells.add(optional: from)
    for cents in [premiumCents, subsidyCents, unusedSubsidyCents, discountCents, levyCents] { cells.add(cents) }
    cells.add(contributionCents)
    cells.add(adjustedCents)
    cells.add(writtenOffCents)
  }

  init(from cells: inout CellReader) throws(CellReader.Fault) {
    self.init(
      through: try cells.day(), from: try cells.optionalDay(), premiumCents: try cells.number(),
      subsidyCents: try cells.number(), unusedSubsidyCents: try cells.number(), discountCents: try cells.number(),
      levyCents: try cells.number(), contributionCents: try cells.number(), adjustedCents: try cells.number(),
      writtenOffCents: try cells.number())
  }
}

extension Account.ClosedCorrection {
  /// The changes as lines, of the whole of the days.
  var lines: [Line] {
    let days = (from: before.from ?? before.through, to: before.through)
    func line(_ kind: Line.Kind, name: String = "", _ cents: Int64) -> Line {
      Line(kind: kind, name: name, plan: "", from: days.from, to: days.to, cents: cents)
    }
    return [
      line(.premium, after.premiumCents - before.premiumCents), line(.discount, name: "all", discountCents),
      line(.fee, name: "Taxes and fees", levyCents), line(.subsidy, -exchangeCents),
    ].filter { $0.cents != 0 }
  }
}
