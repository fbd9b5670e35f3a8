// How terms are stored, in states and in the events that bring them.

import Kernel
package import Runtime

extension Policy.Terms: CellCoded {
  package func write(to cells: inout CellWriter) {
    cells.add(text: number)
    cells.add(text: state)
    cells.add(effectiveDate)
    cells.add(optional: originalEffectiveDate)
    cells.add(channel.rawValue)
    cells.add(identifiers)
    cells.add(quotedOn)
    cells.add(members)
    cells.add(plans) { $0.add(text: $1) }
    cells.add(places) { $1.write(to: &$0) }
    cells.add(taxCredits) { $0.add($1) }
    cells.add(termStarts.count)
    for start in termStarts { cells.add(start) }
    cells.add(pauses)
    cells.add(addOns)
    cells.add(adoptedRates)
    cells.add(rates.segments.map { Policy.RatedSpan(from: $0.start, to: $0.end, rate: $0.value) })
    cells.add(texts: rules)
    cells.add(optional: paymentSchedule)
  }

  package init(from cells: inout CellReader) throws(CellReader.Fault) {
    number = try cells.longText()
    state = try cells.longText()
    effectiveDate = try cells.day()
    originalEffectiveDate = try cells.optionalDay()
    channel = try cells.word()
    identifiers = try cells.list(of: Policy.OutsideIdentifier.self)
    quotedOn = try cells.day()
    members = try cells.list(of: Policy.Member.self)
    plans = try cells.steps { cells throws(CellReader.Fault) in try cells.longText() }
    places = try cells.steps { cells throws(CellReader.Fault) in try Policy.Place(from: &cells) }
    taxCredits = try cells.steps { cells throws(CellReader.Fault) in try cells.money() }
    termStarts = []
    for _ in 0..<max(0, try cells.number(Int.self)) { termStarts.append(try cells.day()) }
    pauses = try cells.list(of: Policy.Pause.self)
    addOns = try cells.list(of: Policy.AddOn.self)
    adoptedRates = try cells.list(of: Policy.AdoptedRates.self)
    rates = Timeline()
    for span in try cells.list(of: Policy.RatedSpan.self) { rates.set(span.rate, from: span.from, to: span.to) }
    rules = try cells.texts()
    paymentSchedule = try cells.optional(Policy.PaymentSchedule.self)
  }
}

extension Policy.OutsideIdentifier: CellCoded {
  package func write(to cells: inout CellWriter) {
    cells.add(text: system)
    cells.add(text: kind)
    cells.add(text: value)
  }

  package init(from cells: inout CellReader) throws(CellReader.Fault) {
    system = try cells.longText()
    kind = try cells.longText()
    value = try cells.longText()
  }
}

extension Policy.Member: CellCoded {
  package func write(to cells: inout CellWriter) {
    cells.add(text: person.partyID)
    cells.add(person.relationship.rawValue)
    cells.add(optional: person.birthDate)
    cells.add(person.tobacco ? 1 : 0)
    cells.add(text: person.number)
    cells.add(text: person.givenName)
    cells.add(from)
    cells.add(optional: to)
  }

  package init(from cells: inout CellReader) throws(CellReader.Fault) {
    person = Policy.Person(
      partyID: try cells.longText(), relationship: try cells.word(), birthDate: try cells.optionalDay(),
      tobacco: try cells.number(Int.self) == 1, number: try cells.longText(), givenName: try cells.longText())
    from = try cells.day()
    to = try cells.optionalDay()
  }
}

extension Policy.Place: CellCoded {
  package func write(to cells: inout CellWriter) {
    cells.add(text: county)
    cells.add(text: postalCode)
  }

  package init(from cells: inout CellReader) throws(CellReader.Fault) {
    county = try cells.longText()
    postalCode = try cells.longText()
  }
}

extension Policy.Pause: CellCoded {
  package func write(to cells: inout CellWriter) {
    cells.add(from)
    cells.add(until)
    cells.add(reason.rawValue)
    cells.add(isCutShort ? 1 : 0)
  }

