// Events to state.

import Kernel

extension Commission {
  static func evolve(_ state: State, with event: Event) -> State {
    var state = state
    switch event {
    case .policyKnown(let facts, let edition):
      state.facts = facts
      state.edition = edition
    case .producerAssigned(let tenure, _):
      state.tenures.removeAll { $0.from == tenure.from }
      state.tenures.append(tenure)
      state.tenures.sort { $0.from < $1.from }
    case .invoiceIssued(let id, let shares):
      state.invoices.append(Invoice(id: id, shares: shares))
      state.closeMonths()
    case .invoiceAdjusted(let id, let changes):
      for change in changes { state.invoices[state.place(of: id)].add(change) }
    case .invoicePaid(let id):
      state.invoices[state.place(of: id)].isPaid = true
    case .invoiceReopened(let id):
      state.invoices[state.place(of: id)].isPaid = false
    case .invoiceVoided(let id):
      state.invoices.remove(at: state.place(of: id))
    case .assessed(let edition):
      state.edition = edition
    case .posted(let movements):
      for movement in movements { state.post(movement) }
    }
    return state
  }
}

extension Commission.Invoice {
  fileprivate mutating func add(_ change: Commission.Share) {
    if let place = shares.firstIndex(where: { $0.month == change.month }) {
      shares[place].add(change)
    } else {
      shares.append(change)
    }
  }
}

extension Commission.State {
  fileprivate func place(of id: InvoiceID) -> Int {
    guard let place = invoices.firstIndex(where: { $0.id == id }) else {
      preconditionFailure("history is corrupt: \(id) is not among the invoices")
    }
    return place
  }

  fileprivate mutating func post(_ movement: Commission.Movement) {
    let place = posted.firstIndex { $0.month == movement.month && $0.producer == movement.producer }
    guard let place else {
      return posted.append(.init(month: movement.month, producer: movement.producer, cents: movement.cents))
    }
    posted[place].cents += movement.cents
    if posted[place].cents == 0 { posted.remove(at: place) }
  }

  /// Lets go of the months that are no longer corrected, so that a state stays small whatever its age.
  fileprivate mutating func closeMonths() {
    guard let newest = invoices.flatMap(\.shares).map(\.month).max() else { return }
    let limit = newest.adding(months: -Commission.openMonths)
    guard limit > closedBefore ?? .earliest, posted.contains(where: { $0.month < limit }) || hasShares(before: limit)
    else { return }
    closedBefore = limit
    posted.removeAll { $0.month < limit }
    for place in invoices.indices { invoices[place].shares.removeAll { $0.month < limit } }
    invoices.removeAll { $0.shares.isEmpty }
  }

  private func hasShares(before limit: CalendarDate) -> Bool {
    invoices.contains { $0.shares.contains { $0.month < limit } }
  }
}
