// What a preview costs, beside the least it could cost: the document's bytes looked at, and the same answer written
// with every amount worked out beforehand.

import Kernel

/// Five years of a policy with a discount, a tax and a subsidy: every month is paid, and every year the plan changes,
/// the price rises, and coverage is paused.
public struct PreviewBench: Sendable {
  /// How much happened.
  public let entries: Int
  /// How many invoices that comes to.
  public let invoices: Int
  /// Previews the timeline; answers the size of the answer in bytes.
  public let preview: @Sendable () -> Int
  /// The same answer without working anything out.
  public let floor: @Sendable () -> Int

  /// - Throws: `Problem`, where the preview has come to refuse its own timeline.
  public init() throws {
    let timeline = Self.timeline()
    let document = Array(Self.document(timeline).utf8)
    let known = try BillingPreview(document: document)
    entries = timeline.count
    invoices = known.invoices.count
    preview = {
      guard let preview = try? BillingPreview(document: document) else { preconditionFailure("it was billed before") }
      return preview.json.utf8.count
    }
    floor = {
      var sum = 0
      for byte in document { sum &+= Int(byte) }
      return sum & 1 &+ known.json.utf8.count
    }
  }

  private static func document(_ timeline: [String]) -> String {
    """
    {"currency": "USD", "timeZone": "America/New_York", "convention": {"billingDay": 15},
     "plans": {"silver": {"period": "P1M", "phases": [{"price": "412.55"}]},
               "gold": {"period": "P1M", "phases": [{"price": "598.10"}]}},
     "discounts": [{"name": "household", "percent": 5}], "taxes": [{"name": "state", "percent": "1.75"}],
     "timeline": [\(timeline.joined(separator: ",\n"))], "asOf": "2031-12-31"}
    """
  }

  private static func timeline() -> [String] {
    var entries = [
      #"{"on": "2027-01-15", "do": "subsidy", "amount": "120.00"}"#,
      #"{"on": "2027-01-15", "do": "start", "plan": "silver"}"#,
    ]
    for year in 2027...2031 {
      for month in 1...12 where year > 2027 || month > 1 {
        let first = "\(year)-\(month < 10 ? "0" : "")\(month)"
        switch month {
        case 1:
          let rise = #""do": "priceChange", "plan": "silver", "policy": "nextPeriod""#
          entries.append(#"{"on": "\#(first)-02", \#(rise), "price": "\#(412 + 20 * (year - 2027)).55"}"#)
        case 4:
          let plan = year.isMultiple(of: 2) ? "silver" : "gold"
          entries.append(#"{"on": "\#(first)-10", "do": "changePlan", "plan": "\#(plan)"}"#)
        case 8: entries.append(#"{"on": "\#(first)-01", "do": "pause"}"#)
        case 9: entries.append(#"{"on": "\#(first)-01", "do": "resume"}"#)
        default: break
        }
        entries.append(#"{"on": "\#(first)-20", "do": "payment", "amount": "300.00"}"#)
      }
    }
    return entries
  }
}
