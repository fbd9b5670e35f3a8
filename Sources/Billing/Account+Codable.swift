// How states are stored, and of events what a run touches: as cells. What happens rarely has names.

import Kernel
import Runtime

extension Line: CellCoded {
  func write(to cells: inout CellWriter) {
    cells.add(kind.rawValue)
    if kind.isNamed { cells.add(name) }
    cells.add(plan)
    cells.add(from)
    cells.add(to)
    cells.add(cents)
  }

  init(from cells: inout CellReader) throws(CellReader.Fault) {
    kind = try cells.value()
    if kind.isNamed { name = try cells.text() }
    plan = try cells.text()
    from = try cells.day()
    to = try cells.day()
    cents = try cells.number()
  }
}

extension Charge.AddOn: CellCoded {
  func write(to cells: inout CellWriter) {
    cells.add(plan)
    cells.add(cents)
  }

  init(from cells: inout CellReader) throws(CellReader.Fault) {
    plan = try cells.text()
    cents = try cells.number()
  }
}

/// The end of an open segment is the last day there is. A number of segments below zero says that add-ons, discounts,
/// levies and shares stand behind each charge: nearly always there are none, and nothing is written of them.
extension BillingTimeline: CellCoded {
  func write(to cells: inout CellWriter) {
    let isPlain = charges.segments.allSatisfy { $0.value.isBare && $0.value.addOns.isEmpty }
    cells.add(isPlain ? charges.segments.count : -charges.segments.count)
    for segment in charges.segments {
      cells.add(segment.start)
      cells.add(segment.end ?? .latest)
      cells.add(segment.value.plan)
      cells.add(segment.value.level)
      cells.add(segment.value.grossCents)
      cells.add(segment.value.aptcCents)
      if isPlain { continue }
      cells.add(segment.value.addOns)
      cells.add(segment.value.reductions)
      cells.add(segment.value.levies)
      cells.add(segment.value.shares)
    }
  }

  init(from cells: inout CellReader) throws(CellReader.Fault) {
    self.init()
    let count = try cells.number(Int.self)
    for _ in 0..<count.magnitude {
      let (start, end) = (try cells.day(), try cells.day())
      var charge = Charge(
        plan: try cells.text(), level: try cells.text(), grossCents: try cells.number(), aptcCents: try cells.number())
      if count < 0 {
        charge.addOns = try cells.list(of: Charge.AddOn.self)
        charge.reductions = try cells.list(of: PeriodPrice.Reduction.self)
        charge.levies = try cells.list(of: Levy.self)
        charge.shares = try cells.list(of: Share.self)
      }
      guard start < end else { throw CellReader.Fault(what: "a charge from \(start) ends on \(end)") }
      set(charge, from: start, to: end == .latest ? nil : end)
    }
  }
}

extension PaymentSchedule: CellCoded {
  func write(to cells: inout CellWriter) {
    cells.add(timeline.rawValue)
    cells.add(mode.rawValue)
    cells.add(billingDay)
    cells.add(alignment.rawValue)
    cells.add(anchor)
  }

  init(from cells: inout CellReader) throws(CellReader.Fault) {
    self.init(
      timeline: try cells.word(), mode: try cells.word(), billingDay: try cells.number(), alignment: try cells.word(),
      anchor: try cells.number())
  }
}

extension PaymentSchedules.Step: CellCoded {
  func write(to cells: inout CellWriter) {
    cells.add(from)
    schedule.write(to: &cells)
  }

  init(from cells: inout CellReader) throws(CellReader.Fault) {
    from = try cells.day()
    schedule = try PaymentSchedule(from: &cells)
  }
}

extension PaymentSchedules: CellCoded {
  func write(to cells: inout CellWriter) { cells.add(steps) }

  init(from cells: inout CellReader) throws(CellReader.Fault) {
    self.init(steps: try cells.list(of: Step.self))
  }
}

extension PeriodPrice.Reduction: CellCoded {
  func write(to cells: inout CellWriter) {
    cells.add(name)
    cells.add(cents)
    cells.add(optional: leftCents)
  }

