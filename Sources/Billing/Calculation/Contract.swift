// What applies when: the changes that were made known, in whatever order, as effective-dated runs of coverage. A change
// that comes late and lies far back is folded like any other.

import Kernel

/// A change of a subscription or of the account, from a date on.
struct Change: Hashable, Sendable {
  enum Action: Hashable, Sendable {
    case start(plan: String)
    case changePlan(String)
    case pause
    case resume
    /// The date is the first without coverage.
    case cancel
    /// What the exchange pays of the premium of one month.
    case subsidize(Int64)
    case setBillingDay(Int)
    /// - Parameter phase: of the plan, from 0.
    case changePrice(plan: String, phase: Int, cents: Int64, PriceTiming)
  }

  /// When a new price reaches those who have the plan.
  enum PriceTiming: String, Hashable, Sendable, CaseIterable {
    case immediate
    /// With the first period that begins on or after the date.
    case nextPeriod
  }

  let action: Action
  let subscription: String
  let effective: CalendarDate
  /// From 0, in the order in which changes were made.
  let order: Int
  /// Where it was asked for.
  let place: String
}

/// Coverage without interruption but for pauses.
struct Run: Sendable {
  struct Holding: Sendable {
    let plan: String
    let from: CalendarDate
  }

  struct Pause: Sendable {
    let start: CalendarDate
    /// Nil where it goes on.
    let end: CalendarDate?
  }

  let start: CalendarDate
  /// The first day that is charged.
  let trialEnd: CalendarDate
  /// The first day without coverage; nil where it goes on.
  var end: CalendarDate?
  /// Oldest first; never empty.
  var plans: [Holding]
  /// The end of the last may be open.
  var pauses: [Pause] = []

  func isPaused(on date: CalendarDate) -> Bool {
    pauses.contains { $0.start <= date && ($0.end.map { date < $0 } ?? true) }
  }
}

/// One subscription as all that is known of it says.
struct Contract: Sendable {
  let subscription: String
  /// Oldest first.
  private(set) var runs: [Run] = []
  /// What the exchange pays of a month's premium, by date.
  private(set) var subsidies: [(from: CalendarDate, cents: Int64, place: String)] = []
  /// What was in the way of a change, by its order; what a later change made pointless is among it.
  private(set) var refusals: [Int: PreviewRefusal] = [:]
  /// In the order of their effect, on one day in the order in which they were made.
  private(set) var changes: [Change] = []
  /// The last run has no other end than the term of its plan.
  private var endsWithTerm = false

  init(_ subscription: String) { self.subscription = subscription }

  /// Takes in a change of this subscription that was made after all that came before, whenever it takes effect.
  mutating func make(_ change: Change, _ plans: [String: Terms]) {
    let place = changes.lastIndex { $0.effective <= change.effective }.map { $0 + 1 } ?? 0
    changes.insert(change, at: place)
    if place == changes.count - 1 {
      if endsWithTerm { runs[runs.count - 1].end = nil }
      fold(change, plans)
    } else {
      (runs, subsidies, refusals) = ([], [], [:])
      for change in changes { fold(change, plans) }
    }
    let isOpen = runs.last?.end == nil
    endTerm(plans)
    endsWithTerm = isOpen && runs.last?.end != nil
  }

  /// Whether all coverage is over on a date.
  func hasEnded(on date: CalendarDate) -> Bool { runs.last?.end.map { $0 <= date } ?? runs.isEmpty }
}

extension Contract {
  private mutating func fold(_ change: Change, _ plans: [String: Terms]) {
    do {
      try take(change, plans)
    } catch {
      refusals[change.order] = error
    }
  }

  private mutating func take(_ change: Change, _ plans: [String: Terms]) throws(PreviewRefusal) {
    let date = change.effective
    endTerm(plans, by: date, for: change.action)
    let isOpen = runs.last.map { $0.end == nil } ?? false
    switch change.action {
    case .start(let plan):
      if let last = runs.last, last.end.map({ date < $0 }) ?? true {
        throw .overlappingStart(change.place, date, other: last.start)
      }
      let trialEnd = date.adding(days: plans[plan]?.trialDays ?? 0)
      runs.append(Run(start: date, trialEnd: trialEnd, plans: [.init(plan: plan, from: date)]))
      return
    case .subsidize(let cents):
      subsidies.append((date, cents, change.place))
      return
    case .setBillingDay, .changePrice: return
    case .changePlan, .pause, .resume, .cancel: break
    }
    guard isOpen else {
      if change.action == .cancel, runs.isEmpty, let start = changes.first(where: \.isStart) {
        throw .endBeforeStart(change.place, date, start: start.effective)
      }
      throw .notInForce(change.place, date, runs.last?.end.map { "coverage ended on \($0)" } ?? "nothing has started")
    }
    try takeIntoRun(change)
  }

