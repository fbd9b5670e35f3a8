// JSON as it was written. Numbers keep their text, so that amounts stay exact; an object keeps the order of its members
// and may not have two of a name.

/// A JSON value (RFC 8259).
enum JSONValue: Sendable {
  struct Member: Sendable {
    let name: String
    let value: JSONValue
  }

  case null
  case bool(Bool)
  /// As it was written.
  case number(String)
  case text(String)
  case list([JSONValue])
  case object([Member])

  /// - Throws: `PreviewRefusal.malformed` with the line and the column.
  init(parsing bytes: [UInt8]) throws(PreviewRefusal) {
    var reader = JSONReader(bytes)
    self = try reader.document()
  }

  /// What it is, for people.
  var words: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .number(let text): text
    case .text(let text): "'\(text)'"
    case .list: "a list"
    case .object: "an object"
    }
  }
}

private struct JSONReader {
  private static let deepest = 32

  private let bytes: [UInt8]
  private var place = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() throws(PreviewRefusal) -> JSONValue {
    let value = try value(depth: 0)
    skipSpace()
    guard place == bytes.count else { throw fault("something follows the document") }
    return value
  }

  private func fault(_ why: String) -> PreviewRefusal {
    let before = bytes.prefix(place)
    let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    return .malformed(line: 1 + before.count { $0 == UInt8(ascii: "\n") }, column: 1 + place - start, why)
  }

  private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || (0x09...0x0d).contains(byte) { place += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    place += 1
    return true
  }

  private mutating func value(depth: Int) throws(PreviewRefusal) -> JSONValue {
    guard depth < Self.deepest else { throw fault("more than \(Self.deepest) levels") }
    skipSpace()
    guard let first = next else { throw fault("the text ends too early") }
    switch first {
    case UInt8(ascii: "{"): return .object(try members(depth: depth + 1))
    case UInt8(ascii: "["): return .list(try elements(depth: depth + 1))
    case UInt8(ascii: "\""): return .text(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return .number(try number())
    }
  }

  private mutating func word(_ word: StaticString, _ value: JSONValue) throws(PreviewRefusal) -> JSONValue {
    let isThere = word.withUTF8Buffer { bytes[place...].starts(with: $0) }
    guard isThere else { throw fault("an unknown word") }
    place += word.utf8CodeUnitCount
    return value
  }

  private mutating func members(depth: Int) throws(PreviewRefusal) -> [JSONValue.Member] {
    place += 1
    var members: [JSONValue.Member] = []
    skipSpace()
    if take(UInt8(ascii: "}")) { return members }
    members.reserveCapacity(4)
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw fault("a name in double quotes is missing") }
      let name = try string()
      if members.contains(where: { $0.name == name }) { throw fault("'\(name)' is there twice") }
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw fault("a colon is missing behind '\(name)'") }
      members.append(.init(name: name, value: try value(depth: depth)))
      skipSpace()
      if take(UInt8(ascii: "}")) { return members }
      guard take(UInt8(ascii: ",")) else { throw fault("a comma or a closing brace is missing") }
    }
  }

  private mutating func elements(depth: Int) throws(PreviewRefusal) -> [JSONValue] {
    place += 1
    var elements: [JSONValue] = []
    skipSpace()
    if take(UInt8(ascii: "]")) { return elements }
    while true {
      elements.append(try value(depth: depth))
      skipSpace()
      if take(UInt8(ascii: "]")) { return elements }
      guard take(UInt8(ascii: ",")) else { throw fault("a comma or a closing bracket is missing") }
    }
  }

  private mutating func digits() -> Int {
    let start = place
    while let byte = next, (0x30...0x39).contains(byte) { place += 1 }
    return place - start
  }

  private mutating func number() throws(PreviewRefusal) -> String {
    let start = place
    _ = take(UInt8(ascii: "-"))
    let isZero = next == UInt8(ascii: "0")
    let whole = digits()
    guard whole > 0, !isZero || whole == 1 else { throw fault("what should be a value is none") }
    if take(UInt8(ascii: ".")), digits() == 0 { throw fault("a number ends with its point") }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") { throw fault("a number with an exponent") }
    return String(decoding: bytes[start..<place], as: UTF8.self)
  }

  private mutating func string() throws(PreviewRefusal) -> String {
    place += 1
    let start = place
    while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { place += 1 }
    if next == UInt8(ascii: "\"") {
      defer { place += 1 }
      return try text(bytes[start..<place])
    }
    var unescaped = Array(bytes[start..<place])
    while let byte = next {
      place += 1
      switch byte {
      case UInt8(ascii: "\""): return try text(unescaped[...])
      case UInt8(ascii: "\\"): unescaped += Array(String(try escaped()).utf8)
      case 0x20...: unescaped.append(byte)
      default: throw fault("a text with a line break or another control character")
      }
    }
    throw fault("a text does not end")
  }

  private func text(_ bytes: ArraySlice<UInt8>) throws(PreviewRefusal) -> String {
    // Nearly every text is ASCII, which is decoded much faster than what has to be validated.
    if bytes.allSatisfy({ $0 < 0x80 }) { return String(decoding: bytes, as: UTF8.self) }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw fault("a text is not UTF-8") }
    return text
  }

  private mutating func escaped() throws(PreviewRefusal) -> Unicode.Scalar {
    defer { place += 1 }
    switch next {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      let high = try codeUnit()
      if let scalar = Unicode.Scalar(high) { return scalar }
      // A character beyond the first 65,536 is two escapes, of which `escaped` leaves the last digit to be skipped.
      place += 1
      guard take(UInt8(ascii: "\\")), next == UInt8(ascii: "u") else { throw fault("half of a character") }
      let low = try codeUnit()
      guard (0xd800..<0xdc00).contains(high), (0xdc00..<0xe000).contains(low),
        let scalar = Unicode.Scalar(0x10000 + (UInt32(high) - 0xd800) << 10 + (UInt32(low) - 0xdc00))
      else { throw fault("half of a character") }
      return scalar
    default: throw fault("an unknown escape")
    }
  }

  /// Four hexadecimal digits behind the `u`; stays on the last.
  private mutating func codeUnit() throws(PreviewRefusal) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      place += 1
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
        throw fault("an escape needs four hexadecimal digits")
      }
      unit = unit << 4 | UInt16(digit)
    }
    return unit
  }
}
