// The stored form of what bulk work reads and writes for every subject: fields that each end with a bar, dates as day
// numbers. States are stored as they are, and within JSON they are one string: containers within containers cost
// Foundation's coders ten times as much.

package import Kernel

/// A value that is stored as fields in a row.
package protocol CellCoded: Codable {
  func write(to cells: inout CellWriter)
  /// - Throws: `CellReader.Fault` where the fields are not what `write` wrote.
  init(from cells: inout CellReader) throws(CellReader.Fault)
}

extension CellCoded {
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(CellWriter(self).text)
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    var cells = CellReader(try container.decode(String.self))
    do {
      try self.init(from: &cells)
    } catch {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(Self.self): \(error.what)")
    }
  }
}

extension StoredForm where Value: CellCoded {
  /// Nothing but its fields.
  package static var cells: StoredForm {
    StoredForm { value in
      CellWriter(value).bytes
    } read: { bytes in
      var cells = CellReader(bytes)
      return try Value(from: &cells)
    }
  }
}

package struct CellWriter {
  package private(set) var bytes: [UInt8] = []

  package var text: String { String(decoding: bytes, as: UTF8.self) }

  package init() {}

  package init(_ value: some CellCoded) { value.write(to: &self) }

  /// Ends a field that holds no bar.
  package mutating func add(_ field: String) {
    bytes.append(contentsOf: field.utf8)
    bytes.append(UInt8(ascii: "|"))
  }

  /// A text of any characters, behind its length in bytes.
  package mutating func add(text: String) {
    add(text.utf8.count)
    bytes.append(contentsOf: text.utf8)
  }

  /// Texts of any characters, behind their number.
  package mutating func add(texts: [String]) {
    add(texts.count)
    for text in texts { add(text: text) }
  }

  package mutating func add(_ number: some FixedWidthInteger) {
    if number < 0 { bytes.append(UInt8(ascii: "-")) }
    add(digits: UInt64(number.magnitude))
    bytes.append(UInt8(ascii: "|"))
  }

  private mutating func add(digits number: UInt64) {
    if number >= 10 { add(digits: number / 10) }
    bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10))
  }

  package mutating func add(_ day: CalendarDate) { add(day.dayNumber) }

  /// A day that there may not be: an empty field.
  package mutating func add(optional day: CalendarDate?) {
    if let day { add(day) } else { add("") }
  }

  /// A number that there may not be: an empty field.
  package mutating func add(optional number: (some FixedWidthInteger)?) {
    if let number { add(number) } else { add("") }
  }

  /// A list, behind its length.
  package mutating func add(_ values: [some CellCoded]) {
    add(values.count)
    for value in values { value.write(to: &self) }
  }

  /// A value that there may not be: a list of none or one.
  package mutating func add(optional value: (some CellCoded)?) {
    add(value == nil ? 0 : 1)
    value?.write(to: &self)
  }

  /// The JSON of an object whose one value they are, as a coder reads it; nil where a coder has to escape something.
  package func object(named name: String) -> [UInt8]? {
    let isPlain = bytes.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    return isPlain ? Array("{\"\(name)\":\"".utf8) + bytes + Array("\"}".utf8) : nil
  }
}

package struct CellReader {
  package struct Fault: Error {
    let what: String

    package init(what: String) { self.what = what }
  }

  private let bytes: [UInt8]
  private var place = 0

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  package init(_ text: String) { bytes = Array(text.utf8) }

  /// Where the next field is.
  private mutating func field() throws(Fault) -> Range<Int> {
    let start = place
    while place < bytes.count {
      defer { place += 1 }
      if bytes[place] == UInt8(ascii: "|") { return start..<place }
    }
    throw Fault(what: "a field is missing")
  }

  private func text(in field: Range<Int>) -> String { String(decoding: bytes[field], as: UTF8.self) }

  package mutating func text() throws(Fault) -> String { text(in: try field()) }

  /// A text that stands behind its length.
  package mutating func longText() throws(Fault) -> String {
    let count = try number(Int.self)
    guard (0...(bytes.count - place)).contains(count) else { throw Fault(what: "a text of \(count) bytes is missing") }
    defer { place += count }
    return text(in: place..<place + count)
  }

  package mutating func texts() throws(Fault) -> [String] {
    var texts: [String] = []
    for _ in 0..<max(0, try number(Int.self)) { texts.append(try longText()) }
    return texts
  }

  package mutating func number<Number: FixedWidthInteger>(_: Number.Type = Number.self) throws(Fault) -> Number {
    let field = try field()
    let isNegative = !field.isEmpty && bytes[field.lowerBound] == UInt8(ascii: "-")
    let digits = isNegative ? field.dropFirst() : field
    var magnitude: UInt64 = 0
    var isNumber = !digits.isEmpty
    for index in digits {
      let digit = bytes[index] &- UInt8(ascii: "0")
      let (tens, isTooLong) = magnitude.multipliedReportingOverflow(by: 10)
      let (sum, isTooLarge) = tens.addingReportingOverflow(UInt64(digit))
      isNumber = isNumber && digit < 10 && !isTooLong && !isTooLarge
      magnitude = sum
    }
    guard isNumber, let number = Number(exactly: isNegative ? -Int128(magnitude) : Int128(magnitude)) else {
      throw Fault(what: "'\(text(in: field))' is no number")
    }
    return number
  }

  package mutating func day() throws(Fault) -> CalendarDate {
    let number = try number(Int32.self)
    guard (CalendarDate.earliest.dayNumber...CalendarDate.latest.dayNumber).contains(number) else {
      throw Fault(what: "\(number) is no day")
    }
    return CalendarDate(dayNumber: number)
  }

  /// A day that there may not be.
  package mutating func optionalDay() throws(Fault) -> CalendarDate? { try isNil() ? nil : day() }

  /// A number that there may not be.
  package mutating func optionalNumber<Number: FixedWidthInteger>(
    _: Number.Type = Number.self
  ) throws(Fault) -> Number? {
    try isNil() ? nil : number()
  }

  /// Takes the next field where it is empty.
  private mutating func isNil() throws(Fault) -> Bool {
    guard place < bytes.count, bytes[place] == UInt8(ascii: "|") else { return false }
    _ = try field()
    return true
  }

  /// A value of an enumeration that is stored as its word.
  package mutating func word<Value: RawRepresentable<String>>(_: Value.Type = Value.self) throws(Fault) -> Value {
    let text = try text()
    guard let value = Value(rawValue: text) else { throw Fault(what: "'\(text)' is no \(Value.self)") }
    return value
  }

  /// A value of an enumeration that is stored as its number.
  package mutating func value<Value: RawRepresentable<Int>>(_: Value.Type = Value.self) throws(Fault) -> Value {
    let number = try number(Int.self)
    guard let value = Value(rawValue: number) else { throw Fault(what: "\(number) is no \(Value.self)") }
    return value
  }

  /// A value that is stored as its text.
  package mutating func value<Value: LosslessStringConvertible>(text _: Value.Type) throws(Fault) -> Value {
    let text = try text()
    guard let value = Value(text) else { throw Fault(what: "'\(text)' is no \(Value.self)") }
    return value
  }

  package mutating func list<Value: CellCoded>(of _: Value.Type) throws(Fault) -> [Value] {
    var values: [Value] = []
    for _ in 0..<max(0, try number(Int.self)) { values.append(try Value(from: &self)) }
    return values
  }
  /// A value that there may not be.
  package mutating func optional<Value: CellCoded>(_: Value.Type) throws(Fault) -> Value? {
    try list(of: Value.self).first
  }
}
