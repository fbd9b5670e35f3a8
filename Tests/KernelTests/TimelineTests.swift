import Kernel
import Testing

@Suite("Timelines")
struct TimelineTests {
  /// A value for each day, written one by one; the last stands for all days from there on.
  private struct DayMap {
    static let days = 0..<60
    static let forever = 60
    var values: [Int: Int] = [:]

    mutating func set(_ value: Int?, from start: Int, to end: Int?) {
      for day in start..<(end ?? Self.forever + 1) { values[day] = value }
    }
  }

  private static func day(_ number: Int) -> CalendarDate { CalendarDate(dayNumber: Int32(number)) }

  /// Random changes to a timeline and to its model.
  private static func scribble(_ random: inout SplitMix64, changes: Int) -> (Timeline<Int>, DayMap) {
    var timeline = Timeline<Int>()
    var model = DayMap()
    for _ in 0..<changes {
      let start = Int.random(in: DayMap.days, using: &random)
      let isOpen = Int.random(in: 0..<8, using: &random) == 0
      let end = isOpen ? nil : Int.random(in: start + 1...DayMap.forever, using: &random)
      let value = Int.random(in: 0..<4, using: &random)
      if value == 0 {
        timeline.clear(from: day(start), to: end.map(day))
        model.set(nil, from: start, to: end)
      } else {
        timeline.set(value, from: day(start), to: end.map(day))
        model.set(value, from: start, to: end)
      }
    }
    return (timeline, model)
  }

  private static func agree(_ timeline: Timeline<Int>, _ model: DayMap) -> Bool {
    (-1...DayMap.forever).allSatisfy { timeline[day($0)] == model.values[$0] }
      && timeline.value(on: day(1_000_000)) == model.values[DayMap.forever]
  }

  /// In order, apart or different, and none open-ended but the last.
  private static func isCanonical(_ timeline: Timeline<Int>) -> Bool {
    timeline.segments.allSatisfy { $0.end.map { [start = $0.start] in start < $0 } ?? true }
      && zip(timeline.segments, timeline.segments.dropFirst()).allSatisfy { earlier, later in
        guard let end = earlier.end else { return false }
        return end < later.start || (end == later.start && earlier.value != later.value)
      }
  }

  @Test("thousands of changes leave what a map of days holds, in the fewest segments")
  func againstDayMap() {
    var random = SplitMix64(seed: 10, label: "timeline")
    for round in 0..<1500 {
      let (timeline, model) = Self.scribble(&random, changes: 1 + round % 12)
      let days = model.values.keys.sorted()
      let lastEnd = days.last.flatMap { $0 == DayMap.forever ? nil : Self.day($0 + 1) }
      guard Self.agree(timeline, model), Self.isCanonical(timeline),
        timeline.firstDate == days.first.map(Self.day), timeline.lastEnd == lastEnd,
        timeline.isEmpty == days.isEmpty, timeline.isOpenEnded == (days.last == DayMap.forever)
      else {
        Issue.record("\(timeline) is not \(model)")
        return
      }
    }
  }

  @Test("the segments of a period are those days, cut to it")
  func segmentsInPeriod() {
    var random = SplitMix64(seed: 11, label: "segments")
    for _ in 0..<1500 {
      let (timeline, model) = Self.scribble(&random, changes: 8)
      let start = Int.random(in: -3..<60, using: &random)
      let end = Int.random(in: start + 1...62, using: &random)
      var days: [Int: Int] = [:]
      for segment in timeline.segments(in: Period(from: Self.day(start), to: Self.day(end))) {
        for day in segment.start..<(segment.end ?? segment.start) { days[Int(day.dayNumber)] = segment.value }
      }
      let isOpen = timeline.isOpenEnded
      let expected = (start..<end).reduce(into: [Int: Int]()) { expected, day in
        expected[day] = day > DayMap.forever && isOpen ? timeline[Self.day(day)] : model.values[day]
      }
      guard days == expected else {
        Issue.record("\(start)..<\(end) of \(timeline) gave \(days)")
        return
      }
    }
  }

  @Test("merging and mapping act on each day by itself")
  func mergedAndMapped() {
    var random = SplitMix64(seed: 12, label: "merged")
    func combine(_ one: Int?, _ other: Int?) -> Int? {
      one == 1 && other == nil ? nil : (one ?? 0) * 2 + (other ?? 0)
    }
    for _ in 0..<1500 {
      let (one, oneModel) = Self.scribble(&random, changes: 5)
      let (other, otherModel) = Self.scribble(&random, changes: 5)
      var both = DayMap()
      var halved = DayMap()
      for day in 0...DayMap.forever {
        let (value, otherValue) = (oneModel.values[day], otherModel.values[day])
        if value != nil || otherValue != nil { both.values[day] = combine(value, otherValue) }
        halved.values[day] = value.map { $0 / 2 }
      }
      let (merged, mapped) = (one.merged(with: other, combine), one.map { $0 / 2 })
      guard Self.agree(merged, both), Self.isCanonical(merged), Self.agree(mapped, halved), Self.isCanonical(mapped)
      else {
        Issue.record("\(one) with \(other) gave \(merged) and \(mapped)")
        return
      }
    }
  }

  @Test("a change in the middle splits, and undoing it joins again")
  func splitAndJoin() {
    let whole = Timeline("silver", from: date("2027-01-01"), to: date("2028-01-01"))
    var timeline = whole
    timeline.set("gold", from: date("2027-03-01"), to: date("2027-05-01"))
    #expect(timeline.segments.map(\.value) == ["silver", "gold", "silver"])
    #expect(timeline[date("2027-02-28")] == "silver")
    #expect(timeline[date("2027-03-01")] == "gold")
    #expect(timeline[date("2027-05-01")] == "silver")
    #expect(timeline[date("2028-01-01")] == nil)
    timeline.set("silver", from: date("2027-03-01"), to: date("2027-05-01"))
    #expect(timeline == whole)
  }

  @Test("an error thrown for one value ends the map")
  func throwingMap() {
    struct Refused: Error {}
    let timeline = Timeline(1, from: date("2027-01-01"))
    #expect(throws: Refused.self) { try timeline.map { _ throws(Refused) -> Int in throw Refused() } }
  }

  @Test("an empty span traps")
  func traps() async {
    await #expect(processExitsWith: .failure) { _ = Timeline(1, from: .latest, to: .latest) }
    await #expect(processExitsWith: .failure) {
      var timeline = Timeline(1, from: .earliest)
      timeline.clear(from: .latest, to: .earliest)
    }
  }
}
