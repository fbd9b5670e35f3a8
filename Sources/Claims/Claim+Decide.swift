// Commands to events.

import Kernel
import Runtime

extension Claim {
  static func decide(_ command: Command, in state: State) throws(ClaimRefusal) -> [Event] {
    switch command {
    case .file(let id, let claim, let facts, let today): try file(id, claim, facts, on: today, in: state)
    case .judge(let facts, let today): try judge(facts, on: today, in: state)
    case .pay(let payout, let amount): try pay(payout, amount, in: state)
    }
  }

  private static func file(
    _ id: ClaimID, _ claim: FiledClaim, _ facts: Facts, on today: CalendarDate, in state: State
  ) throws(ClaimRefusal) -> [Event] {
    guard case .unfiled = state else { throw .alreadyFiled(id) }
    try check(claim, today)
    let filed = Event.filed(Filed(id: id, claim: claim, insured: facts.insured))
    // What is missing is missing whether the premium comes or not.
    if facts.waits, claim.missing.isEmpty { return [filed, .pended(on: today)] }
    return [filed, answer(claim, facts, on: today)]
  }

  private static func judge(
    _ facts: Facts, on today: CalendarDate, in state: State
  ) throws(ClaimRefusal) -> [Event] {
    switch state {
    case .unfiled: throw .notFiled
    case .filed, .approved, .denied, .paid: return []
    case .pended(let filed): return facts.waits ? [] : [answer(filed.claim, facts, on: today)]
    }
  }

  private static func answer(_ claim: FiledClaim, _ facts: Facts, on today: CalendarDate) -> Event {
    let decision = Decision(judgement: Adjudication.judge(claim, facts), on: today)
    return decision.judgement.isDenied ? .denied(decision) : .approved(decision)
  }

  /// What no answer could be written to.
  private static func check(_ claim: FiledClaim, _ today: CalendarDate) throws(ClaimRefusal) {
    guard claim.frequency == FiledClaim.original else { throw .frequency(claim.frequency) }
    guard (1...FiledClaim.mostLines).contains(claim.lines.count) else { throw .lineCount(claim.lines.count) }
    var numbers: Set<Int> = []
    for line in claim.lines {
      guard numbers.insert(line.number).inserted else { throw .lineNumberTwice(line.number) }
      guard line.firstDay <= line.lastDay else { throw .daysReversed(line: line.number) }
    }
    guard claim.receivedOn <= today else { throw .receivedInFuture(claim.receivedOn, today: today) }
  }

  private static func pay(_ payout: Payout, _ amount: Money, in state: State) throws(ClaimRefusal) -> [Event] {
    switch state {
    case .unfiled, .filed, .pended: throw .notFiled
    case .denied(let filed, _): throw .denied(filed.id)
    case .paid(let filed, _, let earlier):
      guard earlier.id == payout.id else { throw .paidBefore(filed.id, by: earlier.id) }
      return []
    case .approved(let filed, let decision):
      let due = decision.judgement.paid
      guard due.isPositive else { throw .nothingToPay(filed.id) }
      guard amount == due else { throw .amountDiffers(filed.id, due: due, paid: amount) }
      return [.paid(payout)]
    }
  }
}
