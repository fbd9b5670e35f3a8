// The book at a glance: what a manager looks at first.

import Contracts
import Courier
import Kernel

struct BookPage {
  let figures: [Figure]
  let parts: [Part]

  init(_ house: House) async {
    async let policies = house.hear { try await house.policy.getCounts(.init(), options: .bounded) }
    async let billing = house.hear { try await house.billing.getSummary(.init(), options: .bounded) }
    async let payments = house.hear { try await house.payments.getSummary(.init(), options: .bounded) }
    async let claims = house.hear { try await house.claims.getSummary(.init(), options: .bounded) }
    async let balance = house.hear { try await house.ledger.getTrialBalance(.init(), options: .bounded) }
    async let reading = house.reading()
    let answers = await (policies, billing, payments, claims, balance)
    figures =
      Self.figures(policies: answers.0) + Self.figures(billing: answers.1) + Self.figures(claims: answers.3)
      + Self.figures(balance: answers.4)
    parts = [
      Part("Policies", answers.0, Self.policies), Part("Billing", answers.1, Self.billing),
      Part("Payments", answers.2, Self.payments), Part("Claims", answers.3, Self.claims),
      Part("Trial balance", answers.4, Self.books),
      Self.journeys([
        try? answers.0.get().journeys, try? answers.1.get().journeys, try? answers.2.get().journeys,
        try? answers.3.get().journeys,
      ]),
      await reading,
    ]
  }
}

extension Part {
  /// A part made of an answer, or of the reason why there is none.
  init<Answer>(
    _ title: String, _ answer: Result<Answer, Problem>, _ make: (Answer) -> (facts: [Fact], sheets: [Sheet])
  ) {
    switch answer {
    case .success(let answer):
      let made = make(answer)
      self.init(title, facts: made.facts, sheets: made.sheets)
    case .failure(let problem):
      self.init(title, away: problem.words)
    }
  }
}

// MARK: - Figures

extension BookPage {
  private static func figures(policies: Result<Premia_Policy_V1_CountResponse, Problem>) -> [Figure] {
    guard case .success(let answer) = policies else { return [] }
    func sum(_ status: Premia_Policy_V1_Status) -> Int64 {
      answer.counts.reduce(0) { $0 + ($1.status == status ? $1.policies : 0) }
    }
    let waiting = sum(.pendingPayment)
    return [
      Figure(
        "Policies in force", Words.count(sum(.active)),
        note: waiting > 0 ? "\(Words.count(waiting)) awaiting first payment" : "none awaiting first payment")
    ]
  }

  private static func figures(billing: Result<Premia_Billing_V1_Summary, Problem>) -> [Figure] {
    guard case .success(let answer) = billing else { return [] }
    let billed = answer.billed.cents
    let part = billed > 0 ? answer.collected.cents * 10_000 / billed : 0
    let late = answer.invoices.first { $0.name == "past_due" }?.count ?? 0
    return [
      Figure("Billed", Words.dollars(answer.billed), note: Words.count(answer.accounts, "account")),
      Figure("Collected", Words.dollars(answer.collected), note: "\(Words.percent(basisPoints: part)) of billed"),
      Figure(
        "Past due", Words.dollars(answer.pastDue), note: late > 0 ? Words.count(late, "invoice") : "nothing late",
        tone: late > 0 ? .bad : .good),
    ]
  }

  private static func figures(claims: Result<Premia_Claims_V1_ClaimsSummary, Problem>) -> [Figure] {
    guard case .success(let answer) = claims else { return [] }
    let count = answer.claims.reduce(0) { $0 + $1.claims }
    return [Figure("Claims paid", Words.dollars(answer.paid), note: "\(Words.count(count, "claim")) filed")]
  }

  private static func figures(balance: Result<Premia_Ledger_V1_TrialBalance, Problem>) -> [Figure] {
    guard case .success(let answer) = balance else { return [] }
    return [
      Figure(
        "Books", answer.balanced ? "Balanced" : "Out of balance", note: "\(Words.dollars(answer.debit)) each side",
        tone: answer.balanced ? .good : .bad)
    ]
  }
}

// MARK: - Parts

extension BookPage {
  private static func policies(_ answer: Premia_Policy_V1_CountResponse) -> (facts: [Fact], sheets: [Sheet]) {
    let nothing = "No policies yet. Import an enrolment file with 'premia import FILE', or start 'premia demo'."
    let levels = answer.counts.map(\.level).sorted { $0.rawValue < $1.rawValue }
    var seen: [Premia_Products_V1_Level] = []
    for level in levels where seen.last != level { seen.append(level) }
    return (
      [],
      [
        matrix("By state", "State", nothing, answer.counts, Set(answer.counts.map(\.state)).sorted(), { $0 }, \.state) {
          "/policies?state=\($0.percentEncoded)&status=\($1.word)"
        },
        matrix("By level", "Level", nothing, answer.counts, seen, \.label, \.level),
      ]
    )
  }

