// Words of the contract to values of the context, and back.

import Contracts
import Courier
import Kernel
import Runtime
import SwiftProtobuf

extension Producer.Appointment {
  init(_ words: Premia_Commissions_V1_Appointment) throws(Problem) {
    guard words.state.utf8.count == 2, words.state.utf8.allSatisfy((UInt8(ascii: "A")...UInt8(ascii: "Z")).contains)
    else { throw .field("appointment.state", "is '\(words.state)', not a two-letter USPS code") }
    self.init(
      state: words.state, from: try CalendarDate(words.from, field: "appointment.from"),
      to: try .optional(words.to, field: "appointment.to"))
  }

  var words: Premia_Commissions_V1_Appointment {
    .with {
      $0.state = state
      $0.from = from.description
      $0.to = to?.description ?? ""
    }
  }
}

extension Premia_Commissions_V1_PolicyCommission {
  init(_ policy: PolicyID, _ state: Commission.State, under schedule: CommissionSchedule) {
    self.init()
    policyID = policy.description
    self.state = state.facts?.state ?? ""
    tenures = state.tenures.map(\.words)
    due = Assessment.lines(of: state, under: schedule).map { line in
      .with {
        $0.month = line.month.description
        $0.producerID = line.producer.description
        $0.amount = Premia_Common_V1_Money(Money(cents: line.cents))
        $0.rule = line.rule
        $0.policyID = policy.description
      }
    }
  }
}

extension Premia_Commissions_V1_Line {
  init(_ row: Row) {
    self.init()
    month = row.text("month")
    producerID = row.text("producer_id")
    amount = Premia_Common_V1_Money(Money(cents: row.integer("earned_cents") - row.integer("taken_back_cents")))
    rule = row.text("rule")
    policyID = row.text("policy_id")
    postedOn = row.text("posted_on")
  }
}

extension Premia_Commissions_V1_Statement {
  init(_ row: Row) {
    func money(_ cents: Int64) -> Premia_Common_V1_Money { Premia_Common_V1_Money(Money(cents: cents)) }
    self.init()
    statementID = row.text("statement_id")
    producerID = row.text("producer_id")
    month = row.text("month")
    earned = money(row.integer("earned_cents"))
    clawedBack = money(-row.integer("taken_back_cents"))
    broughtForward = money(row.integer("brought_forward_cents"))
    toPay = money(row.integer("to_pay_cents"))
    carriedForward = money(row.integer("carried_forward_cents"))
    issuedOn = row.text("issued_on")
  }
}

extension CommissionsTables {
  /// Where to go on listing lines: "pol_…/7/0", their key.
  static func token(of line: Row) -> String {
    "\(line.text("policy_id"))/\(line.integer("version"))/\(line.integer("ordinal"))"
  }

  /// The key that a token names; nil where it is empty.
  static func place(_ token: String) throws(Problem) -> [Value]? {
    guard !token.isEmpty else { return nil }
    let parts = token.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 3, let version = Int64(parts[1]), let ordinal = Int64(parts[2]) else {
      throw .field("page.token", "is '\(token)', not one that was answered")
    }
    return [.text(String(parts[0])), .integer(version), .integer(ordinal)]
  }
}
