// The pure core: given, when, then.

import Kernel
import Ledger
import Runtime
import Testing

@Suite struct JournalTests {
  private let cause = Cause(eventID: World.eventID(1), type: "Payment.Posted")

  private func entry(_ cause: Cause, debit: Int64 = 100, credit: Int64 = 100) -> JournalEntry {
    JournalEntry(
      cause: cause, words: "a payment",
      postings: [
        Posting(.cashClearing, .debit, Money(cents: debit), policyID: "pol_1"),
        Posting(.memberCredits, .credit, Money(cents: credit), policyID: "pol_1"),
      ])
  }

  @Test func anEntryIsPostedOnce() throws {
    let events = try Journal.decide(.post(entry(cause)), in: .blank)
    #expect(events == [.entryPosted(entry(cause))])
    #expect(try Journal.decide(.post(entry(cause)), in: Journal.replay(events)) == [])
  }

  @Test func anEntryThatDoesNotBalanceIsRefused() {
    #expect(throws: Journal.Refusal.unbalanced(cause, debit: Money(cents: 100), credit: Money(cents: 99))) {
      try Journal.decide(.post(entry(cause, credit: 99)), in: .blank)
    }
  }

  @Test func anEntryNeverTakesThePlaceOfAnother() {
    let other = Cause(eventID: World.eventID(2), type: "Payment.Posted")
    #expect(throws: Journal.Refusal.placeTaken(by: other, wanted: cause)) {
      try Journal.decide(.post(entry(cause)), in: .posted(for: other))
    }
  }

  @Test func anEntryIsNamedAndDatedByItsEvent() {
    #expect(cause.at == World.start)
    #expect(entry(cause).on.description == "2026-03-01")
    #expect(cause.entryID.description.hasPrefix("jrn_"))
    #expect(cause.entryID == Cause(eventID: World.eventID(1), type: "Payment.Posted").entryID)
    #expect(cause.entryID != Cause(eventID: World.eventID(2), type: "Payment.Posted").entryID)
  }

  @Test func everyRefusalSaysWhatAndWhatToDo() {
    let refusals: [(Journal.Refusal, String)] = [
      (.unnamedEvent("x"), "ledger.unnamed_event"),
      (.foreignCurrency("EUR", in: cause), "ledger.foreign_currency"),
      (.unknownLine(kind: "gift", invoiceID: "inv_1"), "ledger.unknown_line"),
      (.unbalanced(cause, debit: .zero, credit: Money(cents: 1)), "ledger.unbalanced"),
      (.placeTaken(by: cause, wanted: cause), "ledger.place_taken"),
    ]
    for (refusal, code) in refusals {
      #expect(refusal.problem.code == code)
      #expect(!refusal.problem.detail.isEmpty && !refusal.problem.remedy.isEmpty)
    }
  }
}