  /// Counts by something and status; `href` makes a link of each count.
  private static func matrix<Key: Equatable>(
    _ caption: String, _ title: String, _ nothing: String, _ counts: [Premia_Policy_V1_Count], _ keys: [Key],
    _ label: (Key) -> String, _ key: (Premia_Policy_V1_Count) -> Key,
    href: ((Key, Premia_Policy_V1_Status) -> String)? = nil
  ) -> Sheet {
    let statuses = Premia_Policy_V1_Status.shown.filter { status in counts.contains { $0.status == status } }
    func sum(_ status: Premia_Policy_V1_Status?, _ wanted: Key?) -> Int64 {
      var sum: Int64 = 0
      for count in counts where (status ?? count.status) == count.status && (wanted ?? key(count)) == key(count) {
        sum += count.policies
      }
      return sum
    }
    let rows = keys.map { wanted -> [Sheet.Cell] in
      let cells = statuses.map { status -> Sheet.Cell in
        let found = sum(status, wanted)
        guard found > 0, let href else { return .number(found == 0 ? "–" : Words.count(found)) }
        return .number(Words.count(found), to: href(wanted, status))
      }
      return [.text(label(wanted))] + cells + [.number(Words.count(sum(nil, wanted)))]
    }
    let sums = statuses.map { Sheet.Cell.number(Words.count(sum($0, nil))) }
    let total = [.text("All")] + sums + [.number(Words.count(sum(nil, nil)))]
    return Sheet(
      caption, [title] + statuses.map { "#\($0.pill.word)" } + ["#All"], rows, sum: keys.count > 1 ? total : [],
      nothing: nothing)
  }

  private static func billing(_ answer: Premia_Billing_V1_Summary) -> (facts: [Fact], sheets: [Sheet]) {
    (
      [
        Fact("Billed", Words.money(answer.billed)), Fact("Collected", Words.money(answer.collected)),
        Fact("Past due", Words.money(answer.pastDue)), Fact("Credit held", Words.money(answer.credit)),
      ],
      [
        totals(
          "Invoices by status", "Status", answer.invoices, hasSum: true,
          nothing: "No invoices yet. They appear when policies are bound and with 'premia run billing'.")
      ]
    )
  }

  private static func payments(_ answer: Premia_Payments_V1_PaymentsSummary) -> (facts: [Fact], sheets: [Sheet]) {
    (
      [Fact("Collected", Words.money(answer.collected)), Fact("Paid out", Words.money(answer.paidOut))],
      [
        totals(
          "Payments by status", "Status", answer.payments, hasSum: true,
          nothing: "No payments yet. Autopay charges on the due date; move the clock with 'premia clock advance'.")
      ]
    )
  }

  private static func claims(_ answer: Premia_Claims_V1_ClaimsSummary) -> (facts: [Fact], sheets: [Sheet]) {
    let nothing = "No claims yet. Import an 837P file with 'premia import FILE'."
    let denials = answer.denials.sorted { ($1.count, $0.name) < ($0.count, $1.name) }
    return (
      [
        Fact("Charged", Words.money(answer.charged)), Fact("Paid by the plan", Words.money(answer.paid)),
        Fact("Patients' part", Words.money(answer.patientResponsibility)),
      ],
      [
        Sheet(
          "Claims by status", ["Status", "#Claims", "#Charged", "#Plan pays"],
          answer.claims.map {
            [
              .pill($0.status.pill), .number(Words.count($0.claims)), .number(Words.money($0.charged)),
              .number(Words.money($0.paid)),
            ]
          },
          nothing: nothing),
        Sheet(
          "Denials by reason", ["Reason", "#Claims", "#Charged"],
          denials.map {
            [.text(DenialWords.label($0.name)), .number(Words.count($0.count)), .number(Words.money($0.amount))]
          },
          nothing: "Nothing was denied."),
      ]
    )
  }

