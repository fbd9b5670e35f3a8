// How a policy is to be billed. Policy takes it down with the application and hands it on; the billing account is what
// follows it, and changes it, since only the account knows what is billed already.

import Contracts
import Courier
import Kernel

extension Policy {
  /// As it was applied for. The words are the contract's.
  package struct PaymentSchedule: Hashable, Sendable {
    package enum Timeline: String, Sendable, Codable, CaseIterable {
      case monthly, quarterly
      case semiAnnual = "semi_annual"
      case annual
    }

    package enum Mode: String, Sendable, Codable, CaseIterable { case advance, arrears }

    package enum Alignment: String, Sendable, Codable, CaseIterable { case calendar, anniversary, account }

    package let timeline: Timeline
    package var mode = Mode.advance
    /// 1 to 31; the last of the month where it is shorter.
    package var billingDay = 1
    package var alignment = Alignment.calendar
  }
}

extension Policy.PaymentSchedule {
  /// - Parameter field: where the message is.
  /// - Throws: where a word or the day is none of ours.
  init(_ message: Premia_Common_V1_PaymentSchedule, field: String) throws(Problem) {
    timeline = try .named(message.timeline, field: "\(field).timeline")
    if !message.mode.isEmpty { mode = try .named(message.mode, field: "\(field).mode") }
    if !message.alignment.isEmpty { alignment = try .named(message.alignment, field: "\(field).alignment") }
    guard (0...31).contains(message.billingDay) else {
      throw .field("\(field).billing_day", "is \(message.billingDay); it is 1 to 31")
    }
    billingDay = max(1, Int(message.billingDay))
  }

  var words: Premia_Common_V1_PaymentSchedule {
    var words = Premia_Common_V1_PaymentSchedule()
    words.timeline = timeline.rawValue
    words.mode = mode.rawValue
    words.billingDay = Int32(billingDay)
    words.alignment = alignment.rawValue
    return words
  }
}
