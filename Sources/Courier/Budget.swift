// What may be asked twice: retries and hedges together are at most a part of all calls, so that trouble is not
// multiplied by those who wait for it to end.

/// A token bucket, in hundredths of an attempt. A call pays in; an attempt beyond its first takes one whole out.
///
/// The library counts attempts by itself and does not say which it makes. What is known is that a call is announced
/// once, and that each of its attempts opens a stream: one more stream than there are calls announced is an extra one.
struct Budget: Sendable {
  enum Attempt: Hashable, Sendable {
    case first
    case extra
    /// An extra one that there is nothing left for.
    case refused
  }

  private static let whole = 100
  /// What a call pays in.
  let percent: Int
  private let most: Int
  private var saved: Int
  private var announced = 0

  /// - Parameters:
  ///   - percent: extra attempts among a hundred calls, 0 to 100.
  ///   - saved: extra attempts that may be made at once, if none were made for long; also what there is at first.
  init(percent: Int, saved: Int) {
    self.percent = percent
    most = saved * Self.whole
    self.saved = most
  }

  /// A call begins. Says whether it may be made again or twice.
  mutating func announce() -> Bool {
    announced += 1
    saved = min(most, saved + percent)
    return saved >= Self.whole
  }

  /// An attempt begins.
  mutating func attempt() -> Attempt {
    if announced > 0 {
      announced -= 1
      return .first
    }
    guard saved >= Self.whole else { return .refused }
    saved -= Self.whole
    return .extra
  }
}
