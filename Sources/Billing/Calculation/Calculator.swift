// The lines that should exist on an account. A change calculates again the periods that it can reach, and no others.

import Kernel

/// What is left of the budgets of the discounts, which all subscriptions share.
typealias Budgets = [Int64?]

/// The lines that should exist, as they come due.
struct Calculator: Sendable {
  /// Where the walks are, and what was calculated to get there.
  private struct Mark: Sendable {
    let places: [PeriodWalk.Place]
    let budgets: Budgets
    let lines: Int
    /// The latest end of a period.
    let end: CalendarDate
  }

  /// In the order in which they came due.
  private(set) var lines: [ChargeLine] = []
  /// How many lines were ever calculated, those that a change calculated again each time.
  private(set) var effort = 0
  private var walks: [PeriodWalk] = []
  private var budgets: Budgets
  private var end = CalendarDate.earliest
  /// Before each day on which something came due, oldest first.
  private var marks: [Mark] = []

  init(_ agreement: Agreement) { budgets = agreement.discounts.map(\.budgetCents) }

  /// When the next lines come due; nil where none ever will.
  var nextDue: CalendarDate? {
    var next: CalendarDate?
    for index in walks.indices { next = .earlier(next, walks[index].due) }
    return next
  }

  /// Takes over a history that says the same of all days before a date.
  ///
  /// Periods that end before that date are the same then: what applies to a day, and where its period begins, follows
  /// from what is known of the days up to it.
  ///
  /// - Returns: the lines behind those that this leaves, which may no longer hold.
  @discardableResult
  mutating func take(_ history: History, from date: CalendarDate) -> [ChargeLine] {
    var mark = here
    while mark.end >= date, let earlier = marks.popLast() { mark = earlier }
    let doubtful = Array(lines[mark.lines...])
    lines.removeSubrange(mark.lines...)
    (budgets, end) = (mark.budgets, mark.end)
    walks = history.contracts.enumerated().map { index, contract in
      PeriodWalk(contract, in: history, at: index < mark.places.count ? mark.places[index] : .init())
    }
    return doubtful
  }

  /// Adds the lines of the periods that come due through a date.
  mutating func advance(through date: CalendarDate) throws(PreviewRefusal) {
    while let due = nextDue, due <= date {
      marks.append(here)
      for index in walks.indices where walks[index].due == due {
        if let period = walks[index].next { end = max(end, period.part.end) }
        try walks[index].advance(&budgets, adding: &lines)
      }
      effort += lines.count - (marks.last?.lines ?? 0)
    }
  }

  private var here: Mark { Mark(places: walks.map(\.place), budgets: budgets, lines: lines.count, end: end) }
}

extension CalendarDate {
  /// The earlier of two dates where there are two.
  static func earlier(_ one: CalendarDate?, _ other: CalendarDate?) -> CalendarDate? {
    guard let one, let other else { return one ?? other }
    return min(one, other)
  }
}
