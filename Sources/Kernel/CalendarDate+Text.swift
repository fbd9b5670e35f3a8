extension CalendarDate {
  /// Reads `YYYY-MM-DD`; nil for any other text and for days that do not exist.
  @inlinable
  public init?(iso text: String) {
    var text = text
    guard let date = text.withUTF8({ CalendarDate(iso: $0) }) else { return nil }
    self = date
  }

  /// Reads ASCII bytes as `init(iso:)` reads a string.
  @inlinable
  public init?(iso text: some Collection<UInt8>) {
    var reader = ASCIIReader(text)
    guard let date = reader.date(), reader.isAtEnd() else { return nil }
    self = date
  }

  /// Reads `YYYYMMDD`, as X12 writes dates (D8); nil for any other text and for days that do not exist.
  @inlinable
  public init?(compact text: String) {
    self.init(compact: text.utf8)
  }

  /// Reads ASCII bytes as `init(compact:)` reads a string.
  @inlinable
  public init?(compact text: some Collection<UInt8>) {
    var reader = ASCIIReader(text)
    guard let year = reader.digits(4), let month = reader.digits(2), let day = reader.digits(2), reader.isAtEnd() else {
      return nil
    }
    self.init(year: year, month: month, day: day)
  }

  /// `YYYYMMDD`, as X12 writes dates (D8).
  public var compact: String {
    String(asciiCapacity: 8) { writer in
      let (year, month, day) = components
      writer.append(UInt64(year * 10_000 + month * 100 + day), width: 8)
    }
  }
}

extension OutputSpan<UInt8> {
  /// Adds a date as `YYYY-MM-DD`, for documents that are written as bytes.
  public mutating func append(iso date: CalendarDate) {
    let (year, month, day) = date.components
    append(twoDigits: year / 100)
    append(twoDigits: year % 100)
    append(UInt8(ascii: "-"))
    append(twoDigits: month)
    append(UInt8(ascii: "-"))
    append(twoDigits: day)
  }

  private mutating func append(twoDigits number: Int) {
    append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / 10))
    append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10))
  }
}

extension CalendarDate: TextCoded {
  /// `YYYY-MM-DD`.
  public var description: String {
    String(asciiCapacity: 10) { $0.append(self) }
  }

  /// The same as `init(iso:)`.
  @inlinable
  public init?(_ text: String) {
    self.init(iso: text)
  }
}

extension ASCIIReader {
  @inlinable
  mutating func date() -> CalendarDate? {
    guard let year = digits(4), skip(UInt8(ascii: "-")), let month = digits(2), skip(UInt8(ascii: "-")),
      let day = digits(2)
    else { return nil }
    return CalendarDate(year: year, month: month, day: day)
  }
}

extension ASCIIWriter {
  mutating func append(_ date: CalendarDate) {
    let (year, month, day) = date.components
    append(UInt64(year), width: 4)
    append(UInt8(ascii: "-"))
    append(UInt64(month), width: 2)
    append(UInt8(ascii: "-"))
    append(UInt64(day), width: 2)
  }
}
