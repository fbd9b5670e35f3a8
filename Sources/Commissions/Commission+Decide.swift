// Commands to events: what became known, and what it moves.

import Kernel

extension Commission {
  static func decide(_ command: Command, in state: State) throws(Refusal) -> [Event] {
    let news: [Event]
    let schedule: CommissionSchedule
    switch command {
    case .learn(let told, under: let current):
      (news, schedule) = (learn(told, in: state, current), current)
    case .assign(let tenure, let reason, let appointments, let today, under: let current):
      (news, schedule) = (try assign(tenure, reason, appointments, today, in: state, current), current)
    case .assess(under: let current):
      (news, schedule) = (state.edition == current.edition ? [] : [.assessed(edition: current.edition)], current)
    }
    guard !news.isEmpty else { return [] }
    let known = replay(news, from: state)
    let moves = Assessment.movements(from: known.posted, to: Assessment.lines(of: known, under: schedule))
    return moves.isEmpty ? news : news + [.posted(moves)]
  }

  /// An invoice that is not kept bills no premium, or months that are closed: it earns nothing.
  private static func learn(_ news: News, in state: State, _ schedule: CommissionSchedule) -> [Event] {
    func kept(_ id: InvoiceID) -> Invoice? { state.invoices.first { $0.id == id } }
    func open(_ shares: [Share]) -> [Share] { shares.filter { $0.month >= state.closedBefore ?? .earliest } }
    switch news {
    case .policy(let facts):
      return facts.version > state.facts?.version ?? 0 ? [.policyKnown(facts, edition: schedule.edition)] : []
    case .invoiceIssued(let id, let shares):
      let shares = open(shares)
      return kept(id) == nil && !shares.isEmpty ? [.invoiceIssued(id, shares)] : []
    case .invoiceAdjusted(let id, let changes):
      let changes = open(changes)
      return kept(id) == nil || changes.isEmpty ? [] : [.invoiceAdjusted(id, by: changes)]
    case .invoicePaid(let id):
      return kept(id)?.isPaid == false ? [.invoicePaid(id)] : []
    case .invoiceReopened(let id):
      return kept(id)?.isPaid == true ? [.invoiceReopened(id)] : []
    case .invoiceVoided(let id):
      return kept(id) == nil ? [] : [.invoiceVoided(id)]
    }
  }

  private static func assign(
    _ tenure: Tenure, _ reason: String, _ appointments: [Producer.Appointment], _ today: CalendarDate, in state: State,
    _ schedule: CommissionSchedule
  ) throws(Refusal) -> [Event] {
    guard let facts = state.facts else { throw .unknownPolicy }
    let earliest = today.adding(days: -schedule.retroactiveLimitDays)
    guard tenure.from >= earliest else { throw .tooFarBack(tenure.from, earliest: earliest) }
    if let producer = tenure.producer {
      guard appointments.contains(where: { $0.holds(in: facts.state, on: tenure.from) }) else {
        throw .notAppointed(producer, state: facts.state, on: tenure.from)
      }
    }
    return state.tenures.contains(tenure) ? [] : [.producerAssigned(tenure, reason: reason)]
  }
}
