/// A span of days, half-open: `[start, end)` holds `start` and not `end`, and is never empty.
///
/// Half-open periods meet without gap or overlap: the end of one is the start of the next.
@frozen
public struct Period: Hashable, Sendable {
  /// The first day.
  public let start: CalendarDate
  /// The day after the last.
  public let end: CalendarDate

  /// Nil unless `start < end`.
  @inlinable
  public init?(start: CalendarDate, end: CalendarDate) {
    guard start < end else { return nil }
    self.start = start
    self.end = end
  }

  /// For dates known to be in order; traps unless `start < end`.
  @inlinable
  public init(from start: CalendarDate, to end: CalendarDate) {
    precondition(start < end, "a period ends after it starts")
    self.start = start
    self.end = end
  }

  /// The calendar month that holds `date`.
  @inlinable
  public static func month(containing date: CalendarDate) -> Period {
    let first = date.firstOfMonth
    return Period(from: first, to: first.adding(days: first.daysInMonth))
  }

  /// The number of days, at least 1.
  @inlinable
  public var days: Int { start.days(until: end) }

  /// The last day in it, for forms and files that name it.
  @inlinable
  public var lastDay: CalendarDate { end.adding(days: -1) }

  @inlinable
  public func contains(_ date: CalendarDate) -> Bool { start <= date && date < end }

  /// Whether every day of `other` is in this.
  @inlinable
  public func contains(_ other: Period) -> Bool { start <= other.start && other.end <= end }

  /// Whether some day is in both.
  @inlinable
  public func overlaps(_ other: Period) -> Bool { start < other.end && other.start < end }

  /// The days in both, nil if there are none.
  @inlinable
  public func intersection(_ other: Period) -> Period? {
    Period(start: max(start, other.start), end: min(end, other.end))
  }

  /// Whether one ends where the other starts.
  @inlinable
  public func isAdjacent(to other: Period) -> Bool { end == other.start || other.end == start }
}

extension Period: TextCoded {
  /// `2027-01-01/2027-02-01`, the end not included.
  public var description: String {
    String(asciiCapacity: 21) { writer in
      writer.append(start)
      writer.append(UInt8(ascii: "/"))
      writer.append(end)
    }
  }

  public init?(_ text: String) {
    var reader = ASCIIReader(text.utf8)
    guard let start = reader.date(), reader.skip(UInt8(ascii: "/")), let end = reader.date(), reader.isAtEnd() else {
      return nil
    }
    self.init(start: start, end: end)
  }
}