  package init(from cells: inout CellReader) throws(CellReader.Fault) {
    from = try cells.day()
    until = try cells.day()
    reason = try cells.word()
    isCutShort = try cells.number(Int.self) == 1
  }
}

extension Policy.AddOn: CellCoded {
  package func write(to cells: inout CellWriter) {
    cells.add(text: planID)
    cells.add(from)
    cells.add(optional: to)
  }

  package init(from cells: inout CellReader) throws(CellReader.Fault) {
    planID = try cells.longText()
    from = try cells.day()
    to = try cells.optionalDay()
  }
}

extension Policy.AdoptedRates: CellCoded {
  package func write(to cells: inout CellWriter) {
    cells.add(text: plan)
    cells.add(from)
  }

  package init(from cells: inout CellReader) throws(CellReader.Fault) {
    plan = try cells.longText()
    from = try cells.day()
  }
}

extension Policy.RatedSpan: CellCoded {
  package func write(to cells: inout CellWriter) {
    cells.add(from)
    cells.add(optional: to)
    cells.add(text: rate.planID)
    cells.add(text: rate.planName)
    cells.add(rate.level)
    cells.add(text: rate.ratingArea)
    cells.add(rate.gross)
    cells.add(texts: rate.rules)
    cells.add(rate.addOns)
  }

  package init(from cells: inout CellReader) throws(CellReader.Fault) {
    from = try cells.day()
    to = try cells.optionalDay()
    if let to, to <= from { throw CellReader.Fault(what: "a rate from \(from) ends on \(to)") }
    rate = Policy.Rate(
      planID: try cells.longText(), planName: try cells.longText(), level: try cells.number(),
      ratingArea: try cells.longText(), gross: try cells.money(), rules: try cells.texts(),
      addOns: try cells.list(of: Policy.AddOnRate.self))
  }
}

extension Policy.AddOnRate: CellCoded {
  package func write(to cells: inout CellWriter) {
    cells.add(text: price.planID)
    cells.add(text: price.planName)
    cells.add(price.kind.rawValue)
    cells.add(price.monthly)
    cells.add(texts: rules)
  }

  package init(from cells: inout CellReader) throws(CellReader.Fault) {
    price = Policy.AddOnPrice(
      planID: try cells.longText(), planName: try cells.longText(), kind: try cells.word(),
      monthly: try cells.money())
    rules = try cells.texts()
  }
}

extension Policy.PaymentSchedule: CellCoded {
  package func write(to cells: inout CellWriter) {
    cells.add(timeline.rawValue)
    cells.add(mode.rawValue)
    cells.add(billingDay)
    cells.add(alignment.rawValue)
  }

  package init(from cells: inout CellReader) throws(CellReader.Fault) {
    timeline = try cells.word()
    mode = try cells.word()
    billingDay = try cells.number()
    alignment = try cells.word()
  }
}

extension CellWriter {
  fileprivate mutating func add<Value>(_ steps: Steps<Value>, _ write: (inout CellWriter, Value) -> Void) {
    add(steps.all.count)
    for step in steps.all {
      add(step.from)
      write(&self, step.value)
    }
  }

  fileprivate mutating func add(_ money: Money) {
    add(money.currency.code)
    add(money.minorUnits)
  }
}

extension CellReader {
  fileprivate mutating func steps<Value>(
    _ value: (inout CellReader) throws(Fault) -> Value
  ) throws(Fault) -> Steps<Value> {
    let count = try number(Int.self)
    guard count > 0 else { throw Fault(what: "a fact has no first step") }
    let start = try day()
    var steps = Steps(try value(&self), from: start)
    for _ in 1..<count {
      let from = try day()
      steps.set(try value(&self), from: from)
    }
    return steps
  }

  fileprivate mutating func money() throws(Fault) -> Money {
    let currency = try value(text: Currency.self)
    return Money(minorUnits: try number(), currency: currency)
  }
}
