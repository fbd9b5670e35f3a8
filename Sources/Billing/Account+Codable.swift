// How states and events are stored. A billing run writes one of each for every invoice, so what a run touches is
// written as short arrays with dates as day numbers; what happens rarely has names.

import Kernel

extension UnkeyedEncodingContainer {
  fileprivate mutating func encode(day: CalendarDate) throws { try encode(day.dayNumber) }
}

extension UnkeyedDecodingContainer {
  fileprivate mutating func day() throws -> CalendarDate {
    let number = try decode(Int32.self)
    guard (CalendarDate.earliest.dayNumber...CalendarDate.latest.dayNumber).contains(number) else {
      throw DecodingError.dataCorruptedError(in: self, debugDescription: "\(number) is no day")
    }
    return CalendarDate(dayNumber: number)
  }

  /// A value of an enumeration that is stored as its number.
  fileprivate mutating func value<Value: RawRepresentable<Int>>(_: Value.Type) throws -> Value {
    let number = try decode(Int.self)
    guard let value = Value(rawValue: number) else {
      throw DecodingError.dataCorruptedError(in: self, debugDescription: "\(number) is no \(Value.self)")
    }
    return value
  }
}

/// `[kind, plan, from, to, cents]`
extension Line: Codable {
  func encode(to encoder: any Encoder) throws {
    var cells = encoder.unkeyedContainer()
    try cells.encode(kind.rawValue)
    try cells.encode(plan)
    try cells.encode(day: from)
    try cells.encode(day: to)
    try cells.encode(cents)
  }

  init(from decoder: any Decoder) throws {
    var cells = try decoder.unkeyedContainer()
    kind = try cells.value(Kind.self)
    plan = try cells.decode(String.self)
    from = try cells.day()
    to = try cells.day()
    cents = try cells.decode(Int64.self)
  }
}

/// `[from, to or null, plan, gross, aptc, from, …]`
extension BillingTimeline: Codable {
  func encode(to encoder: any Encoder) throws {
    var cells = encoder.unkeyedContainer()
    for segment in charges.segments {
      try cells.encode(day: segment.start)
      if let end = segment.end { try cells.encode(day: end) } else { try cells.encodeNil() }
      try cells.encode(segment.value.plan)
      try cells.encode(segment.value.grossCents)
      try cells.encode(segment.value.aptcCents)
    }
  }

  init(from decoder: any Decoder) throws {
    var cells = try decoder.unkeyedContainer()
    self.init()
    while !cells.isAtEnd {
      let start = try cells.day()
      let end = try cells.decodeNil() ? nil : try cells.day()
      let charge = Charge(
        plan: try cells.decode(String.self), grossCents: try cells.decode(Int64.self),
        aptcCents: try cells.decode(Int64.self))
      guard end.map({ start < $0 }) ?? true else {
        throw DecodingError.dataCorruptedError(in: cells, debugDescription: "a charge from \(start) ends before")
      }
      set(charge, from: start, to: end)
    }
  }
}

/// `[month, sequence]`
extension Account.InvoiceKey: Codable {
  func encode(to encoder: any Encoder) throws {
    var cells = encoder.unkeyedContainer()
    try cells.encode(day: month)
    try cells.encode(sequence)
  }

  init(from decoder: any Decoder) throws {
    var cells = try decoder.unkeyedContainer()
    month = try cells.day()
    sequence = try cells.decode(Int.self)
  }
}

/// `[month, sequence, binder, issued on, due on, line, …]`
extension Account.Issue: Codable {
  func encode(to encoder: any Encoder) throws {
    var cells = encoder.unkeyedContainer()
    try cells.encode(day: key.month)
    try cells.encode(key.sequence)
    try cells.encode(binder)
    try cells.encode(day: issuedOn)
    try cells.encode(day: dueOn)
    for line in lines { try cells.encode(line) }
  }

  init(from decoder: any Decoder) throws {
    var cells = try decoder.unkeyedContainer()
    key = Account.InvoiceKey(month: try cells.day(), sequence: try cells.decode(Int.self))
    binder = try cells.decode(Bool.self)
    issuedOn = try cells.day()
    dueOn = try cells.day()
    var lines: [Line] = []
    while !cells.isAtEnd { lines.append(try cells.decode(Line.self)) }
    self.lines = lines
  }
}

/// `[month, sequence, status, binder, issued on, due on, total, paid]`
extension Account.OpenInvoice: Codable {
  func encode(to encoder: any Encoder) throws {
    var cells = encoder.unkeyedContainer()
    try cells.encode(day: key.month)
    try cells.encode(key.sequence)
    try cells.encode(status.rawValue)
    try cells.encode(binder)
    try cells.encode(day: issuedOn)
    try cells.encode(day: dueOn)
    try cells.encode(totalCents)
    try cells.encode(paidCents)
  }

