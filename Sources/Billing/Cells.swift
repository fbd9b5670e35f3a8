// The stored form of what a billing run reads and writes for every account: one JSON string of fields separated by
// bars, dates as day numbers. Containers within containers cost Foundation's coders ten times as much.

import Kernel

/// A value that is stored as fields in a row.
protocol CellCoded: Codable {
  func write(to cells: inout CellWriter)
  /// - Throws: `CellReader.Fault` where the fields are not what `write` wrote.
  init(from cells: inout CellReader) throws(CellReader.Fault)
}

extension CellCoded {
  func encode(to encoder: any Encoder) throws {
    var cells = CellWriter()
    write(to: &cells)
    var container = encoder.singleValueContainer()
    try container.encode(cells.text)
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    var cells = CellReader(try container.decode(String.self))
    do {
      try self.init(from: &cells)
    } catch {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(Self.self): \(error.what)")
    }
  }
}

struct CellWriter {
  private(set) var text = ""

  /// Ends a field that holds no bar.
  mutating func add(_ field: String) {
    text += field
    text += "|"
  }

  mutating func add(_ number: some BinaryInteger) { add(String(number)) }

  mutating func add(_ day: CalendarDate) { add(day.dayNumber) }

  /// A day that there may not be: an empty field.
  mutating func add(optional day: CalendarDate?) {
    if let day { add(day) } else { add("") }
  }

  /// A number that there may not be: an empty field.
  mutating func add(optional number: (some BinaryInteger)?) {
    if let number { add(number) } else { add("") }
  }

  /// A list, behind its length.
  mutating func add(_ values: [some CellCoded]) {
    add(values.count)
    for value in values { value.write(to: &self) }
  }
}

struct CellReader {
  struct Fault: Error { let what: String }

  private var rest: Substring.UTF8View

  init(_ text: String) { rest = text[...].utf8 }

  /// The bytes of the next field.
  private mutating func field() throws(Fault) -> Substring.UTF8View {
    guard let bar = rest.firstIndex(of: UInt8(ascii: "|")) else { throw Fault(what: "a field is missing") }
    defer { rest = rest[rest.index(after: bar)...] }
    return rest[..<bar]
  }

  mutating func text() throws(Fault) -> String { String(Substring(try field())) }

  mutating func number<Number: FixedWidthInteger>(_: Number.Type = Number.self) throws(Fault) -> Number {
    let text = Substring(try field())
    guard let number = Number(text) else { throw Fault(what: "'\(text)' is no number") }
    return number
  }

  mutating func day() throws(Fault) -> CalendarDate {
    let number = try number(Int32.self)
    guard (CalendarDate.earliest.dayNumber...CalendarDate.latest.dayNumber).contains(number) else {
      throw Fault(what: "\(number) is no day")
    }
    return CalendarDate(dayNumber: number)
  }

  /// A day that there may not be.
  mutating func optionalDay() throws(Fault) -> CalendarDate? { try isNil() ? nil : day() }

  /// A number that there may not be.
  mutating func optionalNumber<Number: FixedWidthInteger>(
    _: Number.Type = Number.self
  ) throws(Fault) -> Number? {
    try isNil() ? nil : number()
  }

  /// Takes the next field where it is empty.
  private mutating func isNil() throws(Fault) -> Bool {
    guard rest.first == UInt8(ascii: "|") else { return false }
    _ = try field()
    return true
  }

  /// A value of an enumeration that is stored as its word.
  mutating func word<Value: RawRepresentable<String>>(_: Value.Type = Value.self) throws(Fault) -> Value {
    let text = try text()
    guard let value = Value(rawValue: text) else { throw Fault(what: "'\(text)' is no \(Value.self)") }
    return value
  }

  /// A value of an enumeration that is stored as its number.
  mutating func value<Value: RawRepresentable<Int>>(_: Value.Type = Value.self) throws(Fault) -> Value {
    let number = try number(Int.self)
    guard let value = Value(rawValue: number) else { throw Fault(what: "\(number) is no \(Value.self)") }
    return value
  }

  /// A value that is stored as its text.
  mutating func value<Value: LosslessStringConvertible>(text _: Value.Type) throws(Fault) -> Value {
    let text = try text()
    guard let value = Value(text) else { throw Fault(what: "'\(text)' is no \(Value.self)") }
    return value
  }

  mutating func list<Value: CellCoded>(of _: Value.Type) throws(Fault) -> [Value] {
    var values: [Value] = []
    for _ in 0..<max(0, try number(Int.self)) { values.append(try Value(from: &self)) }
    return values
  }
}
