import Kernel

extension Wallet {
  static func evolve(_ state: State, with event: Event) -> State {
    var state = state
    switch event {
    case .opened(let policyID):
      precondition(state.policyID == nil, "the wallet of \(policyID) is opened twice")
      state.policyID = policyID
    case .methodAdded(let method):
      state.methods.append(method)
    case .autopayChosen(let id, let on):
      precondition(state.methods.contains { $0.id == id }, "\(id) is no method of the wallet")
      state.autopay = id
      // What was given up or put off with the old method is due with the new one.
      for index in state.invoices.indices
      where state.invoices[index].declines > 0 || state.invoices[index].chargeOn == nil {
        state.invoices[index].declines = 0
        state.invoices[index].chargeOn = on
      }
    case .invoiceTaken(let invoice):
      // Premiums stand before charges: money keeps the coverage before it pays anything else.
      let charges = state.invoices.firstIndex(where: \.isCharge)
      state.invoices.insert(invoice, at: invoice.isCharge ? state.invoices.count : charges ?? state.invoices.count)
    case .invoiceChanged(let id, let change):
      state.update(id) { $0.open += change }
    case .invoiceClosed(let id, _):
      state.invoices.removeAll { $0.id == id }
    case .chargeOrdered(let order):
      state.update(order.invoiceID) {
        $0.attempts = order.attempt
        $0.underWay = order
      }
    case .chargePosted(let id, let amount):
      state.update(id) {
        $0.open -= amount
        $0.underWay = nil
      }
    case .chargeDeclined(let id, let autopay, let nextTry):
      state.update(id) {
        $0.underWay = nil
        $0.chargeOn = nextTry
        if autopay { $0.declines += 1 }
      }
    case .chargeAskedAgain(let id, let on):
      state.update(id) { $0.chargeOn = on }
    case .chargeWithdrawn(let id):
      state.update(id) { $0.underWay = nil }
    case .tokenBarred(let token):
      state.bar(token)
    case .cashTaken(let id, let amount):
      state.update(id) { $0.open -= amount }
    }
    return state
  }
}

extension Wallet.State {
  fileprivate mutating func update(_ id: InvoiceID, _ change: (inout Wallet.OpenInvoice) -> Void) {
    guard let index = invoices.firstIndex(where: { $0.id == id }) else {
      preconditionFailure("history is corrupt: the wallet does not hold \(id)")
    }
    change(&invoices[index])
  }

  /// Remembers a token; the oldest that is no method on file makes room.
  fileprivate mutating func bar(_ token: Token) {
    barred.append(token)
    guard barred.count > Wallet.mostBarred else { return }
    let onFile = Set(methods.map(\.token))
    if let oldest = barred.firstIndex(where: { !onFile.contains($0) }) { barred.remove(at: oldest) }
  }
}