  private mutating func takeIntoRun(_ change: Change) throws(PreviewRefusal) {
    let (date, last) = (change.effective, runs.count - 1)
    let isPaused = runs[last].pauses.last.map { $0.end == nil } ?? false
    switch change.action {
    case .changePlan(let plan):
      if runs[last].plans.last?.from == date { runs[last].plans.removeLast() }
      runs[last].plans.append(.init(plan: plan, from: date))
    case .pause:
      if isPaused { throw .notInForce(change.place, date, "it is paused already") }
      runs[last].pauses.append(.init(start: date, end: nil))
    case .resume:
      guard isPaused, let pause = runs[last].pauses.popLast() else {
        throw .notInForce(change.place, date, "it is not paused")
      }
      if pause.start < date { runs[last].pauses.append(.init(start: pause.start, end: date)) }
    case .cancel: runs[last].end = date
    case .start, .subsidize, .setBillingDay, .changePrice: break
    }
  }

  /// Ends the last run where the term of its plan is over: before `date`, or on it. On that day itself the plan can
  /// still be changed for another.
  private mutating func endTerm(
    _ plans: [String: Terms], by date: CalendarDate = .latest, for action: Change.Action? = nil
  ) {
    guard let run = runs.last, run.end == nil, let holding = run.plans.last, let terms = plans[holding.plan],
      let end = terms.bounds(from: max(holding.from, run.trialEnd)).end
    else { return }
    if case .changePlan = action, end == date { return }
    if end <= date { runs[runs.count - 1].end = end }
  }
}

extension Change {
  fileprivate var isStart: Bool { if case .start = action { true } else { false } }
}

/// The whole account as all that is known of it says.
struct History: Sendable {
  let agreement: Agreement
  private(set) var contracts: [Contract] = []
  /// From when which billing day applies, oldest first, without the convention's.
  private(set) var billingDays: [(from: CalendarDate, day: Int)] = []
  /// Prices that changed, by date.
  private(set) var prices: [Change] = []

  init(_ agreement: Agreement) { self.agreement = agreement }

  /// The first day that is charged in any subscription.
  var firstCharged: CalendarDate? { contracts.compactMap { $0.runs.first?.trialEnd }.min() }

  /// Takes in a change, whatever came before.
  ///
  /// - Throws: where it has no meaning, or leaves none to the start of a subscription. Other changes that it makes
  ///   pointless, as a cancellation does to what lies behind it, stay without effect.
  mutating func make(_ change: Change) throws(PreviewRefusal) {
    switch change.action {
    case .setBillingDay(let day):
      let place = billingDays.firstIndex { $0.from > change.effective } ?? billingDays.endIndex
      billingDays.insert((change.effective, day), at: place)
    case .changePrice:
      let place = prices.firstIndex { $0.effective > change.effective } ?? prices.endIndex
      prices.insert(change, at: place)
    case .start, .changePlan, .pause, .resume, .cancel, .subsidize: try makeInContract(change)
    }
  }

  private mutating func makeInContract(_ change: Change) throws(PreviewRefusal) {
    let index = contracts.firstIndex { $0.subscription == change.subscription }
    var contract = index.map { contracts[$0] } ?? Contract(change.subscription)
    contract.make(change, agreement.plans)
    if let refusal = contract.refusals[change.order] { throw refusal }
    if change.isStart, let other = contract.firstOverlapping {
      // It lies before one that was made earlier, which would then overlap.
      throw .overlappingStart(change.place, change.effective, other: other.effective)
    }
    if let index { contracts[index] = contract } else { contracts.append(contract) }
  }
}

extension Contract {
  /// The first that was made of the starts that overlap another.
  fileprivate var firstOverlapping: Change? {
    changes.filter { refusals[$0.order]?.rule == .overlappingStart }.min { $0.order < $1.order }
  }
}
