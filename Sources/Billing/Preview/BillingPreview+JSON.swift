// The answer as JSON. Members that say nothing are null where every line has them, and left out where few have.

import Kernel

extension BillingPreview {
  /// One line of JSON, members in the order of the documentation.
  public var json: String {
    var text = #"{"invoices":["#
    text.append(list: invoices) { text, invoice in
      text += #"{"on":"\#(invoice.on)","lines":["#
      text.append(list: invoice.lines) { text, line in line.write(to: &text) }
      text += #"],"total":"\#(invoice.total)","balance":"\#(invoice.balance)"}"#
    }
    text += #"],"credit":"\#(credit)","refundsDue":"\#(refundsDue)"}"#
    return text
  }
}

extension BillingPreview.Line {
  fileprivate func write(to text: inout String) {
    text += #"{"kind":"\#(kind)","#
    if !name.isEmpty { text.append(member: "name", name) }
    if !subscription.isEmpty { text.append(member: "subscription", subscription) }
    text.append(member: "plan", plan)
    text.append(member: "start", period?.start.description ?? "")
    text.append(member: "end", period?.end.description ?? "")
    text.append(member: "fraction", fraction)
    text += #""amount":"\#(amount)"}"#
  }
}

extension String {
  fileprivate mutating func append<Element>(list: [Element], _ write: (inout String, Element) -> Void) {
    for (index, element) in list.enumerated() {
      if index > 0 { self += "," }
      write(&self, element)
    }
  }

  /// A member with a comma behind it; null for an empty text.
  fileprivate mutating func append(member name: String, _ value: String) {
    self += "\"\(name)\":"
    if value.isEmpty {
      self += "null,"
      return
    }
    self += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": self += "\\\""
      case "\\": self += "\\\\"
      case _ where scalar.value < 0x20:
        self += scalar.value < 0x10 ? "\\u000" : "\\u00"
        self += String(scalar.value, radix: 16)
      default: unicodeScalars.append(scalar)
      }
    }
    self += "\","
  }
}