  init(from cells: inout CellReader) throws(CellReader.Fault) {
    name = try cells.text()
    cents = try cells.number()
    leftCents = try cells.optionalNumber()
  }
}

extension Account.InvoiceKey: CellCoded {
  func write(to cells: inout CellWriter) {
    cells.add(month)
    cells.add(sequence)
  }

  init(from cells: inout CellReader) throws(CellReader.Fault) {
    month = try cells.day()
    sequence = try cells.number()
  }
}

extension Account.Issue: CellCoded {
  func write(to cells: inout CellWriter) {
    key.write(to: &cells)
    cells.add(binder ? 1 : 0)
    cells.add(issuedOn)
    cells.add(dueOn)
    cells.add(lines)
  }

  init(from cells: inout CellReader) throws(CellReader.Fault) {
    key = try Account.InvoiceKey(from: &cells)
    binder = try cells.number(Int.self) == 1
    issuedOn = try cells.day()
    dueOn = try cells.day()
    lines = try cells.list(of: Line.self)
  }
}

extension Account.OpenInvoice: CellCoded {
  func write(to cells: inout CellWriter) {
    key.write(to: &cells)
    cells.add(status.rawValue)
    cells.add(binder ? 1 : 0)
    cells.add(issuedOn)
    cells.add(dueOn)
    cells.add(totalCents)
    cells.add(paidCents)
  }

  init(from cells: inout CellReader) throws(CellReader.Fault) {
    key = try Account.InvoiceKey(from: &cells)
    status = try cells.value()
    binder = try cells.number(Int.self) == 1
    issuedOn = try cells.day()
    dueOn = try cells.day()
    totalCents = try cells.number()
    paidCents = try cells.number()
  }
}

extension Account.Relief: CellCoded {
  func write(to cells: inout CellWriter) {
    key.write(to: &cells)
    cells.add(adjustedCents)
    cells.add(writtenOffCents)
  }

  init(from cells: inout CellReader) throws(CellReader.Fault) {
    key = try Account.InvoiceKey(from: &cells)
    adjustedCents = try cells.number()
    writtenOffCents = try cells.number()
  }
}

/// What was billed is left out where it follows from the timeline, as it nearly always does.
extension Account.State: CellCoded {
  func write(to cells: inout CellWriter) {
    cells.add(account.description)
    cells.add(policy.description)
    cells.add(currency.code)
    cells.add(phase.rawValue)
    schedules.write(to: &cells)
    cells.add(billedThrough)
    cells.add(creditCents)
    closed.write(to: &cells)
    timeline.write(to: &cells)
    cells.add(isInStep ? [] : [billed])
    cells.add(repeats)
    cells.add(open)
    cells.add(jurisdiction)
    cells.add(dunning == Dunning.State() ? [] : [dunning])
    cells.add(reliefs)
    cells.add(pricing.isEmpty ? [] : [pricing])
    cells.add(charges)
    cells.add(chargeCount)
  }

  init(from cells: inout CellReader) throws(CellReader.Fault) {
    account = try cells.value(text: ID<AccountTag>.self)
    policy = try cells.value(text: ID<PolicyTag>.self)
    currency = try cells.value(text: Currency.self)
    phase = try cells.value()
    schedules = try PaymentSchedules(from: &cells)
    billedThrough = try cells.day()
    creditCents = try cells.number()
    closed = try Account.Closed(from: &cells)
    timeline = try BillingTimeline(from: &cells)
    billed = try cells.list(of: BillingTimeline.self).first ?? timeline.ending(on: billedThrough)
    repeats = try cells.list(of: Account.InvoiceKey.self)
    open = try cells.list(of: Account.OpenInvoice.self)
    jurisdiction = try cells.text()
    dunning = try cells.list(of: Dunning.State.self).first ?? Dunning.State()
    reliefs = try cells.list(of: Account.Relief.self)
    pricing = try cells.list(of: Pricing.self).first ?? Pricing()
    charges = try cells.list(of: Account.OutsideCharge.self)
    chargeCount = try cells.number()
  }
}
