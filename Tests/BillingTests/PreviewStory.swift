// Short forms for the tests of the preview: a timeline a line an entry, and an answer as text.

import Kernel
import Testing

@testable import Billing

/// A timeline to preview, and what it should come to.
struct PreviewStory: Sendable, CustomTestStringConvertible {
  let testDescription: String
  /// Members of the document besides the timeline and `asOf`, each as `"name": value`.
  let terms: [String]
  /// Entries as `2027-01-01 start plan=silver`; a time makes it `at`.
  let timeline: [String]
  let asOf: String
  let expected: String

  init(_ name: String, _ timeline: [String], asOf: String, _ expected: String) {
    self.init(name, [], timeline, asOf: asOf, expected)
  }

  init(_ name: String, _ terms: [String], _ timeline: [String], asOf: String, _ expected: String) {
    testDescription = name
    self.terms = terms
    self.timeline = timeline
    self.asOf = asOf
    self.expected = expected
  }

  var document: String { PreviewDocument.text(terms, timeline, asOf: asOf) }
}

enum PreviewDocument {
  static let plans = """
    "plans": {
      "silver": {"period": "P1M", "phases": [{"price": "310.00"}]},
      "gold": {"period": "P1M", "phases": [{"price": "620.00"}]},
      "bronze": {"period": "P1M", "phases": [{"price": "155.00"}]},
      "weekly": {"period": "P1W", "phases": [{"price": "70.00"}]},
      "quarterly": {"period": "P3M", "phases": [{"price": "900.00"}]},
      "half-yearly": {"period": "P6M", "phases": [{"price": "1810.00"}]},
      "yearly": {"period": "P1Y", "phases": [{"price": "3650.00"}]}
    }
    """

  static func text(_ terms: [String], _ timeline: [String], asOf: String) -> String {
    var members = terms
    func add(_ name: String, _ member: String) {
      if !terms.contains(where: { $0.hasPrefix("\"\(name)\"") }) { members.append(member) }
    }
    add("currency", #""currency": "USD""#)
    add("timeZone", #""timeZone": "America/New_York""#)
    add("plans", plans)
    members.append("\"timeline\": [\(timeline.map(entry).joined(separator: ",\n"))]")
    members.append("\"asOf\": \"\(asOf)\"")
    return "{\(members.joined(separator: ",\n"))}"
  }

  private static func entry(_ text: String) -> String {
    var words = text.split(separator: " ")
    let date = words.removeFirst()
    let deed = words.removeFirst()
    var members = ["\"\(date.contains("T") ? "at" : "on")\": \"\(date)\"", "\"do\": \"\(deed)\""]
    for word in words {
      let name = word.prefix { $0 != "=" }
      let value = word.dropFirst(name.count + 1)
      let isBare = ["billingDay", "phase", "adjust"].contains(name)
      members.append("\"\(name)\": \(isBare ? "\(value)" : "\"\(value)\"")")
    }
    return "{\(members.joined(separator: ", "))}"
  }
}

extension BillingPreview {
  init(_ text: String) throws { try self.init(document: Array(text.utf8)) }

  /// An invoice a paragraph; what is zero at the end is left out.
  var text: String {
    var lines: [String] = []
    for invoice in invoices {
      lines.append("\(invoice.on) total \(invoice.total) open \(invoice.balance)")
      for line in invoice.lines {
        let days = line.period.map { "\($0) \(line.fraction)" } ?? ""
        let words = [line.kind, line.name, line.subscription, line.plan, days, line.amount]
        lines.append("  " + words.filter { !$0.isEmpty }.joined(separator: " "))
      }
    }
    for (name, amount) in [("credit", credit), ("refunds due", refundsDue)] where amount.contains(where: Self.counts) {
      lines.append("\(name) \(amount)")
    }
    return lines.joined(separator: "\n")
  }

  private static func counts(_ character: Character) -> Bool { ("1"..."9").contains(character) }
}
