/// A value that changes on dates: a plan, an address, a price, as it applies on each day.
///
/// Ordered segments that do not overlap; days between them have no value. Neighbours that touch differ in value, so
/// two timelines are equal exactly when they give the same value on every day. Only the last may be open-ended.
public struct Timeline<Value: Equatable> {
  /// One value for the days of `[start, end)`, or from `start` on if `end` is nil.
  public struct Segment {
    public let start: CalendarDate
    public let end: CalendarDate?
    public let value: Value

    @inlinable
    init(_ start: CalendarDate, _ end: CalendarDate?, _ value: Value) {
      self.start = start
      self.end = end
      self.value = value
    }
  }

  /// Oldest first.
  public var segments: [Segment] { storage }

  @usableFromInline var storage: [Segment] = []

  /// No value on any day.
  @inlinable
  public init() {}

  /// `value` from `start` until `end`, or for good.
  @inlinable
  public init(_ value: Value, from start: CalendarDate, to end: CalendarDate? = nil) {
    set(value, from: start, to: end)
  }

  @inlinable
  public var isEmpty: Bool { storage.isEmpty }

  /// The first day with a value; nil if there is none.
  @inlinable
  public var firstDate: CalendarDate? { storage.first?.start }

  /// The day after the last with a value; nil if there is none, and if the last segment is open-ended.
  @inlinable
  public var lastEnd: CalendarDate? { storage.last?.end }

  /// Whether the last value applies for good.
  @inlinable
  public var isOpenEnded: Bool { storage.last.map { $0.end == nil } ?? false }

  @inlinable
  public func value(on date: CalendarDate) -> Value? {
    let index = firstIndex { date < $0.start } - 1
    guard index >= 0, storage[index].reaches(past: date) else { return nil }
    return storage[index].value
  }

  @inlinable
  public subscript(date: CalendarDate) -> Value? { value(on: date) }

  /// What applies within `period`, cut to it, oldest first; every segment has an end.
  @inlinable
  public func segments(in period: Period) -> [Segment] {
    let from = firstIndex { $0.reaches(past: period.start) }
    let to = firstIndex { $0.start >= period.end }
    return storage[from..<to].map { segment in
      let end = segment.end.map { min($0, period.end) } ?? period.end
      return Segment(max(segment.start, period.start), end, segment.value)
    }
  }

  /// Makes `value` apply from `start` until `end`, or for good, whatever applied there before. Traps on an empty span.
  @inlinable
  public mutating func set(_ value: Value, from start: CalendarDate, to end: CalendarDate? = nil) {
    replace(from: start, to: end, with: Segment(start, end, value))
  }

  /// Leaves no value from `start` until `end`, or for good. Traps on an empty span.
  @inlinable
  public mutating func clear(from start: CalendarDate, to end: CalendarDate? = nil) {
    replace(from: start, to: end, with: nil)
  }
}

extension Timeline.Segment {
  /// Whether `date` comes before the end.
  @inlinable
  func reaches(past date: CalendarDate) -> Bool {
    guard let end else { return true }
    return date < end
  }
}

extension Timeline {
  /// The first segment for which `isAfter` holds; it must hold for all that follow.
  @inlinable
  func firstIndex(where isAfter: (Segment) -> Bool) -> Int {
    var low = 0
    var high = storage.count
    while low < high {
      let middle = (low + high) / 2
      if isAfter(storage[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }

  @inlinable
  mutating func replace(from start: CalendarDate, to end: CalendarDate?, with segment: Segment?) {
    precondition(end.map { start < $0 } ?? true, "a span of days ends after it starts")
    // All segments that overlap or touch the span, so that touching neighbours can be joined.
    let from = firstIndex { $0.end.map { $0 >= start } ?? true }
    let to = end.map { end in firstIndex { $0.start > end } } ?? storage.count
    var pieces = Timeline()
    if from < to {
      let first = storage[from]
      if first.start < start {
        pieces.append(Segment(first.start, first.end.map { min($0, start) } ?? start, first.value))
      }
    }
    if let segment { pieces.append(segment) }
    if from < to, let end {
      let last = storage[to - 1]
      if last.reaches(past: end) { pieces.append(Segment(max(last.start, end), last.end, last.value)) }
    }
    storage.replaceSubrange(from..<to, with: pieces.storage)
  }

  /// Adds a segment behind the last, joined to it where they touch and are equal.
  @inlinable
  mutating func append(_ segment: Segment) {
    if let last = storage.last, last.end == segment.start, last.value == segment.value {
      storage[storage.count - 1] = Segment(last.start, segment.end, last.value)
    } else {
      storage.append(segment)
    }
  }
}

extension Timeline {
  /// The timeline of the transformed values.
  @inlinable
  public func map<New: Equatable, Failure: Error>(
    _ transform: (Value) throws(Failure) -> New
  ) throws(Failure) -> Timeline<New> {
    var mapped = Timeline<New>()
    for segment in storage { mapped.append(.init(segment.start, segment.end, try transform(segment.value))) }
    return mapped
  }

  /// On each day what `combine` makes of the two values there; nil, and days where neither has a value, are gaps.
  @inlinable
  public func merged<Other, Combined>(
    with other: Timeline<Other>, _ combine: (Value?, Other?) -> Combined?
  ) -> Timeline<Combined> {
    var bounds: Set<CalendarDate> = []
    for segment in storage { bounds.formUnion([segment.start, segment.end ?? segment.start]) }
    for segment in other.storage { bounds.formUnion([segment.start, segment.end ?? segment.start]) }
    let starts = bounds.sorted()
    var merged = Timeline<Combined>()
    for (index, start) in starts.enumerated() {
      let (value, otherValue) = (self[start], other[start])
      guard value != nil || otherValue != nil, let combined = combine(value, otherValue) else { continue }
      // Behind the last boundary there is a value only if it is open-ended.
      merged.append(.init(start, index + 1 < starts.count ? starts[index + 1] : nil, combined))
    }
    return merged
  }
}

extension Timeline.Segment: Sendable where Value: Sendable {}
extension Timeline.Segment: Equatable {}
extension Timeline.Segment: Hashable where Value: Hashable {}
extension Timeline: Sendable where Value: Sendable {}
extension Timeline: Equatable {}
extension Timeline: Hashable where Value: Hashable {}
