import Kernel
import Runtime
import Testing

@testable import Billing

/// Whatever is paid, declined or changed, and when.
@Suite struct DunningPropertyTests {
  @Test(arguments: 1...200) func anOverdueAccountHasOneNextStepAndTakesNoneTwice(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let charge = Bool.random(using: &random) ? silver : subsidised
    let state = ["TX", "CA", "OR", "NY"].randomElement(using: &random) ?? "TX"
    var story = try Story.paidForJanuary(charge, in: state)
    var attempts: [InvoiceAttempt: Int] = [:]
    for offset in 0..<300 {
      let today = day("2027-01-10").adding(days: offset)
      try take(.bill(asOf: today, draft: false), &story, &attempts)
      switch Int.random(in: 0..<40, using: &random) {
      case 0:
        let cents = Int64.random(in: 1..<70_000, using: &random)
        try take(.applyPayment(Given.payment, Money(cents: cents), invoice: nil, on: today), &story, &attempts)
      case 1:
        guard let invoice = story.state.open.randomElement(using: &random) else { continue }
        let declined = Account.DeclinedCharge(
          invoice: story.state.id(of: invoice.key), attempt: Int.random(in: 1..<6, using: &random),
          method: Bool.random(using: &random) ? .card : .bank, decline: .soft)
        try take(.takeDecline(declined, on: today), &story, &attempts)
      case 2:
        var timeline = story.state.timeline
        let cents = Int64.random(in: 20_000..<60_000, using: &random)
        let from = max(timeline.start ?? today, today.adding(days: -Int.random(in: 0..<40, using: &random)))
        guard from >= story.state.closed.through else { continue }
        timeline.set(Charge(plan: "silver", grossCents: cents, aptcCents: charge.aptcCents), from: from, to: nil)
        try take(.change(timeline, on: today), &story, &attempts)
      default: break
      }
      check(story, on: today)
    }
    // Money is where it would be if nobody had been dunned.
    let bare = story.events.filter { if case .dunned = $0 { false } else { true } }
    var undunned = Account.replay(bare)
    undunned.dunning = story.state.dunning
    #expect(undunned == story.state)
  }

  private struct InvoiceAttempt: Hashable {
    let invoice: Account.InvoiceKey
    let attempt: Int
  }

  /// Gives a command, and holds each step against the table of stages and those before it.
  private func take(
    _ command: Account.Command, _ story: inout Story, _ attempts: inout [InvoiceAttempt: Int]
  ) throws {
    var state = story.state.dunning
    for event in try story.when(command) {
      switch event {
      case .pastDue(let key): state.fallBehind(key.month)
      case .paid(let settlement): state.forget(settlement.key)
      case .voided(let void): state.forget(void.key)
      case .dunned(let step):
        let before = state.phase.stage
        state = Dunning.evolve(state, with: step)
        switch step {
        case .retryOrdered(let invoice, let attempt):
          attempts[InvoiceAttempt(invoice: invoice, attempt: attempt), default: 0] += 1
        case .retryPlanned, .referred: break
        case .graceStarted, .graceMoved, .noticed, .cured, .lapsed, .received, .reinstated, .reinstatementClosed:
          let isKnown = Dunning.stages.contains { $0 == (before, step.name, state.phase.stage) }
          #expect(isKnown, "\(before) \(step.name) \(state.phase.stage)")
        }
      case .writtenOff(let loss): state.forget(loss.key)
      case .opened, .started, .changed, .discounted, .levied, .shared, .rescheduled, .drafted, .issued, .adjusted,
        .closedCorrected, .takenOff, .refunded, .paymentApplied, .creditApplied:
        break
      }
    }
    #expect(attempts.values.allSatisfy { $0 == 1 })
    #expect(state == story.state.dunning)
  }

  private func check(_ story: Story, on today: CalendarDate) {
    let state = story.state
    let isOverdue = state.open.contains { $0.status == .pastDue && $0.openCents > 0 }
    switch state.dunning.phase {
    case .current: #expect(!isOverdue)
    case .inGrace(let grace):
      #expect(state.dunning.next.map { $0.on > today } == true)
      #expect(grace.start < grace.end && grace.terminateOn <= grace.end)
      #expect(Set(grace.notices).count == grace.notices.count)
    case .lapsed: #expect(state.dunning.next.map { $0.on > today } == true)
    case .ended: #expect(state.dunning.next == nil)
    }
    #expect(Account.nextStep(for: state).map { $0 > Instant(date: today) } ?? true)
    do {
      let stored = try Account.stateForm.read(Account.stateForm.write(state))
      #expect(stored == state)
    } catch {
      Issue.record("\(error)")
    }
  }
}
