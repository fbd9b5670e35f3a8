// Contract values in words for people. Everything that is not known reads as an empty text, never as a guess.

import Contracts
import Courier
import Kernel

enum Words {
  /// `$1,234.56`.
  static func money(_ amount: Premia_Common_V1_Money) -> String {
    (try? amount.money("amount"))?.description ?? "\(amount.cents) \(amount.currency)"
  }

  /// `$1,235`: whole dollars, for where the cents are told elsewhere.
  static func dollars(_ amount: Premia_Common_V1_Money) -> String {
    let whole = (amount.cents.magnitude + 50) / 100
    return (amount.cents < 0 ? "-$" : "$") + count(Int64(whole))
  }

  /// `12,345`.
  static func count(_ number: Int64) -> String {
    var digits = String(number.magnitude)
    var groups: [String] = []
    while digits.count > 3 {
      groups.insert(String(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    return (number < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
  }

  /// `1 invoice`, `2 invoices`.
  static func count(_ number: Int64, _ noun: String) -> String { "\(count(number)) \(noun)\(number == 1 ? "" : "s")" }

  /// `96.2%` of basis points; parts of a hundredth are cut.
  static func percent(basisPoints: Int64) -> String { "\(basisPoints / 100).\(basisPoints % 100 / 10)%" }

  /// `Mar 1, 2027` of `2027-03-01`.
  static func day(_ iso: String) -> String {
    guard let date = CalendarDate(iso: iso) else { return iso }
    return day(date)
  }

  /// `10:30` in UTC.
  static func time(_ instant: Instant) -> String {
    let minutes = Int(instant.secondsOfDay) / 60
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(two(minutes / 60)):\(two(minutes % 60))"
  }

  static func day(_ date: CalendarDate) -> String {
    "\(months[date.month - 1]) \(date.day), \(date.year)"
  }

  /// `Mar 2027` for the month that begins on a day.
  static func month(_ iso: String) -> String {
    CalendarDate(iso: iso).map { "\(months[$0.month - 1]) \($0.year)" } ?? iso
  }

  /// The days of `[from, to)`: `Mar 2027` for a whole month, `Mar 5, 2027 – Apr 30, 2027`, or `From Mar 5, 2027` where
  /// the end is open.
  static func period(from: String, to: String) -> String {
    guard !to.isEmpty, let start = CalendarDate(iso: from), let end = CalendarDate(iso: to) else {
      return "From \(day(from))"
    }
    guard start < end else { return "No days" }
    if start.day == 1, end == start.firstOfNextMonth { return "\(months[start.month - 1]) \(start.year)" }
    return "\(day(start)) – \(day(end.adding(days: -1)))"
  }

  /// The last day of a period whose end is the first day after it.
  static func lastDay(before end: String) -> String {
    CalendarDate(iso: end).map { day($0.adding(days: -1)) } ?? end
  }

  /// `mark inv_01… past due` as `Mark the invoice past due`; dates in it in words.
  static func step(_ text: String) -> String {
    let words = text.split(separator: " ").map(String.init).map { word in
      if word.hasPrefix("inv_") { return "the invoice" }
      return CalendarDate(iso: word).map(day) ?? word.replacing("_", with: " ")
    }
    let sentence = words.joined(separator: " ")
    return sentence.prefix(1).uppercased() + sentence.dropFirst()
  }

  /// `quarterly in advance, due on day 15 of the month`.
  static func schedule(_ schedule: Premia_Common_V1_PaymentSchedule) -> String {
    let timeline = schedule.timeline.replacing("_", with: "-")
    return "\(timeline) in \(schedule.mode), due on day \(schedule.billingDay) of the month"
  }

  /// `past_due` as `Past due`.
  static func label(_ name: String) -> String {
    let text = name.replacing("_", with: " ").lowercased()
    return text.prefix(1).uppercased() + text.dropFirst()
  }

  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
}

/// How a word is coloured: the colour never says more than the word.
enum Tone: String {
  case good, wait, bad, quiet
}

/// A word on a coloured ground.
struct Pill {
  let word: String
  let tone: String

  init(_ word: String, _ tone: Tone) {
    self.word = word
    self.tone = tone.rawValue
  }
}

extension Premia_Policy_V1_Status {
  static let shown: [Self] = [
    .active, .paused, .pendingPayment, .applied, .terminated, .cancelled, .voided,
  ]

  var pill: Pill {
    switch self {
    case .active: Pill("Active", .good)
    case .paused: Pill("Paused", .wait)
    case .pendingPayment: Pill("Pending payment", .wait)
    case .applied: Pill("Applied", .wait)
    case .terminated: Pill("Terminated", .quiet)
    case .cancelled: Pill("Cancelled", .quiet)
    case .voided: Pill("Voided", .quiet)
    case .unspecified, .UNRECOGNIZED: Pill("Unknown", .quiet)
    }
  }

  /// As in a query.
  var word: String {
    switch self {
    case .active: "active"
    case .paused: "paused"
    case .pendingPayment: "pending_payment"
    case .applied: "applied"
    case .terminated: "terminated"
    case .cancelled: "cancelled"
    case .voided: "voided"
    case .unspecified, .UNRECOGNIZED: ""
    }
  }
}

extension Premia_Products_V1_Level {
  var label: String {
    switch self {
    case .catastrophic: "Catastrophic"
    case .bronze: "Bronze"
    case .silver: "Silver"
    case .gold: "Gold"
    case .platinum: "Platinum"
    case .dental: "Dental"
    case .vision: "Vision"
    case .unspecified, .UNRECOGNIZED: "No level"
    }
  }
}

extension Premia_Billing_V1_InvoiceStatus {
  var pill: Pill {
    switch self {
    case .draft: Pill("Draft", .quiet)
    case .issued: Pill("Issued", .wait)
    case .paid: Pill("Paid", .good)
    case .pastDue: Pill("Past due", .bad)
    case .void: Pill("Void", .quiet)
    case .writtenOff: Pill("Written off", .quiet)
    case .unspecified, .UNRECOGNIZED: Pill("Unknown", .quiet)
    }
  }
}

extension Premia_Payments_V1_PaymentStatus {
  var pill: Pill {
    switch self {
    case .requested: Pill("Requested", .wait)
    case .submitted: Pill("Submitted", .wait)
    case .posted: Pill("Posted", .good)
    case .failed: Pill("Failed", .bad)
    case .unspecified, .UNRECOGNIZED: Pill("Unknown", .quiet)
    }
  }
}

extension Premia_Claims_V1_ClaimStatus {
  var pill: Pill {
    switch self {
    case .filed: Pill("Filed", .wait)
    case .pended: Pill("Waits for the premium", .wait)
    case .approved: Pill("Approved", .good)
    case .denied: Pill("Denied", .bad)
    case .paid: Pill("Paid", .good)
    case .unspecified, .UNRECOGNIZED: Pill("Unknown", .quiet)
    }
  }
}

/// Claim adjustment reason codes in words, for those that Premia uses to deny.
enum DenialWords {
  static func label(_ code: String) -> String {
    guard let words = known[code] else { return code }
    return "\(code) \(words)"
  }

  private static let known = [
    "16": "Lacks information", "18": "Exact duplicate", "22": "Another payer comes first",
    "26": "Before coverage began", "27": "After coverage ended", "29": "Filed too late", "31": "Patient not identified",
    "45": "Above the fee schedule", "96": "Not covered", "177": "Not eligible", "200": "While coverage was paused",
    "204": "Not covered by the plan",
    "B7": "Provider not eligible",
  ]
}

/// The issuer's answers to a charge in words: the response codes of ISO 8583 that cards are declined with.
enum DeclineWords {
  static func label(_ code: String) -> String {
    guard let words = known[code] else { return Words.label(code) }
    return "\(words) (\(code))"
  }

  private static let known = [
    "04": "Card to be kept", "05": "Do not honor", "12": "Invalid transaction", "14": "Invalid account number",
    "15": "No such issuer", "41": "Lost card", "43": "Stolen card", "46": "Account closed", "51": "Insufficient funds",
    "54": "Expired card", "57": "Not permitted", "59": "Suspected fraud", "61": "Above the limit",
    "62": "Restricted card", "65": "Used too often", "91": "Issuer unavailable", "96": "System malfunction",
    "R0": "Stop this payment", "R1": "Stop all payments",
  ]
}
