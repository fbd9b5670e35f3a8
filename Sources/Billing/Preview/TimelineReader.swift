// The second half of a preview: what happened, in the order in which it was made known.

import Kernel

struct TimelineReader {
  /// What an entry of the timeline does.
  private enum Deed: String, CaseIterable {
    case start, changePlan, pause, resume, cancel, setBillingDay, priceChange, subsidy
    case charge, payment, credit, adjust, refund, void, writeOff

    /// The members that it has besides `do`, `on` and `at`.
    var members: [String] {
      switch self {
      case .start, .changePlan: ["plan", "subscription", "knownOn"]
      case .pause, .resume, .cancel: ["subscription", "knownOn"]
      case .setBillingDay: ["billingDay", "knownOn"]
      case .priceChange: ["plan", "phase", "price", "policy", "currency", "knownOn"]
      case .subsidy: ["amount", "subscription", "currency", "knownOn"]
      case .charge: ["amount", "name", "currency"]
      case .payment, .credit, .adjust: ["amount", "invoice", "currency"]
      case .refund: ["amount", "invoice", "adjust", "currency"]
      case .void, .writeOff: ["invoice"]
      }
    }
  }

  private static let everyMember = ["do", "on", "at"]
  private static let most = 1_000

  private let agreement: AgreementReader
  private var convention: Convention { agreement.agreement.convention }
  private(set) var entries: [BillingRecord.Entry] = []

  init(_ root: Fields, _ agreement: AgreementReader) throws(PreviewRefusal) {
    self.agreement = agreement
    let values = try root.required("timeline", "a list of what happened", try root.list("timeline", most: Self.most))
    for (index, value) in values.enumerated() { try read(value, at: "timeline[\(index)]", order: index) }
  }

  private mutating func read(_ value: JSONValue, at path: String, order: Int) throws(PreviewRefusal) {
    let fields = try Fields(value, at: path)
    let deed = try fields.required(
      "do", "one of \(Deed.allCases.map(\.rawValue).joined(separator: ", "))", try fields.choice("do", Deed.self))
    try fields.requireKnown(Self.everyMember, deed.members)
    try agreement.check(currencyOf: fields)
    let date: CalendarDate
    switch (try fields.date("on"), try fields.instant("at", in: agreement.zone)) {
    case (let on?, nil): date = on
    case (nil, let at?): date = at
    case (nil, nil): throw .missing(fields.path(of: "on"), "a date as YYYY-MM-DD, or an instant in at")
    case (.some, .some): throw .wrong(fields.path(of: "at"), "stands beside on", remedy: "Keep one of the two.")
    }
    if let action = try changeAction(deed, fields) {
      let change = Change(
        action: action, subscription: try fields.text("subscription") ?? "", effective: date, order: order, place: path)
      entries.append(.init(known: try known(date, fields), content: .change(change)))
    } else if let action = try moneyAction(deed, fields) {
      try requireOrder(date, fields.path(of: fields["at"] == nil ? "on" : "at"))
      entries.append(.init(known: date, content: .money(MoneyEntry(action: action, place: path))))
    }
  }

  /// The day on which a change is made known: the day it says, or the day from which it applies, or, where that lies
  /// before an entry above it, the day of that entry.
  private func known(_ effective: CalendarDate, _ fields: Fields) throws(PreviewRefusal) -> CalendarDate {
    guard let known = try fields.date("knownOn") else { return max(effective, entries.last?.known ?? effective) }
    try requireOrder(known, fields.path(of: "knownOn"))
    return known
  }

  private func requireOrder(_ date: CalendarDate, _ path: String) throws(PreviewRefusal) {
    if let latest = entries.last?.known, date < latest { throw .outOfOrder(path, date, latest: latest) }
  }
}

extension TimelineReader {
  private func changeAction(_ deed: Deed, _ fields: Fields) throws(PreviewRefusal) -> Change.Action? {
    switch deed {
    case .start: return .start(plan: try agreement.plan(fields))
    case .changePlan: return .changePlan(try agreement.plan(fields))
    case .pause: return .pause
    case .resume: return .resume
    case .cancel: return .cancel
    case .setBillingDay:
      let day = try fields.integer("billingDay", in: 1...31)
      return .setBillingDay(try fields.required("billingDay", "a day of the month from 1 to 31", day))
    case .priceChange: return try priceChange(fields)
    case .subsidy: return .subsidize(try amount(fields, above: false))
    case .charge, .payment, .credit, .adjust, .refund, .void, .writeOff: return nil
    }
  }

  private func priceChange(_ fields: Fields) throws(PreviewRefusal) -> Change.Action {
    let plan = try agreement.plan(fields)
    let phases = agreement.agreement.plans[plan]?.phases.count ?? 1
    let phase = try fields.integer("phase", in: 1...phases) ?? phases
    let price = try fields.amount("price", convention, above: false)
    let timing = try fields.choice("policy", Change.PriceTiming.self)
    return .changePrice(
      plan: plan, phase: phase - 1, cents: try fields.required("price", "the new price of a full period", price),
      try fields.required("policy", "immediate or nextPeriod: a price never changes in silence", timing))
  }

  private func moneyAction(_ deed: Deed, _ fields: Fields) throws(PreviewRefusal) -> MoneyEntry.Action? {
    switch deed {
    case .charge: return .charge(try amount(fields), name: try fields.text("name") ?? "")
    case .payment: return .payment(try amount(fields), invoice: try fields.date("invoice"))
    case .credit: return .credit(try amount(fields), invoice: try fields.date("invoice"))
    case .adjust: return .adjust(try amount(fields), invoice: try invoice(fields))
    case .refund:
      let (date, adjusting) = (try fields.date("invoice"), try fields.bool("adjust") ?? false)
      if adjusting, date == nil { throw .missing(fields.path(of: "invoice"), "the date of the invoice to adjust") }
      return .refund(try amount(fields), invoice: date, adjusting: adjusting)
    case .void: return .void(invoice: try invoice(fields))
    case .writeOff: return .writeOff(invoice: try invoice(fields))
    case .start, .changePlan, .pause, .resume, .cancel, .setBillingDay, .priceChange, .subsidy: return nil
    }
  }

  private func amount(_ fields: Fields, above: Bool = true) throws(PreviewRefusal) -> Int64 {
    try fields.required("amount", "an amount such as 42.00", try fields.amount("amount", convention, above: above))
  }

  private func invoice(_ fields: Fields) throws(PreviewRefusal) -> CalendarDate {
    try fields.required("invoice", "the date of an invoice", try fields.date("invoice"))
  }
}
