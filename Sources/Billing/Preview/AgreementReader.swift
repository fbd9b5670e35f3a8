// The first half of a preview: the currency, the convention, the plans, the discounts and the taxes.

import Kernel

struct AgreementReader {
  private(set) var agreement = Agreement()
  let currency: Currency
  let zone: AccountZone

  /// - Parameter root: the members of the document.
  init(_ root: Fields) throws(PreviewRefusal) {
    let code = try root.required("currency", "a code such as USD", try root.text("currency"))
    guard let currency = Currency(code) else {
      throw .wrong("currency", "is '\(code)'", remedy: "Write a code of ISO 4217, such as USD.")
    }
    self.currency = currency
    let name = try root.required("timeZone", "a name such as America/New_York", try root.text("timeZone"))
    guard let zone = AccountZone(name) else {
      throw .wrong("timeZone", "is '\(name)'", remedy: "Write a name of the IANA database, such as America/New_York.")
    }
    self.zone = zone
    agreement.convention.fractionDigits = currency.minorDigits
    if let value = root["convention"] { agreement.convention = try convention(value) }
    guard let plans = root["plans"] else { throw .missing("plans", "an object with a plan by name") }
    let members = try Fields.members(plans, at: "plans")
    guard members.count <= 1_000 else { throw .tooMany("plans", members.count, most: 1_000) }
    for member in members { agreement.plans[member.name] = try terms(member.value, at: "plans.\(member.name)") }
    for (index, value) in (try root.list("discounts", most: 50) ?? []).enumerated() {
      let discount = try discount(value, at: "discounts[\(index)]", number: index + 1)
      agreement.discounts.append(discount)
    }
    for (index, value) in (try root.list("taxes", most: 50) ?? []).enumerated() {
      let levy = try levy(value, at: "taxes[\(index)]", number: index + 1)
      agreement.levies.append(levy)
    }
  }

  /// A plan that is described.
  func plan(_ fields: Fields, _ name: String = "plan") throws(PreviewRefusal) -> String {
    let plan = try fields.required(name, "the name of a plan", try fields.text(name))
    guard agreement.plans[plan] != nil else { throw unknown(plan, at: fields.path(of: name)) }
    return plan
  }

  private func unknown(_ plan: String, at path: String) -> PreviewRefusal {
    .unknownPlan(path, plan, known: agreement.plans.keys.sorted())
  }

  /// Refuses a currency that is not the account's.
  func check(currencyOf fields: Fields) throws(PreviewRefusal) {
    guard let code = try fields.text("currency"), code != currency.code else { return }
    throw .otherCurrency(fields.path(of: "currency"), code, account: currency.code)
  }
}

extension AgreementReader {
  private func convention(_ value: JSONValue) throws(PreviewRefusal) -> Convention {
    let fields = try Fields(
      value, at: "convention",
      known: ["mode", "dayCount", "rounding", "fractionDigits", "billingDay", "alignment"])
    var convention = agreement.convention
    convention.mode = try fields.choice("mode") ?? convention.mode
    convention.dayCount = try fields.choice("dayCount") ?? convention.dayCount
    convention.rounding = try fields.choice("rounding", RoundingWord.self)?.rounding ?? convention.rounding
    convention.fractionDigits = try fields.integer("fractionDigits", in: 0...6) ?? convention.fractionDigits
    convention.billingDay = try fields.integer("billingDay", in: 1...31) ?? convention.billingDay
    convention.alignment = try fields.choice("alignment") ?? convention.alignment
    return convention
  }

  private enum RoundingWord: String, CaseIterable {
    case halfUp = "half_up"
    case halfEven = "half_even"

    var rounding: Rounding {
      switch self {
      case .halfUp: .halfUp
      case .halfEven: .halfEven
      }
    }
  }

  private func terms(_ value: JSONValue, at path: String) throws(PreviewRefusal) -> Terms {
    let fields = try Fields(value, at: path, known: ["period", "phases", "trialDays", "proration", "currency"])
    try check(currencyOf: fields)
    let period = try fields.required(
      "period", "P1W, P1M, P3M, P6M or P1Y", try fields.choice("period", BillingPeriod.self))
    let values = try fields.required("phases", "a list of prices", try fields.list("phases", most: 12))
    guard !values.isEmpty else { throw .missing(fields.path(of: "phases[0]"), "a price") }
    var phases: [Phase] = []
    for (index, value) in values.enumerated() {
      let phase = try phase(value, at: "\(path).phases[\(index)]")
      if let last = phases.last, last.length == nil {
        throw .missing("\(path).phases[\(index - 1)].length", "only the last phase may go on for good")
      }
      phases.append(phase)
    }
    return Terms(
      period: period, phases: phases, trialDays: try fields.integer("trialDays", in: 0...3_650) ?? 0,
      prorating: try fields.choice("proration") ?? .prorated)
  }

