// Bounds how many calls to one context run at once, and how many wait: a slow context holds up no more than that.

/// Places for calls, and a bench for those that wait, first come first served.
struct Bulkhead: Sendable {
  /// One who waits.
  typealias Ticket = UInt64

  enum Entry: Hashable, Sendable {
    case inside
    case waits(Ticket)
    case full
  }

  let places: Int
  let seats: Int
  private(set) var inside = 0
  private(set) var bench: [Ticket] = []
  private var lastTicket: Ticket = 0

  init(places: Int, seats: Int) {
    self.places = places
    self.seats = seats
  }

  mutating func enter(mayWait: Bool) -> Entry {
    if inside < places {
      inside += 1
      return .inside
    }
    guard mayWait, bench.count < seats else { return .full }
    lastTicket += 1
    bench.append(lastTicket)
    return .waits(lastTicket)
  }

  /// Gives a place back. The one who gets it, if somebody waits, is inside from now on.
  mutating func leave() -> Ticket? {
    guard !bench.isEmpty else {
      inside -= 1
      return nil
    }
    return bench.removeFirst()
  }

  /// Stands up from the bench; false for one who is inside already.
  mutating func giveUp(_ ticket: Ticket) -> Bool {
    guard let seat = bench.firstIndex(of: ticket) else { return false }
    bench.remove(at: seat)
    return true
  }
}
