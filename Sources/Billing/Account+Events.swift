// The forms in which the states and events of an account are stored.

import Kernel
import Runtime

extension Account {
  static let stateForm = StoredForm<State>.cells

  /// JSON; that of what a run issues is put together here.
  static let eventForm = StoredForm<Event> { event in
    guard case .issued(let issue) = event, let object = CellWriter(issue).object(named: "issued") else {
      return StoredForm.json.write(event)
    }
    return object
  } read: { bytes in
    try StoredForm.json.read(bytes)
  }
}

/// An object with one key: the event's name.
extension Account.Event: Codable {
  private enum Name: String, CodingKey {
    case opened, started, changed, discounted, levied, shared, rescheduled, drafted, issued, adjusted, voided, takenOff
    case closedCorrected, writtenOff, refunded, pastDue, paymentApplied, creditApplied, paid, dunned
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Name.self)
    switch self {
    case .opened(let opening): try container.encode(opening, forKey: .opened)
    case .started: try container.encode(true, forKey: .started)
    case .changed(let timeline): try container.encode(timeline, forKey: .changed)
    case .rescheduled(let change): try container.encode(change, forKey: .rescheduled)
    case .discounted(let event): try container.encode(event, forKey: .discounted)
    case .levied(let levied): try container.encode(levied, forKey: .levied)
    case .shared(let order): try container.encode(order, forKey: .shared)
    case .drafted(let issue): try container.encode(issue, forKey: .drafted)
    case .issued(let issue): try container.encode(issue, forKey: .issued)
    case .adjusted(let adjustment): try container.encode(adjustment, forKey: .adjusted)
    case .closedCorrected(let correction): try container.encode(correction, forKey: .closedCorrected)
    case .voided(let void): try container.encode(void, forKey: .voided)
    case .takenOff(let amount): try container.encode(amount, forKey: .takenOff)
    case .refunded(let refund): try container.encode(refund, forKey: .refunded)
    case .writtenOff(let loss): try container.encode(loss, forKey: .writtenOff)
    case .pastDue(let key): try container.encode(key, forKey: .pastDue)
    case .paymentApplied(let application): try container.encode(application, forKey: .paymentApplied)
    case .creditApplied(let portion): try container.encode(portion, forKey: .creditApplied)
    case .paid(let settlement): try container.encode(settlement, forKey: .paid)
    case .dunned(let event): try container.encode(event, forKey: .dunned)
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
    case .rescheduled: self = .rescheduled(try container.decode(Account.Rescheduling.self, forKey: name))
    case .discounted: self = .discounted(try container.decode(Discounting.Event.self, forKey: name))
    case .levied: self = .levied(try container.decode(Levied.self, forKey: name))
    case .shared: self = .shared(try container.decode(SharesOrder.self, forKey: name))
    case .drafted: self = .drafted(try container.decode(Account.Issue.self, forKey: name))
    case .issued: self = .issued(try container.decode(Account.Issue.self, forKey: name))
    case .adjusted: self = .adjusted(try container.decode(Account.Adjustment.self, forKey: name))
    case .closedCorrected:
      self = .closedCorrected(try container.decode(Account.ClosedCorrection.self, forKey: name))
    case .voided: self = .voided(try container.decode(Account.Void.self, forKey: name))
    case .takenOff: self = .takenOff(try container.decode(Account.TakeOff.self, forKey: name))
    case .refunded: self = .refunded(try container.decode(Account.Refund.self, forKey: name))
    case .writtenOff: self = .writtenOff(try container.decode(Account.WriteOff.self, forKey: name))
    case .pastDue: self = .pastDue(try container.decode(Account.InvoiceKey.self, forKey: name))
    case .paymentApplied: self = .paymentApplied(try container.decode(Account.Application.self, forKey: name))
    case .creditApplied: self = .creditApplied(try container.decode(Account.Portion.self, forKey: name))
    case .paid: self = .paid(try container.decode(Account.Settlement.self, forKey: name))
    case .dunned: self = .dunned(try container.decode(Dunning.Event.self, forKey: name))
    }
  }
}
