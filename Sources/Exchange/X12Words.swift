// Values between X12 and our own words.

import Kernel
import X12

extension SegmentValue {
  /// The date in an element of the form D8, or the first day of RD8.
  func date(_ element: Int) -> CalendarDate? {
    self[element].flatMap { CalendarDate(compact: String($0.prefix(8))) }
  }

  func money(_ element: Int) -> Money? { self[element].flatMap { Money(decimal: $0) } }
}

extension Money {
  /// As X12 writes a decimal: without zeros behind the point that say nothing.
  var x12: String {
    var text = decimalString[...]
    while text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
    return String(text)
  }
}

extension X12Element {
  static func money(_ money: Money) -> X12Element { .text(money.x12) }
  static func date(_ date: CalendarDate) -> X12Element { .text(date.compact) }

  /// A text for people, without what X12 cannot carry, and no longer than its element.
  static func words(_ text: String, most: Int) -> X12Element { .text(text.fittingX12(most)) }
}

extension String {
  /// In capitals of the basic character set, without the usual delimiters, at most so many characters.
  func fittingX12(_ most: Int) -> String {
    let bytes = uppercased().utf8.map { byte in
      (0x20..<0x7f).contains(byte) && !"*:^~".utf8.contains(byte) ? byte : UInt8(ascii: " ")
    }
    let words = String(decoding: bytes, as: UTF8.self).split(separator: " ").joined(separator: " ")
    return String(words.prefix(most)).trimmedEnd
  }

  private var trimmedEnd: String {
    var text = self[...]
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}

/// Why the file's record is not taken, at the place where the sender can see it.
struct RecordRefusal: Error, Hashable {
  var finding: X12Finding

  /// - Parameters:
  ///   - element: from 1; nil when the segment as a whole is refused.
  ///   - subject: the sender's own name of the record, for the CTX segment of the 999.
  init(
    at segment: SegmentValue, _ loopID: String, element: Int? = nil, component: Int? = nil, code: String? = nil,
    subject: X12Finding.Context? = nil, _ message: String
  ) {
    finding = .refusal(
      at: segment, loopID: loopID, element: element, component: component, code: code, context: subject,
      message: message)
    if let element, component == nil {
      finding.elementReference = Self.references["\(segment.id)\(element)"]
    }
  }

  /// Data element numbers of the standard (IK402) of what an importer refuses.
  private static let references: [String: Int] = [
    "INS1": 1073, "INS2": 1069, "INS3": 875, "REF2": 127, "DTP3": 1251, "NM13": 1035, "NM19": 67, "N42": 156,
    "DMG2": 1251, "HD1": 875, "HD3": 1205, "HD4": 1204, "AMT2": 782, "CLM1": 1028, "CLM2": 782, "SV12": 782,
    "SV14": 380, "RMR4": 782, "ADX1": 782,
  ]
}
