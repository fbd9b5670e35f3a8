// The pure parts of a line: tables with a clock that is told what time it is.

import Testing

@testable import Courier

private let start = ContinuousClock.Instant.now

private func at(_ milliseconds: Int) -> ContinuousClock.Instant { start + .milliseconds(milliseconds) }

@Suite("Breaker")
struct BreakerTests {
  enum Step {
    case admitted(at: Int)
    case refused(at: Int, rests: Int)
    case answered
    case failed(at: Int)
    case abandoned(at: Int)
  }

  /// Two failures open it, for 100 ms at first and 400 ms at most.
  @Test(
    "what it lets through",
    arguments: [
      (
        "an answer forgets the failures before it",
        [.failed(at: 0), .answered, .failed(at: 1), .admitted(at: 2)]
      ),
      (
        "failures in a row open it, until it has rested",
        [.failed(at: 0), .failed(at: 10), .refused(at: 20, rests: 90), .refused(at: 109, rests: 1), .admitted(at: 110)]
      ),
      (
        "one tries, the others wait",
        [.failed(at: 0), .failed(at: 0), .admitted(at: 100), .refused(at: 101, rests: 100)]
      ),
      (
        "an answer to the one who tries closes it",
        [.failed(at: 0), .failed(at: 0), .admitted(at: 100), .answered, .admitted(at: 101), .admitted(at: 101)]
      ),
      (
        "each failure of one who tries doubles the rest, up to the longest",
        [
          .failed(at: 0), .failed(at: 0), .admitted(at: 100), .failed(at: 100), .refused(at: 100, rests: 200),
          .admitted(at: 300), .failed(at: 300), .refused(at: 300, rests: 400), .admitted(at: 700), .failed(at: 700),
          .refused(at: 700, rests: 400),
        ]
      ),
      (
        "one who tries and gives up leaves it to the next",
        [.failed(at: 0), .failed(at: 0), .admitted(at: 100), .abandoned(at: 110), .admitted(at: 110)]
      ),
      (
        "what was under way when it opened changes nothing",
        [.failed(at: 0), .failed(at: 0), .answered, .failed(at: 5), .abandoned(at: 6), .refused(at: 10, rests: 90)]
      ),
    ] as [(String, [Step])])
  func table(_ name: String, _ steps: [Step]) {
    var breaker = Breaker(failures: 2, shortestRest: .milliseconds(100), longestRest: .milliseconds(400))
    for step in steps {
      switch step {
      case .admitted(let time): #expect(breaker.admit(at: at(time)) == nil, "\(name): \(step)")
      case .refused(let time, let rest):
        #expect(breaker.admit(at: at(time)) == .milliseconds(rest), "\(name): \(step)")
      case .answered: breaker.answered()
      case .failed(let time): breaker.failed(at: at(time))
      case .abandoned(let time): breaker.abandoned(at: at(time))
      }
    }
  }
}

@Suite("Bulkhead")
struct BulkheadTests {
  @Test("places first, then the bench, then nothing; who waits comes in first come first served")
  func order() {
    var bulkhead = Bulkhead(places: 1, seats: 2)
    #expect(bulkhead.enter(mayWait: true) == .inside)
    #expect(bulkhead.enter(mayWait: false) == .full)
    #expect(bulkhead.enter(mayWait: true) == .waits(1))
    #expect(bulkhead.enter(mayWait: true) == .waits(2))
    #expect(bulkhead.enter(mayWait: true) == .full)
    #expect(bulkhead.leave() == 1 && bulkhead.leave() == 2 && bulkhead.inside == 1)
    #expect(bulkhead.leave() == nil && bulkhead.inside == 0)
  }

  @Test("who stands up frees the seat; who is inside cannot stand up any more")
  func giveUp() {
    var bulkhead = Bulkhead(places: 1, seats: 1)
    _ = bulkhead.enter(mayWait: true)
    #expect(bulkhead.enter(mayWait: true) == .waits(1))
    #expect(bulkhead.giveUp(1) && !bulkhead.giveUp(1))
    #expect(bulkhead.enter(mayWait: true) == .waits(2))
    #expect(bulkhead.leave() == 2)
    #expect(!bulkhead.giveUp(2) && bulkhead.inside == 1)
  }
}

@Suite("Budget")
struct BudgetTests {
  @Test("extra attempts are what was saved, and ten in a hundred calls from then on")
  func extras() {
    var budget = Budget(percent: 10, saved: 3)
    var extra = 0
    for _ in 0..<1_000 {
      _ = budget.announce()
      #expect(budget.attempt() == .first)
      if budget.attempt() == .extra { extra += 1 }
    }
    #expect((100...103).contains(extra))
  }

  @Test("calls that run at the same time have a first attempt each")
  func atOnce() {
    var budget = Budget(percent: 10, saved: 1)
    for _ in 0..<5 { _ = budget.announce() }
    for _ in 0..<5 { #expect(budget.attempt() == .first) }
    #expect(budget.attempt() == .extra && budget.attempt() == .refused)
  }

  @Test("a call may not be repeated where nothing is left")
  func empty() {
    var budget = Budget(percent: 0, saved: 0)
    #expect(!budget.announce() && budget.attempt() == .first && budget.attempt() == .refused)
  }
}

@Suite("Latencies")
struct LatenciesTests {
  @Test("the 95th percentile is known after 32 calls, and follows the last 128")
  func percentile() {
    var latencies = Latencies()
    for number in 1...31 { latencies.add(.milliseconds(number)) }
    #expect(latencies.p95 == nil)
    for number in 32...100 { latencies.add(.milliseconds(number)) }
    #expect(latencies.p95 == .milliseconds(92))
    for _ in 0..<128 { latencies.add(.milliseconds(1)) }
    #expect(latencies.p95 == .milliseconds(1))
  }
}
