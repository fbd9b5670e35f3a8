// How long journeys took, from tallies by days: the median and the ninetieth percentile without listing each.

public import Contracts

/// Counts of completed journeys by whole days.
public struct DayCounts: Sendable {
  public var unfinished: Int64 = 0
  private var counts: [Int64: Int64] = [:]
  private var straightThrough: Int64 = 0

  public init() {}

  public mutating func add(days: Int64, count: Int64, straightThrough isStraightThrough: Bool) {
    counts[days, default: 0] += count
    if isStraightThrough { straightThrough += count }
  }

  /// Days within which a part of the completed journeys ended; 0 where none did.
  ///
  /// - Parameter percent: 1 to 100; nearest rank.
  public func days(percent: Int64) -> Int64 {
    let completed = counts.values.reduce(0, +)
    let rank = max(1, (completed * percent + 99) / 100)
    var seen: Int64 = 0
    for (days, count) in counts.sorted(by: { $0.key < $1.key }) {
      seen += count
      if seen >= rank { return days }
    }
    return 0
  }

  public func journey(named name: String) -> Premia_Common_V1_Journey {
    let completed = counts.values.reduce(0, +)
    var journey = Premia_Common_V1_Journey()
    journey.name = name
    journey.started = completed + unfinished
    journey.completed = completed
    journey.medianDays = days(percent: 50)
    journey.ninetiethPercentileDays = days(percent: 90)
    journey.straightThroughBasisPoints = completed == 0 ? 0 : straightThrough * 10_000 / completed
    return journey
  }
}
