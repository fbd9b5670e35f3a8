// The answer as JSON. Members that say nothing are null where every line has them, and left out where few have.

import Kernel

extension BillingPreview {
  /// One line of JSON, members in the order of the documentation.
  public var json: String {
    let statement = outcome.statement
    // In one piece of memory: to grow and to be copied costs more than to be written.
    let mostBytes = statement.invoices.reduce(Self.mostBytes) { $0 + Self.mostBytes(of: $1) }
    return String(unsafeUninitializedCapacity: mostBytes) { buffer in
      var json = OutputSpan(buffer: buffer, initializedCount: 0)
      json.raw(#"{"invoices":["#)
      for (index, invoice) in statement.invoices.enumerated() {
        if index > 0 { json.raw(",") }
        json.write(invoice, convention)
      }
      json.raw(#"],"credit":"#)
      json.amount(statement.creditCents, convention)
      json.raw(#","refundsDue":"#)
      json.amount(outcome.refundsDueCents, convention)
      json.raw("}")
      return json.finalize(for: buffer)
    }
  }

  /// The most that a line, or an answer or an invoice without its lines, comes to without what the document named.
  private static let mostBytes = 256

  private static func mostBytes(of invoice: Statement.Invoice) -> Int {
    invoice.lines.reduce(mostBytes) { most, line in
      // A control character becomes six.
      most + mostBytes + 6 * (line.name.utf8.count + line.subscription.utf8.count + line.plan.utf8.count)
    }
  }
}

extension OutputSpan<UInt8> {
  fileprivate mutating func raw(_ text: StaticString) {
    append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  fileprivate mutating func write(_ invoice: Statement.Invoice, _ convention: Convention) {
    raw(#"{"on":""#)
    append(iso: invoice.on)
    raw(#"","lines":["#)
    for (index, line) in invoice.lines.enumerated() {
      if index > 0 { raw(",") }
      write(line, convention)
    }
    raw(#"],"total":"#)
    amount(invoice.totalCents, convention)
    raw(#","balance":"#)
    amount(invoice.balanceCents, convention)
    raw("}")
  }

  private mutating func write(_ line: ChargeLine, _ convention: Convention) {
    raw(#"{"kind":"#)
    text(line.kind.rawValue)
    if !line.name.isEmpty {
      raw(#","name":"#)
      text(line.name)
    }
    if !line.subscription.isEmpty {
      raw(#","subscription":"#)
      text(line.subscription)
    }
    raw(#","plan":"#)
    if line.plan.isEmpty { raw("null") } else { text(line.plan) }
    if let period = line.period {
      raw(#","start":""#)
      append(iso: period.start)
      raw(#"","end":""#)
      append(iso: period.end)
      raw(#"","fraction":"#)
    } else {
      raw(#","start":null,"end":null,"fraction":"#)
    }
    if let fraction = line.fraction { self.fraction(fraction) } else { raw("null") }
    raw(#","amount":"#)
    amount(line.cents, convention)
    raw("}")
  }

  fileprivate mutating func amount(_ cents: Int64, _ convention: Convention) {
    append(Self.quote)
    convention.write(cents, to: &self)
    append(Self.quote)
  }

  private mutating func fraction(_ fraction: PeriodFraction) {
    guard fraction.days != fraction.fullDays else { return raw(#""1""#) }
    append(Self.quote)
    append(decimal: UInt64(fraction.days))
    append(UInt8(ascii: "/"))
    append(decimal: UInt64(fraction.fullDays))
    append(Self.quote)
  }

  private mutating func text(_ text: String) {
    append(Self.quote)
    var text = text
    text.withUTF8 { bytes in
      if bytes.allSatisfy(Self.isPlain) { append(bytes) } else { for byte in bytes { character(byte) } }
    }
    append(Self.quote)
  }

  /// Adds bytes in one step.
  private mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
    withUnsafeMutableBufferPointer { buffer, count in
      // Traps where there is no room for them.
      count = buffer[count...].initialize(fromContentsOf: bytes)
    }
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte != quote && byte != UInt8(ascii: "\\")
  }

  private static var quote: UInt8 { UInt8(ascii: "\"") }

  private mutating func character(_ byte: UInt8) {
    switch byte {
    case Self.quote: raw(#"\""#)
    case UInt8(ascii: "\\"): raw(#"\\"#)
    case ..<0x20:
      raw(byte < 0x10 ? #"\u000"# : #"\u001"#)
      append(Self.digits[Int(byte & 0xf)])
    default: append(byte)
    }
  }

  private static var digits: [UInt8] { Array("0123456789abcdef".utf8) }
}
