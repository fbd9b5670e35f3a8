// A claim from first notice to payout:
//
//     unfiled --file--> filed --(same act)--> approved --pay--> paid
//                         |              \--> denied
//                         +-(same act)-> pended --judge--> approved | denied
//
// It is filed and judged in one act, so nobody ever waits for a claim that is only filed; one for services in a month
// of grace whose premium is to come is pended, and judged once it has come or the policy has ended. What an approved
// claim with nothing to pay needs is done: it stays approved.

import Kernel
import Runtime

enum Claim: Aggregate {
  static let kind = "claim"

  enum State: Hashable, Sendable, Codable {
    case unfiled
    case filed(Filed)
    case pended(Filed)
    case approved(Filed, Decision)
    case denied(Filed, Decision)
    case paid(Filed, Decision, Payout)
  }

  struct Filed: Hashable, Sendable, Codable {
    var id: ClaimID
    var claim: FiledClaim
    /// Who was found to be the patient; nil where nobody was.
    var insured: Insured?
    /// The day from which it waited for a premium; nil where it never did.
    var pendedOn: CalendarDate?
  }

  struct Decision: Hashable, Sendable, Codable {
    var judgement: Judgement
    var on: CalendarDate
  }

  struct Payout: Hashable, Sendable, Codable {
    var id: PayoutID
    var on: CalendarDate
  }

  enum Command: Sendable {
    case file(ClaimID, FiledClaim, Facts, on: CalendarDate)
    /// Judges a claim that waited; nothing changes where it still has to.
    case judge(Facts, on: CalendarDate)
    /// - Parameter amount: what the payout says it paid for this claim.
    case pay(Payout, amount: Money)
  }

  enum Event: Hashable, Sendable, Codable {
    case filed(Filed)
    case pended(on: CalendarDate)
    case approved(Decision)
    case denied(Decision)
    case paid(Payout)
  }

  static let initial = State.unfiled

  static func name(of event: Event) -> String {
    switch event {
    case .filed: "filed"
    case .pended: "pended"
    case .approved: "approved"
    case .denied: "denied"
    case .paid: "paid"
    }
  }
}

/// Why nothing was done about a claim.
enum ClaimRefusal: Refusal, Hashable {
  case alreadyFiled(ClaimID)
  case notFiled
  /// 7 replaces and 8 voids an earlier claim.
  case frequency(String)
  case lineCount(Int)
  case lineNumberTwice(Int)
  case daysReversed(line: Int)
  case receivedInFuture(CalendarDate, today: CalendarDate)
  case planUnknown(String, on: CalendarDate)
  case feeScheduleUnknown(String)
  case denied(ClaimID)
  case nothingToPay(ClaimID)
  case paidBefore(ClaimID, by: PayoutID)
  case amountDiffers(ClaimID, due: Money, paid: Money)
}

extension ClaimRefusal {
  var problem: Problem {
    switch self {
    case .alreadyFiled(let id):
      Problem(
        kind: .conflict, code: "claims.already_filed", detail: "Claim \(id) is filed already.",
        remedy: "Read its answer, or file under a new idempotency key.")
    case .notFiled:
      Problem(
        kind: .precondition, code: "claims.not_filed", detail: "A claim that was never filed cannot be paid.",
        remedy: "Check the claim's identifier in the payout.")
    case .frequency(let code):
      Problem(
        kind: .precondition, code: "claims.frequency",
        detail: "Claim frequency \(code) asks to replace or void an earlier claim; only originals (1) are taken in.",
        remedy:
          "File what was not paid yet as an original claim with frequency 1; have the earlier claim corrected by hand.")
    case .lineCount(let count):
      Problem(
        kind: .invalid, code: "claims.line_count",
        detail: "The claim has \(count) service lines; a professional claim has 1 to \(FiledClaim.mostLines).",
        remedy: "Split the services over several claims.", fields: ["claim.lines": "\(count) of them"])
    case .lineNumberTwice(let number):
      Problem(
        kind: .invalid, code: "claims.line_number", detail: "Line number \(number) is there twice.",
        remedy: "Number the lines from 1.", fields: ["claim.lines.number": "\(number) twice"])
    case .daysReversed(let line):
      Problem(
        kind: .invalid, code: "claims.days_reversed", detail: "Line \(line) ends before it starts.",
        remedy: "Send the first day of service before the last.",
        fields: ["claim.lines.service_to": "before service_from"])
    case .receivedInFuture(let date, let today):
      Problem(
        kind: .invalid, code: "claims.received_in_future",
        detail: "The claim says it was received on \(date); today is \(today).",
        remedy: "Send the day on which it was received, or leave it empty for today.",
        fields: ["claim.received_on": "after today"])
    case .planUnknown(let plan, let date):
      Problem(
        kind: .precondition, code: "claims.plan_unknown", detail: "No edition of plan \(plan) is known for \(date).",
        remedy: "Publish the plan with an edition in force on that day, then file the claim again.")
    case .feeScheduleUnknown(let name):
      Problem(
        kind: .precondition, code: "claims.fee_schedule_unknown", detail: "The fee schedule \(name) is not known.",
        remedy: "Publish the fee schedule, then file the claim again.")
    case .denied(let id):
      Problem(
        kind: .precondition, code: "claims.denied", detail: "Claim \(id) was denied and cannot be paid.",
        remedy: "Recover the payout.")
    case .nothingToPay(let id):
      Problem(
        kind: .precondition, code: "claims.nothing_to_pay", detail: "Claim \(id) was approved with nothing to pay.",
        remedy: "Recover the payout.")
    case .paidBefore(let id, let payout):
      Problem(
        kind: .conflict, code: "claims.paid_before", detail: "Claim \(id) was paid by payout \(payout) before.",
        remedy: "Recover the second payout.")
    case .amountDiffers(let id, let due, let paid):
      Problem(
        kind: .conflict, code: "claims.amount_differs",
        detail: "Claim \(id) is to be paid \(due); the payout paid \(paid).",
        remedy: "Correct the payout by the difference.")
    }
  }
}
