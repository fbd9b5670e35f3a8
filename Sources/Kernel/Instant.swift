/// A point in time, to the microsecond, in UTC without leap seconds; the years 0000 to 9999.
@frozen
public struct Instant: Hashable, Sendable {
  /// Microseconds since 1970-01-01T00:00:00Z.
  public let microseconds: Int64

  /// Traps outside the years 0000 to 9999.
  @inlinable
  public init(microseconds: Int64) {
    precondition(Self.range.contains(microseconds), "an instant outside the years 0000 to 9999")
    self.microseconds = microseconds
  }

  /// `secondsOfDay` seconds after midnight UTC of `date`; traps unless 0 to 86,399.
  @inlinable
  public init(date: CalendarDate, secondsOfDay: Int32 = 0) {
    precondition(secondsOfDay >= 0 && secondsOfDay < 86_400, "a day has 86,400 seconds")
    self.init(microseconds: Int64(date.dayNumber) * Self.microsecondsPerDay + Int64(secondsOfDay) * 1_000_000)
  }

  @inlinable
  static var microsecondsPerDay: Int64 { 86_400_000_000 }

  @inlinable
  static var range: ClosedRange<Int64> {
    let earliest = Int64(CalendarDate.earliest.dayNumber) * microsecondsPerDay
    return earliest...((Int64(CalendarDate.latest.dayNumber) + 1) * microsecondsPerDay - 1)
  }

  /// The day this falls on in UTC.
  @inlinable
  public var date: CalendarDate {
    CalendarDate(dayNumber: Int32((microseconds - microsecondsOfDay) / Self.microsecondsPerDay))
  }

  /// Whole seconds since midnight UTC, 0 to 86,399.
  @inlinable
  public var secondsOfDay: Int32 { Int32(microsecondsOfDay / 1_000_000) }

  @inlinable
  var microsecondsOfDay: Int64 { (microseconds - Self.range.lowerBound) % Self.microsecondsPerDay }

  @inlinable
  public func adding(seconds: Int64) -> Instant { adding(microseconds: seconds * 1_000_000) }

  @inlinable
  public func adding(microseconds: Int64) -> Instant { Instant(microseconds: self.microseconds + microseconds) }
}

extension Instant: Comparable {
  @inlinable
  public static func < (lhs: Instant, rhs: Instant) -> Bool { lhs.microseconds < rhs.microseconds }
}

extension Instant: LosslessStringConvertible {
  /// RFC 3339 in UTC with six fraction digits: `2027-01-01T09:00:00.000000Z`.
  public var description: String {
    String(asciiCapacity: 27) { writer in
      let seconds = UInt64(secondsOfDay)
      writer.append(date)
      writer.append(UInt8(ascii: "T"))
      writer.append(seconds / 3600, width: 2)
      writer.append(UInt8(ascii: ":"))
      writer.append(seconds / 60 % 60, width: 2)
      writer.append(UInt8(ascii: ":"))
      writer.append(seconds % 60, width: 2)
      writer.append(UInt8(ascii: "."))
      writer.append(UInt64(microsecondsOfDay % 1_000_000), width: 6)
      writer.append(UInt8(ascii: "Z"))
    }
  }

  /// Reads RFC 3339 with any offset, capital `T` and `Z`, and no or some fraction digits.
  ///
  /// Nil for anything else, for a leap second, and for a fraction of a microsecond.
  public init?(_ text: String) {
    var reader = ASCIIReader(text.utf8)
    guard let date = reader.date(), reader.skip(UInt8(ascii: "T")),
      let minuteOfDay = reader.minuteOfDay(), reader.skip(UInt8(ascii: ":")),
      let second = reader.digits(2), second < 60,
      let (fraction, zone) = reader.fraction(), let offset = reader.offset(zone), reader.isAtEnd()
    else { return nil }
    let seconds = Int64(date.dayNumber) * 86_400 + Int64((minuteOfDay - offset) * 60 + second)
    let microseconds = seconds * 1_000_000 + fraction
    guard Self.range.contains(microseconds) else { return nil }
    self.init(microseconds: microseconds)
  }
}

extension ASCIIReader {
  fileprivate mutating func minuteOfDay() -> Int? {
    guard let hour = digits(2), hour < 24, skip(UInt8(ascii: ":")), let minute = digits(2), minute < 60 else {
      return nil
    }
    return hour * 60 + minute
  }

  /// The microseconds of an optional fraction, and the byte behind it.
  fileprivate mutating func fraction() -> (microseconds: Int64, zone: UInt8)? {
    guard let first = next() else { return nil }
    guard first == UInt8(ascii: ".") else { return (0, first) }
    var microseconds: Int64 = 0
    var unit: Int64 = 100_000
    var sawDigit = false
    while let byte = next() {
      guard let digit = byte.decimalDigit else { return sawDigit ? (microseconds, byte) : nil }
      guard unit > 0 || digit == 0 else { return nil }
      sawDigit = true
      microseconds += Int64(digit) * unit
      unit /= 10
    }
    return nil
  }

  /// Minutes east of UTC, from `zone` and what follows it.
  fileprivate mutating func offset(_ zone: UInt8) -> Int? {
    switch zone {
    case UInt8(ascii: "Z"): 0
    case UInt8(ascii: "+"): minuteOfDay()
    case UInt8(ascii: "-"): minuteOfDay().map { -$0 }
    default: nil
    }
  }
}

extension Instant: Codable {
  /// A whole number of microseconds since 1970.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(microseconds)
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let microseconds = try container.decode(Int64.self)
    guard Self.range.contains(microseconds) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "\(microseconds) microseconds are outside the years 0000 to 9999")
    }
    self.init(microseconds: microseconds)
  }
}