  private func phase(_ value: JSONValue, at path: String) throws(PreviewRefusal) -> Phase {
    let fields = try Fields(value, at: path, known: ["price", "length", "currency"])
    try check(currencyOf: fields)
    let price = try fields.amount("price", agreement.convention, above: false)
    let cents = try fields.required("price", "the price of a full period", price)
    guard let text = try fields.text("length") else { return Phase(cents: cents, length: nil) }
    guard let length = Length(text) else {
      throw .wrong(
        fields.path(of: "length"), "is '\(text)'",
        remedy: "Write a number of days, weeks, months or years up to a hundred years: P14D, P2W, P3M, P1Y.")
    }
    return Phase(cents: cents, length: length)
  }

  private func discount(_ value: JSONValue, at path: String, number: Int) throws(PreviewRefusal) -> Discount {
    let fields = try Fields(
      value, at: path,
      known: [
        "name", "percent", "amount", "currency", "plans", "subscription", "from", "to", "periods", "budget",
      ])
    let name = try fields.text("name") ?? "discount \(number)"
    if agreement.discounts.contains(where: { $0.name == name }) { throw .taken(fields.path(of: "name"), name) }
    let size = try size(fields)
    if case .share(let ratio) = size, .one < ratio {
      throw .wrong(
        fields.path(of: "percent"), "is above 100 and would make an amount negative", remedy: "Write 100 at most.")
    }
    return Discount(
      name: name, size: size, scope: try scope(fields), periods: try fields.integer("periods", in: 1...10_000),
      budgetCents: try fields.amount("budget", agreement.convention), place: path)
  }

  private func levy(_ value: JSONValue, at path: String, number: Int) throws(PreviewRefusal) -> Levy {
    let fields = try Fields(
      value, at: path, known: ["name", "kind", "percent", "amount", "currency", "plans", "subscription", "from", "to"])
    let kind = try fields.choice("kind", Levy.Kind.self) ?? .tax
    let name = try fields.text("name") ?? "\(kind.rawValue) \(number)"
    if agreement.levies.contains(where: { $0.name == name }) { throw .taken(fields.path(of: "name"), name) }
    return Levy(kind: kind, name: name, size: try size(fields), scope: try scope(fields))
  }

  private func size(_ fields: Fields) throws(PreviewRefusal) -> Size {
    try check(currencyOf: fields)
    switch (try fields.percent("percent"), try fields.amount("amount", agreement.convention)) {
    case (let ratio?, nil): return .share(ratio)
    case (nil, let cents?): return .fixed(cents)
    case (nil, nil): throw .missing(fields.path(of: "percent"), "a percentage, or an amount for every full period")
    case (.some, .some):
      throw .wrong(fields.path(of: "amount"), "stands beside percent", remedy: "Keep one of the two.")
    }
  }

  private func scope(_ fields: Fields) throws(PreviewRefusal) -> Scope {
    var scope = Scope(
      subscription: try fields.text("subscription"), from: try fields.date("from"), to: try fields.date("to"))
    if let from = scope.from, let to = scope.to, to <= from {
      throw .endBeforeStart(fields.path(of: "to"), to, start: from)
    }
    guard let plans = try fields.list("plans", most: 1_000) else { return scope }
    var names: Set<String> = []
    for (index, value) in plans.enumerated() {
      let path = fields.path(of: "plans[\(index)]")
      guard case .text(let plan) = value else {
        throw .wrong(path, "is \(value.words)", remedy: "Write the name of a plan.")
      }
      guard agreement.plans[plan] != nil else { throw unknown(plan, at: path) }
      names.insert(plan)
    }
    scope.plans = names
    return scope
  }
}

extension PreviewRefusal {
  fileprivate static func taken(_ path: String, _ name: String) -> PreviewRefusal {
    .wrong(path, "is '\(name)', which another has too", remedy: "Give each a name of its own.")
  }
}
