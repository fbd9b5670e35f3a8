// What others are told.

import Contracts
import Courier
import Kernel
import Runtime
import SwiftProtobuf

extension Commission {
  static func publications(of recorded: Recorded<Event>, in state: State) -> [Publication] {
    let policy = recorded.stream.rawValue
    switch recorded.event {
    case .policyKnown, .invoiceIssued, .invoiceAdjusted, .invoicePaid, .invoiceReopened, .invoiceVoided, .assessed:
      return []
    case .producerAssigned(let tenure, let reason):
      let message = Premia_Commissions_V1_ProducerAssigned.with {
        $0.policyID = policy
        $0.tenure = tenure.words
        $0.reason = reason
      }
      return [Publication("Producer.Assigned", about: policy, message)]
    case .posted(let movements):
      let message = Premia_Commissions_V1_CommissionPosted.with {
        $0.policyID = policy
        $0.lines = movements.map { $0.words(policy: policy, on: recorded.on) }
        $0.amount = Premia_Common_V1_Money(Money(cents: movements.reduce(0) { $0 + $1.cents }))
      }
      return [Publication("Commission.Posted", about: policy, message)]
    }
  }
}

extension Commission.Tenure {
  var words: Premia_Commissions_V1_Tenure {
    .with {
      $0.from = from.description
      $0.producerID = producer?.description ?? ""
    }
  }
}

extension Commission.Movement {
  fileprivate func words(policy: String, on day: CalendarDate) -> Premia_Commissions_V1_Line {
    .with {
      $0.month = month.description
      $0.producerID = producer.description
      $0.amount = Premia_Common_V1_Money(Money(cents: cents))
      $0.rule = rule
      $0.policyID = policy
      $0.postedOn = day.description
    }
  }
}

extension Producer {
  static func publications(of recorded: Recorded<Event>, in state: State) -> [Publication] {
    switch recorded.event {
    case .appointed: return []
    case .statementIssued(let statement, of: let producer):
      let issued = Premia_Commissions_V1_StatementIssued.with { $0.statement = statement.words(of: producer) }
      let publications = [Publication("Commission.StatementIssued", about: "", issued)]
      guard statement.toPayCents > 0 else { return publications }
      let due = Premia_Commissions_V1_CommissionDue.with {
        $0.statementID = statement.id.description
        $0.producerID = producer.description
        $0.month = statement.month.description
        $0.amount = Premia_Common_V1_Money(Money(cents: statement.toPayCents))
      }
      return publications + [Publication("Commission.Due", about: "", due)]
    }
  }
}

extension Producer.Statement {
  fileprivate func words(of producer: ProducerID) -> Premia_Commissions_V1_Statement {
    .with {
      $0.statementID = id.description
      $0.producerID = producer.description
      $0.month = month.description
      $0.earned = Premia_Common_V1_Money(Money(cents: earnedCents))
      $0.clawedBack = Premia_Common_V1_Money(Money(cents: clawedBackCents))
      $0.broughtForward = Premia_Common_V1_Money(Money(cents: broughtForwardCents))
      $0.toPay = Premia_Common_V1_Money(Money(cents: toPayCents))
      $0.carriedForward = Premia_Common_V1_Money(Money(cents: carriedForwardCents))
      $0.issuedOn = issuedOn.description
    }
  }
}
