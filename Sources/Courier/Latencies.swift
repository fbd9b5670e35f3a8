// How long a method takes: a second attempt is made when the first takes longer than almost all did lately.

/// The durations of the last calls of one method.
struct Latencies: Sendable {
  private static let most = 128
  private static let fewest = 32
  private var ring: [Duration] = []
  private var next = 0
  /// Within which 95 of 100 of them ended, by nearest rank; nil until there are enough to tell.
  private(set) var p95: Duration?

  mutating func add(_ duration: Duration) {
    if ring.count < Self.most { ring.append(duration) } else { ring[next] = duration }
    next = (next + 1) % Self.most
    // It moves slowly: it is not worked out anew for every call.
    if ring.count >= Self.fewest, next.isMultiple(of: 16) {
      p95 = ring.sorted()[(ring.count * 95 + 99) / 100 - 1]
    }
  }
}
