// The answer as JSON. Members that say nothing are null where every line has them, and left out where few have.

import Kernel

extension BillingPreview {
  /// One line of JSON, members in the order of the documentation.
  public var json: String {
    var writer = Writer()
    writer.raw(#"{"invoices":["#)
    writer.list(invoices) { writer, invoice in
      writer.raw("{")
      writer.member(#""on":"#, invoice.on.description, end: ",")
      writer.raw(#""lines":["#)
      writer.list(invoice.lines) { writer, line in writer.write(line) }
      writer.raw("],")
      writer.member(#""total":"#, invoice.total, end: ",")
      writer.member(#""balance":"#, invoice.balance, end: "}")
    }
    writer.raw("],")
    writer.member(#""credit":"#, credit, end: ",")
    writer.member(#""refundsDue":"#, refundsDue, end: "}")
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  /// Bytes are appended several times as fast as text.
  private struct Writer {
    private(set) var bytes: [UInt8] = []

    mutating func raw(_ text: StaticString) { text.withUTF8Buffer { bytes.append(contentsOf: $0) } }

    mutating func list<Element>(_ elements: [Element], _ write: (inout Writer, Element) -> Void) {
      for (index, element) in elements.enumerated() {
        if index > 0 { raw(",") }
        write(&self, element)
      }
    }

    mutating func write(_ line: Line) {
      raw("{")
      member(#""kind":"#, line.kind, end: ",")
      if !line.name.isEmpty { member(#""name":"#, line.name, end: ",") }
      if !line.subscription.isEmpty { member(#""subscription":"#, line.subscription, end: ",") }
      member(#""plan":"#, line.plan, end: ",")
      member(#""start":"#, line.period?.start.description ?? "", end: ",")
      member(#""end":"#, line.period?.end.description ?? "", end: ",")
      member(#""fraction":"#, line.fraction, end: ",")
      member(#""amount":"#, line.amount, end: "}")
    }

    /// A member with what follows it; null for an empty text.
    mutating func member(_ name: StaticString, _ value: String, end: StaticString) {
      raw(name)
      if value.isEmpty { raw("null") } else { quoted(value) }
      raw(end)
    }

    private mutating func quoted(_ value: String) {
      bytes.append(UInt8(ascii: "\""))
      var value = value
      value.withUTF8 { text in
        if text.contains(where: Self.isEscaped) {
          for byte in text { escape(byte) }
        } else {
          bytes.append(contentsOf: text)
        }
      }
      bytes.append(UInt8(ascii: "\""))
    }

    private static func isEscaped(_ byte: UInt8) -> Bool {
      byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func escape(_ byte: UInt8) {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
      case ..<0x20: bytes += Array("\\u00\(byte < 0x10 ? "0" : "")\(String(byte, radix: 16))".utf8)
      default: bytes.append(byte)
      }
    }
  }
}