  /// - Parameter hasSum: whether each thing is counted in one row alone, so that the rows have a sum.
  private static func totals(
    _ caption: String, _ title: String, _ totals: [Premia_Common_V1_Total], hasSum: Bool = false, nothing: String
  ) -> Sheet {
    func row(_ name: String, _ count: Int64, _ cents: Int64) -> [Sheet.Cell] {
      var amount = totals.first?.amount ?? Premia_Common_V1_Money()
      amount.cents = cents
      return [.text(name), .number(Words.count(count)), .number(Words.money(amount))]
    }
    let some = totals.filter { $0.count != 0 }
    let all = row("All", some.reduce(0) { $0 + $1.count }, some.reduce(0) { $0 + $1.amount.cents })
    return Sheet(
      caption, [title, "#Count", "#Amount"], some.map { row(Words.label($0.name), $0.count, $0.amount.cents) },
      sum: hasSum && some.count > 1 ? all : [], nothing: nothing)
  }

  private static func books(_ answer: Premia_Ledger_V1_TrialBalance) -> (facts: [Fact], sheets: [Sheet]) {
    let rows = answer.balances.map { balance -> [Sheet.Cell] in
      [
        .text("\(balance.account) \(balance.accountName)"),
        .number(balance.debit.cents == 0 ? "–" : Words.money(balance.debit)),
        .number(balance.credit.cents == 0 ? "–" : Words.money(balance.credit)),
      ]
    }
    return (
      [Fact("State", answer.balanced ? "Balanced" : "Out of balance: run 'premia reconcile'")],
      [
        Sheet(
          "Accounts", ["Account", "#Debit", "#Credit"], rows,
          sum: [.text("Sum"), .number(Words.money(answer.debit)), .number(Words.money(answer.credit))],
          nothing: "Nothing has been posted yet.")
      ]
    )
  }

  private static func journeys(_ found: [[Premia_Common_V1_Journey]?]) -> Part {
    let rows = found.compactMap(\.self).joined().map { journey -> [Sheet.Cell] in
      let done = journey.completed > 0
      return [
        .text(Words.label(journey.name)), .number(Words.count(journey.started)),
        .number(Words.count(journey.completed)),
        .number(done ? Words.count(journey.medianDays) : "–"),
        .number(done ? Words.count(journey.ninetiethPercentileDays) : "–"),
        .number(done ? Words.percent(basisPoints: journey.straightThroughBasisPoints) : "–"),
      ]
    }
    let columns = ["Journey", "#Started", "#Completed", "#Median days", "#90% within", "#Straight through"]
    return Part("Journeys", sheets: [Sheet("From start to end", columns, rows, nothing: "No journey has begun.")])
  }
}

// MARK: - How the contexts keep up

extension House {
  fileprivate func reading() async -> Part {
    var lags: [[Sheet.Cell]] = []
    var letters: [[Sheet.Cell]] = []
    var away: [String] = []
    for context in Self.contexts where lines[context] != nil {
      let answer = await hear {
        let log = try log(of: context)
        let lag = try await log.getLag(.init(), options: .bounded)
        return (lag.lags, try await log.listDeadLetters(.init(), options: .bounded).letters)
      }
      switch answer {
      case .success(let (found, dead)):
        if !found.isEmpty { lags.append(row(found, in: context)) }
        letters += dead.prefix(Self.mostLetters).map { row($0, in: context) }
      case .failure(let problem): away.append("\(Words.label(context)): \(problem.words)")
      }
    }
    var sheets = [
      Sheet(
        "Who has taken in what", ["Reader", "Reads", "State", "#Behind", "#Set aside"], lags,
        nothing: "No context reads another's events here.")
    ]
    if !letters.isEmpty {
      sheets.append(
        Sheet("Set aside", ["Reader", "Event", "About", "#Tries", "Why"], letters, nothing: ""))
    }
    return Part(
      "Events between contexts", facts: away.map { Fact("Away", $0) }, sheets: sheets)
  }

  /// Dead letters of a context that the page shows.
  private static let mostLetters = 5

  private func row(_ lags: [Premia_Common_V1_Lag], in context: String) -> [Sheet.Cell] {
    let behind = lags.reduce(0) { $0 + $1.behind }
    let dead = lags.reduce(0) { $0 + $1.dead }
    let state =
      dead > 0 ? Pill("Needs a look", .bad) : behind > 0 ? Pill("Catching up", .wait) : Pill("Up to date", .good)
    return [
      .text(Words.label(context)), .text(lags.map(\.source).sorted().joined(separator: ", ")), .pill(state),
      .number(Words.count(behind)), .number(Words.count(dead)),
    ]
  }

  private func row(_ letter: Premia_Common_V1_DeadLetter, in context: String) -> [Sheet.Cell] {
    [
      .text(Words.label(context)), .text(letter.type), .text(letter.subject),
      .number(Words.count(Int64(letter.attempts))), .text(letter.reason),
    ]
  }
}
