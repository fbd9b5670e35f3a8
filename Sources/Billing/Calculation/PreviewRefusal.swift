// Why a preview is refused: one rule, the place in the document, and what to do.

import Kernel

struct PreviewRefusal: Error, Hashable, Sendable {
  /// The rule that forbids it; its name is the code, such as `billing.preview_unknown_plan`.
  enum Rule: String, Hashable, Sendable, CaseIterable {
    case malformed
    case unknownField = "unknown_field"
    case missing
    case wrong
    case unknownPlan = "unknown_plan"
    case otherCurrency = "other_currency"
    case tooManyDigits = "too_many_digits"
    case tooMany = "too_many"
    case outOfOrder = "out_of_order"
    case overlappingStart = "overlapping_start"
    case endBeforeStart = "end_before_start"
    case notInForce = "not_in_force"
    case negativeAmount = "negative_amount"
    case subsidyWithoutMonths = "subsidy_without_months"
    case unknownInvoice = "unknown_invoice"
    case aboveLimit = "above_limit"
    case nothingOpen = "nothing_open"
    case cannotVoid = "cannot_void"
  }

  let rule: Rule
  /// What is at fault, such as `timeline[3].plan`.
  let path: String
  let why: String
  let remedy: String
}

extension PreviewRefusal: Refusal {
  var problem: Problem {
    Problem(
      kind: .invalid, code: "billing.preview_\(rule.rawValue)", detail: "\(path) \(why).", remedy: remedy,
      fields: [path: why])
  }
}

// MARK: - What the document says

extension PreviewRefusal {
  /// - Parameters: both from 1; a column is a byte.
  static func malformed(line: Int, column: Int, _ why: String) -> Self {
    Self(
      rule: .malformed, path: "line \(line), column \(column)", why: "is not JSON: \(why)",
      remedy: "Correct the text; docs/billing-preview.md has examples.")
  }

  static func unknownField(_ path: String, known: [String]) -> Self {
    Self(
      rule: .unknownField, path: path, why: "is not known here",
      remedy: "Leave it out, or use one of \(known.joined(separator: ", ")).")
  }

  static func missing(_ path: String, _ what: String) -> Self {
    Self(rule: .missing, path: path, why: "is missing", remedy: "Add it: \(what).")
  }

  static func wrong(_ path: String, _ why: String, remedy: String) -> Self {
    Self(rule: .wrong, path: path, why: why, remedy: remedy)
  }

  static func unknownPlan(_ path: String, _ plan: String, known: [String]) -> Self {
    Self(
      rule: .unknownPlan, path: path, why: "is '\(plan)', which plans does not have",
      remedy: "Describe it under plans, or use one of \(known.joined(separator: ", ")).")
  }

  static func otherCurrency(_ path: String, _ found: String, account: String) -> Self {
    Self(
      rule: .otherCurrency, path: path, why: "is \(found), but the account is in \(account)",
      remedy: "An account has one currency: give the amount in \(account).")
  }

  static func tooManyDigits(_ path: String, _ text: String, most: Int) -> Self {
    Self(
      rule: .tooManyDigits, path: path, why: "is \(text), with more than \(most) digits behind the point",
      remedy: "Round it, or raise convention.fractionDigits.")
  }

  static func tooMany(_ path: String, _ count: Int, most: Int) -> Self {
    Self(
      rule: .tooMany, path: path, why: "has \(count) entries, more than \(most)",
      remedy: "Preview a part of it at a time.")
  }
}

// MARK: - What happened when

extension PreviewRefusal {
  static func outOfOrder(_ path: String, _ date: CalendarDate, latest: CalendarDate) -> Self {
    Self(
      rule: .outOfOrder, path: path, why: "is \(date), before \(latest), when the entry above it was made known",
      remedy: "Entries stand in the order in which they were made: move it up, or date it \(latest) or later.")
  }

  static func overlappingStart(_ path: String, _ date: CalendarDate, other: CalendarDate) -> Self {
    Self(
      rule: .overlappingStart, path: path, why: "starts on \(date) what also starts on \(other) and has not ended",
      remedy: "Cancel what runs first, change its plan, or name another subscription.")
  }

  static func endBeforeStart(_ path: String, _ date: CalendarDate, start: CalendarDate) -> Self {
    Self(
      rule: .endBeforeStart, path: path, why: "ends on \(date) what starts on \(start)",
      remedy: "End it on \(start) or later.")
  }

  static func notInForce(_ path: String, _ date: CalendarDate, _ why: String) -> Self {
    Self(
      rule: .notInForce, path: path, why: "has no meaning on \(date): \(why)",
      remedy: "Correct the date, or add what has to come before.")
  }
}

// MARK: - How much

extension PreviewRefusal {
  static func negativeAmount(
    _ path: String, _ name: String, plan: String, discount: String, left: String
  ) -> Self {
    Self(
      rule: .negativeAmount, path: path,
      why: "would make an amount negative: '\(name)' takes \(discount) off \(plan), of which \(left) is left",
      remedy: "Lower it, or leave \(plan) out of its plans.")
  }

  static func subsidyWithoutMonths(_ path: String, plan: String) -> Self {
    Self(
      rule: .subsidyWithoutMonths, path: path, why: "grants a monthly subsidy to \(plan), which is billed by the week",
      remedy: "Bill the plan by the month or longer.")
  }

  static func unknownInvoice(_ path: String, _ date: CalendarDate, known: [CalendarDate]) -> Self {
    let dates = known.map(\.description).joined(separator: ", ")
    return Self(
      rule: .unknownInvoice, path: path, why: "is \(date), on which no invoice stands",
      remedy: known.isEmpty ? "There is no invoice yet." : "Use one of \(dates).")
  }

  static func aboveLimit(_ path: String, asked: String, most: String, of: String) -> Self {
    Self(
      rule: .aboveLimit, path: path, why: "is \(asked), but \(of) is \(most)", remedy: "Ask for \(most) at most.")
  }

  static func nothingOpen(_ path: String, _ date: CalendarDate) -> Self {
    Self(
      rule: .nothingOpen, path: path, why: "writes off the invoice of \(date), which has no balance",
      remedy: "Leave it out.")
  }

  static func cannotVoid(_ path: String, _ date: CalendarDate, isPaid: Bool) -> Self {
    Self(
      rule: .cannotVoid, path: path,
      why: "voids the invoice of \(date), which \(isPaid ? "is paid" : "was corrected or corrects another")",
      remedy: "Change what is charged instead; what was paid too much becomes credit.")
  }
}