  init(from decoder: any Decoder) throws {
    var cells = try decoder.unkeyedContainer()
    key = Account.InvoiceKey(month: try cells.day(), sequence: try cells.decode(Int.self))
    status = try cells.value(Status.self)
    binder = try cells.decode(Bool.self)
    issuedOn = try cells.day()
    dueOn = try cells.day()
    totalCents = try cells.decode(Int64.self)
    paidCents = try cells.decode(Int64.self)
  }
}

/// `[account, policy, currency, phase, billing day, billed through, credit, closed through, premium, subsidy, timeline,
/// billed or null where it is in step, repeats, open invoice, …]`
extension Account.State: Codable {
  func encode(to encoder: any Encoder) throws {
    var cells = encoder.unkeyedContainer()
    try cells.encode(account)
    try cells.encode(policy)
    try cells.encode(currency)
    try cells.encode(phase.rawValue)
    try cells.encode(billingDay)
    try cells.encode(day: billedThrough)
    try cells.encode(creditCents)
    try cells.encode(day: closed.through)
    try cells.encode(closed.premiumCents)
    try cells.encode(closed.subsidyCents)
    try cells.encode(timeline)
    if isInStep { try cells.encodeNil() } else { try cells.encode(billed) }
    try cells.encode(repeats)
    for invoice in open { try cells.encode(invoice) }
  }

  init(from decoder: any Decoder) throws {
    var cells = try decoder.unkeyedContainer()
    account = try cells.decode(ID<AccountTag>.self)
    policy = try cells.decode(ID<PolicyTag>.self)
    currency = try cells.decode(Currency.self)
    phase = try cells.value(Phase.self)
    billingDay = try cells.decode(Int.self)
    billedThrough = try cells.day()
    creditCents = try cells.decode(Int64.self)
    closed = Account.Closed(
      through: try cells.day(), premiumCents: try cells.decode(Int64.self), subsidyCents: try cells.decode(Int64.self))
    timeline = try cells.decode(BillingTimeline.self)
    billed =
      try cells.decodeNil() ? timeline.ending(on: billedThrough) : try cells.decode(BillingTimeline.self)
    repeats = try cells.decode([Account.InvoiceKey].self)
    while !cells.isAtEnd { open.append(try cells.decode(Account.OpenInvoice.self)) }
  }
}

/// An object with one key: the event's name.
extension Account.Event: Codable {
  private enum Name: String, CodingKey {
    case opened, started, changed, drafted, issued, adjusted, voided, pastDue, paymentApplied, creditApplied, paid
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Name.self)
    switch self {
    case .opened(let opening): try container.encode(opening, forKey: .opened)
    case .started: try container.encode(true, forKey: .started)
    case .changed(let timeline): try container.encode(timeline, forKey: .changed)
    case .drafted(let issue): try container.encode(issue, forKey: .drafted)
    case .issued(let issue): try container.encode(issue, forKey: .issued)
    case .adjusted(let adjustment): try container.encode(adjustment, forKey: .adjusted)
    case .voided(let void): try container.encode(void, forKey: .voided)
    case .pastDue(let key): try container.encode(key, forKey: .pastDue)
    case .paymentApplied(let application): try container.encode(application, forKey: .paymentApplied)
    case .creditApplied(let portion): try container.encode(portion, forKey: .creditApplied)
    case .paid(let settlement): try container.encode(settlement, forKey: .paid)
    }
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Name.self)
    guard let name = container.allKeys.first else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "no event of an account"))
    }
    switch name {
    case .opened: self = .opened(try container.decode(Account.Opening.self, forKey: name))
    case .started: self = .started
    case .changed: self = .changed(try container.decode(BillingTimeline.self, forKey: name))
    case .drafted: self = .drafted(try container.decode(Account.Issue.self, forKey: name))
    case .issued: self = .issued(try container.decode(Account.Issue.self, forKey: name))
    case .adjusted: self = .adjusted(try container.decode(Account.Adjustment.self, forKey: name))
    case .voided: self = .voided(try container.decode(Account.Void.self, forKey: name))
    case .pastDue: self = .pastDue(try container.decode(Account.InvoiceKey.self, forKey: name))
    case .paymentApplied: self = .paymentApplied(try container.decode(Account.Application.self, forKey: name))
    case .creditApplied: self = .creditApplied(try container.decode(Account.Portion.self, forKey: name))
    case .paid: self = .paid(try container.decode(Account.Settlement.self, forKey: name))
    }
  }
}
