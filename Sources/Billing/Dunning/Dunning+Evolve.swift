// Events to state, and the one step that comes next.

import Kernel

extension Dunning {
  static func evolve(_ state: State, with event: Event) -> State {
    var state = state
    switch (event, state.phase) {
    case (.retryPlanned(let retry), _):
      state.retries.removeAll { $0.invoice == retry.invoice }
      state.retries.append(retry)
    case (.retryOrdered(let invoice, _), _):
      guard let index = state.retries.firstIndex(where: { $0.invoice == invoice }) else {
        preconditionFailure("history is corrupt: no retry of \(invoice) was planned")
      }
      state.retries[index].on = nil
    case (.graceStarted(let grace), .current), (.graceMoved(let grace), .inGrace):
      state.phase = .inGrace(grace)
    case (.noticed(let notice), .inGrace(var grace)):
      precondition(grace.notices.first?.notice == notice, "history is corrupt: \(notice) was not the next notice")
      grace.notices.removeFirst()
      state.phase = .inGrace(grace)
    case (.cured, .inGrace), (.reinstated, .lapsed), (.reinstated, .ended):
      state.phase = .current
      state.overdueThrough = nil
      state.referAgainOn = nil
    case (.lapsed(let lapse), .current), (.lapsed(let lapse), .inGrace):
      state.phase = lapse.reinstatableThrough == nil ? .ended : .lapsed(lapse)
      state.retries = []
    case (.received(let cents), .lapsed(var lapse)):
      lapse.receivedCents += cents
      state.phase = .lapsed(lapse)
    case (.reinstatementClosed, .lapsed):
      state.phase = .ended
    case (.referred(let referral), _):
      state.referAgainOn = referral.againOn
    case (.graceStarted, _), (.graceMoved, _), (.noticed, _), (.cured, _), (.lapsed, _), (.received, _),
      (.reinstated, _), (.reinstatementClosed, _):
      preconditionFailure("history is corrupt: \(event) in \(state.phase)")
    }
    return state
  }
}

extension Dunning.State {
  /// The next step and its day; nil where nothing is overdue, or nothing more is done by itself.
  var next: (step: Dunning.Step, on: CalendarDate)? {
    var next = waiting
    for retry in retries {
      guard let on = retry.on else { continue }
      // On one day money is asked for before anything is said or lost.
      if next.map({ on <= $0.on }) ?? true { next = (.retry(retry.invoice), on) }
    }
    return next
  }

  private var waiting: (step: Dunning.Step, on: CalendarDate)? {
    switch phase {
    case .current, .ended: nil
    case .inGrace(let grace):
      if let planned = grace.notices.first { (.notice(planned.notice), planned.on) } else { (.lapse, grace.end) }
    case .lapsed(let lapse):
      lapse.reinstatableThrough.map { (.closeReinstatement, $0.adding(days: 1)) }
    }
  }

  /// A month went past due.
  mutating func fallBehind(_ month: CalendarDate) {
    overdueThrough = max(overdueThrough ?? month, month)
  }

  /// An invoice is settled or void: it is not charged again.
  mutating func forget(_ invoice: Account.InvoiceKey) {
    retries.removeAll { $0.invoice == invoice }
  }
}
