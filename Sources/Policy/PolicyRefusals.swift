// Why a policy may refuse. The words of each are in PolicyRefusals+Words.

package import Kernel

extension Policy {
  package enum Refusal: Kernel.Refusal, Hashable {
    // Where it stands.
    case unknown
    case alreadyApplied
    case notApplied(status: String)
    case notPendingPayment(status: String)
    case notInForce(status: String)
    case alreadyEnding(on: CalendarDate)
    case endedByDeath(on: CalendarDate)
    case endsByDunning
    case noExchange(Channel)
    case notEnding
    case cancelled
    case voided
    case nothingDue(next: CalendarDate?)

    // Who is covered.
    case notOneSubscriber(Int)
    case memberTwice(String)
    case secondSpouse
    case notCovered(String, on: CalendarDate)
    case subscriberStays
    case unborn(String, born: CalendarDate, on: CalendarDate)
    case noNewChild(ChangeReason, on: CalendarDate)
    case coveredElsewhere(String, policy: String, from: CalendarDate)
    case tooOld(String, limit: Int, rule: String)
    case tooYoung(String, until: CalendarDate, rule: String)
    case agesOut(String, on: CalendarDate, rule: String)

    // From when.
    case endNotAfterStart(end: CalendarDate, start: CalendarDate)
    case beforeStart(CalendarDate, start: CalendarDate)
    case afterEnd(CalendarDate, end: CalendarDate)
    case tooFarBack(CalendarDate, earliest: CalendarDate, rule: String)
    case tooFarAhead(CalendarDate, latest: CalendarDate, rule: String)
    case endTooFarBack(CalendarDate, earliest: CalendarDate, rule: String)
    case endTooFarAhead(CalendarDate, latest: CalendarDate, rule: String)
    case effectiveMissing(ChangeReason)
    case otherEffectiveDate(asked: CalendarDate, due: CalendarDate, rule: String)
    case eventMissing(ChangeReason)
    case eventToCome(ChangeReason, on: CalendarDate)
    case outsideWindow(ChangeReason, event: CalendarDate?, today: CalendarDate, rule: String)
    case reasonDoesNotFit(ChangeReason, change: String)

    // What changes.
    case nothingChanges
    case otherState(from: String, to: String)
    case negativeSubsidy
    case otherCurrency(String, premium: String)
    case ratesDoNotFit(wanted: [CalendarDate], got: [CalendarDate])
    case ratesFixed(on: CalendarDate)
    case noticeTooShort(CalendarDate, earliest: CalendarDate, rule: String)
    case otherPlan(String, on: CalendarDate)
    case binderNeeded

    // Add-ons.
    case addOnTwice(String)
    case addOnNotHeld(String, on: CalendarDate)
    case addOnKindTwice(AddOnKind, [String])
    case addOnReason(ChangeReason, change: String, allowed: [ChangeReason], rule: String)

    // Pauses.
    case alreadyPaused
    case notPaused
    case mayNotPause(PauseReason, why: String, rule: String)
    case pauseTooLong(days: Int, most: Int, rule: String)
    case pausesOverlap(from: CalendarDate, until: CalendarDate)
    case resumesOutside(CalendarDate, from: CalendarDate, until: CalendarDate)
    case resumesInPast(CalendarDate, today: CalendarDate)

    // Renewal, return, rescission, reinstatement.
    case alreadyRenewed(from: CalendarDate)
    case outsideRenewal(opens: CalendarDate, closes: CalendarDate, rules: [String])
    case freeLookOver(last: CalendarDate, rule: String)
    case noGroundForRescission(EndReason, rule: String)
    case rescissionNoticed(on: CalendarDate)
    case noRescissionNotice(days: Int, rule: String)
    case rescissionTooEarly(from: CalendarDate, rule: String)
    case tooLateToReinstate(last: CalendarDate, rule: String)
  }
}
