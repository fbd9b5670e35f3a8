// The words of each refusal: its name for programs, what was wrong, and what to do about it.

package import Kernel

extension Policy.Refusal {
  package var problem: Problem {
    let (kind, code) = name
    return Problem(kind: kind, code: "policy.\(code)", detail: detail, remedy: remedy, fields: fields)
  }

  private var name: (kind: Problem.Kind, code: String) {
    switch self {
    case .unknown: (.notFound, "unknown")
    case .alreadyApplied: (.conflict, "already_applied")
    case .notApplied: (.precondition, "not_applied")
    case .notPendingPayment: (.precondition, "not_pending_payment")
    case .notInForce: (.precondition, "not_in_force")
    case .alreadyEnding: (.conflict, "already_ending")
    case .endedByDeath: (.precondition, "ended_by_death")
    case .endsByDunning: (.precondition, "ends_by_dunning")
    case .noExchange: (.invalid, "no_exchange")
    case .notEnding: (.precondition, "not_ending")
    case .cancelled: (.conflict, "cancelled")
    case .voided: (.conflict, "voided")
    case .nothingDue: (.precondition, "nothing_due")
    case .notOneSubscriber: (.invalid, "not_one_subscriber")
    case .memberTwice: (.invalid, "member_twice")
    case .secondSpouse: (.invalid, "second_spouse")
    case .notCovered: (.invalid, "not_covered")
    case .subscriberStays: (.invalid, "subscriber_stays")
    case .unborn: (.invalid, "unborn")
    case .noNewChild: (.precondition, "no_new_child")
    case .coveredElsewhere: (.conflict, "covered_elsewhere")
    case .tooOld: (.precondition, "too_old")
    case .tooYoung: (.precondition, "too_young")
    case .agesOut: (.precondition, "ages_out")
    case .endNotAfterStart: (.invalid, "end_not_after_start")
    case .beforeStart: (.invalid, "before_start")
    case .afterEnd: (.invalid, "after_end")
    case .tooFarBack, .endTooFarBack: (.precondition, "too_far_back")
    case .tooFarAhead, .endTooFarAhead: (.precondition, "too_far_ahead")
    case .effectiveMissing: (.invalid, "effective_date_missing")
    case .otherEffectiveDate: (.precondition, "other_effective_date")
    case .eventMissing: (.invalid, "event_date_missing")
    case .eventToCome: (.invalid, "event_to_come")
    case .outsideWindow: (.precondition, "outside_window")
    case .reasonDoesNotFit: (.invalid, "reason_does_not_fit")
    case .nothingChanges: (.conflict, "nothing_changes")
    case .otherState: (.precondition, "other_state")
    case .negativeSubsidy: (.invalid, "negative_subsidy")
    case .otherCurrency: (.invalid, "other_currency")
    case .ratesDoNotFit: (.conflict, "rates_do_not_fit")
    case .ratesFixed: (.precondition, "rates_fixed")
    case .noticeTooShort: (.precondition, "notice_too_short")
    case .otherPlan: (.conflict, "other_plan")
    case .binderNeeded: (.precondition, "binder_needed")
    case .addOnTwice: (.conflict, "add_on_twice")
    case .addOnNotHeld: (.invalid, "add_on_not_held")
    case .addOnKindTwice: (.conflict, "add_on_kind_twice")
    case .addOnReason: (.invalid, "add_on_reason")
    case .alreadyPaused: (.conflict, "already_paused")
    case .notPaused: (.precondition, "not_paused")
    case .mayNotPause: (.precondition, "may_not_pause")
    case .pauseTooLong: (.precondition, "pause_too_long")
    case .pausesOverlap: (.conflict, "pauses_overlap")
    case .resumesOutside: (.invalid, "resumes_outside")
    case .resumesInPast: (.precondition, "resumes_in_past")
    case .alreadyRenewed: (.conflict, "already_renewed")
    case .outsideRenewal: (.precondition, "outside_renewal")
    case .freeLookOver: (.precondition, "free_look_over")
    case .noGroundForRescission: (.invalid, "no_ground_for_rescission")
    case .rescissionNoticed: (.conflict, "rescission_noticed")
    case .noRescissionNotice: (.precondition, "no_rescission_notice")
    case .rescissionTooEarly: (.precondition, "rescission_too_early")
    case .tooLateToReinstate: (.precondition, "too_late_to_reinstate")
    }
  }

  private var detail: String {
    switch self {
    case .unknown: "There is no such policy."
    case .alreadyApplied: "This policy has been applied for already."
    case .notApplied(let status): "Only an application can be bound; the policy is \(status)."
    case .notPendingPayment(let status):
      "Only a policy that waits for its binder payment can be issued; this one is \(status)."
    case .notInForce(let status): "Only a policy in force can be changed so; this one is \(status)."
    case .alreadyEnding(let date): "The policy ends on \(date) already."
    case .endedByDeath(let date): "The policy ends on \(date) because its subscriber died (45 CFR 155.430(d))."
    case .endsByDunning:
      "Only Billing's dunning ends a policy for non-payment, once the grace of what is past due is over "
        + "(45 CFR 156.270)."
    case .noExchange(let channel):
      "The policy was sold \(channel.rawValue): no exchange and no group decides its end (45 CFR 155.430(b))."
    case .notEnding: "The policy has no end that could be taken back."
    case .cancelled: "The policy was cancelled before it came into force."
    case .voided: "The policy was voided from its beginning, as if it had never been."
    case .nothingDue(let next): "Nothing takes effect \(next.map { "before \($0)" } ?? "any more")."
    case .notOneSubscriber(let count): "A policy has one subscriber; this one would have \(count)."
    case .memberTwice(let party): "\(party) would be covered twice by the same policy."
    case .secondSpouse: "A policy covers one spouse at a time."
    case .notCovered(let party, let date): "\(party) is not covered on \(date)."
    case .subscriberStays: "A policy cannot be without its subscriber."
    case .unborn(let party, let born, let date): "\(party) was born on \(born), after \(date)."
    case .noNewChild(let reason, let date):
      "The policy has no child who came by \(reason.rawValue) on \(date); who joins for its sake comes with it or "
        + "after it (45 CFR 155.420(d)(2))."
    case .coveredElsewhere(let party, let policy, let date):
      "\(party) is covered by \(policy) already, on \(date) or later."
    case .tooOld(let party, let limit, let rule): "\(party) is no longer below \(limit) (\(rule))."
    case .tooYoung(let party, let until, let rule): "\(party) is covered as a child until \(until) (\(rule))."
    case .agesOut(let party, let end, let rule):
      "\(party) leaves by age on \(end); that is not recorded yet (\(rule))."
    case .endNotAfterStart(let end, let start): "What began on \(start) cannot end on \(end)."
    case .beforeStart(let date, let start): "The policy began on \(start); nothing can change from \(date)."
    case .afterEnd(let date, let end): "The policy ends on \(end); nothing can change from \(date)."
    case .tooFarBack(let date, let earliest, let rule), .endTooFarBack(let date, let earliest, let rule):
      "\(date) is too far back: the earliest day is \(earliest) (\(rule))."
    case .tooFarAhead(let date, let latest, let rule), .endTooFarAhead(let date, let latest, let rule):
      "\(date) is too far ahead: the latest day is \(latest) (\(rule))."
    case .effectiveMissing(let reason): "A change by reason of \(reason.rawValue) does not say from when."
    case .otherEffectiveDate(let asked, let due, let rule):
      "The change holds from \(due), not from \(asked)\(rule.isEmpty ? "" : " (\(rule))")."
    case .eventMissing(let reason): "A change by reason of \(reason.rawValue) does not say when that was."
    case .eventToCome(let reason, let date): "The \(reason.rawValue) of \(date) has not happened yet."
    case .outsideWindow(let reason, let event, let today, let rule):
      "\(today) is outside the window of \(reason.rawValue)\(event.map { " on \($0)" } ?? "") (\(rule))."
    case .reasonDoesNotFit(let reason, let change): "\(reason.rawValue) is no reason for \(change)."
    case .nothingChanges: "The policy says so already."
    case .otherState(let from, let to): "The plan is sold in \(from); it cannot follow to \(to)."
    case .negativeSubsidy: "The tax credit is negative."
    case .otherCurrency(let currency, let premium): "The tax credit is in \(currency), the premium in \(premium)."
    case .ratesFixed(let date):
      "Rates of a policy of the exchange hold for its term; \(date) is within one (45 CFR 156.210)."
    case .noticeTooShort(let date, let earliest, let rule):
      "The holder is told in time of other rates: from \(earliest) on, not from \(date) (\(rule))."
    case .otherPlan(let plan, let date): "The policy is not on the plan \(plan) on \(date)."
    case .binderNeeded:
      "On the exchange the first premium is paid before a policy comes into force (45 CFR 155.400(e)), not in arrears."
    case .addOnTwice(let plan): "The policy has the add-on \(plan) already, or is to have it."
    case .addOnNotHeld(let plan, let date): "The policy has no add-on \(plan), on \(date) or later."
    case .addOnKindTwice(let kind, let plans):
      "A policy has one \(kind.rawValue) add-on at a time; this one would have \(plans.joined(separator: " and "))."
    case .addOnReason(let reason, let change, let allowed, let rule):
      "\(reason.rawValue) is no reason for \(change); \(allowed.map(\.rawValue).joined(separator: ", ")) are (\(rule))."
    case .ratesDoNotFit(let wanted, let got): "Rates are needed from \(wanted); there are some from \(got)."
    case .alreadyPaused: "The policy is paused already."
    case .notPaused: "The policy is not paused."
    case .mayNotPause(let reason, let why, let rule):
      "This policy may not be paused by reason of \(reason.rawValue): \(why) (\(rule))."
    case .pauseTooLong(let days, let most, let rule): "A pause of \(days) days is too long: \(most) at most (\(rule))."
    case .pausesOverlap(let from, let until): "The policy pauses from \(from) until \(until) already."
    case .resumesOutside(let date, let from, let until):
      "The pause is from \(from) until \(until); it cannot end on \(date)."
    case .resumesInPast(let date, let today): "Days that have passed, from \(date) to \(today), cannot be covered now."
    case .alreadyRenewed(let date): "The term that starts on \(date) is decided already."
    case .outsideRenewal(let opens, let closes, let rules):
      "The next term is decided from \(opens) to \(closes) (\(rules.joined(separator: ", ")))."
    case .freeLookOver(let last, let rule): "The policy could be given back until \(last) (\(rule))."
    case .noGroundForRescission(let reason, let rule):
      "\(reason.rawValue) does not void a policy; only fraud or intentional misrepresentation does (\(rule))."
    case .rescissionNoticed(let date): "Notice of the rescission was given on \(date) already."
    case .noRescissionNotice(let days, let rule): "The holder has had no notice of \(days) days (\(rule))."
    case .rescissionTooEarly(let date, let rule): "The notice runs until \(date) (\(rule))."
    case .tooLateToReinstate(let last, let rule): "The policy could be reinstated until \(last) (\(rule))."
    }
  }

  private var remedy: String {
    switch self {
    case .unknown: "Check its identifier."
    case .alreadyApplied: "Look at the policy; a new one needs a new quote."
    case .notApplied: "Nothing needs to be done where it is bound already."
    case .notPendingPayment: "Bind it first, or leave it where it is in force already."
    case .notInForce: "Look at the policy for what can be done in its stage."
    case .alreadyEnding: "An earlier end can be sent as it is; reinstate it first where that end is to be taken back."
    case .endedByDeath: "Where the death was reported in error, reinstate it with the reason \(Policy.deathInError)."
    case .endsByDunning: "Leave it to the dunning; end it by reason of voluntary where the holder asks for it."
    case .noExchange: "Choose voluntary, death or moved."
    case .cancelled, .voided, .freeLookOver: "Apply with a new quote for new coverage, or end this one with a date."
    case .notEnding, .nothingChanges, .alreadyPaused, .notPaused, .rescissionNoticed, .alreadyRenewed:
      "Nothing needs to be done."
    case .nothingDue: "Wait for that day."
    case .notOneSubscriber: "Mark exactly one person as the subscriber."
    case .memberTwice: "Name each person once; remove the earlier membership first."
    case .secondSpouse: "Remove the former spouse first."
    case .notCovered: "Look at the members of the policy and their days."
    case .subscriberStays: "Terminate the policy; the others apply for one of their own."
    case .unborn: "Correct the birth date, or the day of the change."
    case .noNewChild:
      "Correct the day of the event: a newborn's birth date. For the others of the household, add the child first."
    case .coveredElsewhere: "Remove the person there first, or choose a day behind that coverage."
    case .tooOld: "Apply for a policy of their own."
    case .tooYoung: "Remove the member by reason of request, or wait for that day."
    case .agesOut: "Remove the member by reason of age."
    case .endNotAfterStart:
      "Choose an end after the start. Undoing a policy from its start is a return or a rescission."
    case .beforeStart, .afterEnd: "Choose a day on which the policy is in force."
    case .tooFarBack, .tooFarAhead, .endTooFarBack, .endTooFarAhead: "Choose a day within the limit."
    case .effectiveMissing: "Send effective_date."
    case .otherEffectiveDate: "Send that day, or leave effective_date empty."
    case .eventMissing: "Send event_date."
    case .eventToCome: "Send the change once it has happened."
    case .outsideWindow:
      "Wait for open enrolment, or send the change with an event of the last 60 days that allows it."
    case .reasonDoesNotFit: "Choose a reason that the change can have."
    case .otherState: "Terminate the policy by reason of moved, and quote in the new state."
    case .negativeSubsidy, .otherCurrency: "Send the monthly tax credit in the premium's currency, zero or more."
    case .ratesFixed: "Nothing needs to be done: the next term has the new rates."
    case .noticeTooShort: "Publish the rates from a later day, or leave them to the next term."
    case .otherPlan, .addOnTwice: "Nothing needs to be done."
    case .binderNeeded: "Apply in advance; the account can be billed in arrears once the policy is in force."
    case .addOnNotHeld: "Look at the add-ons of the policy's premium and their days."
    case .addOnKindTwice: "Remove the other one from the same day on first."
    case .addOnReason: "Choose one of these, or wait for open enrolment."
    case .ratesDoNotFit: "Send the change again; report it if it is refused again."
    case .mayNotPause: "Terminate the policy instead."
    case .pauseTooLong: "Choose an earlier day to resume."
    case .pausesOverlap: "Resume that pause first, or choose other days."
    case .resumesOutside: "Choose a day inside the pause."
    case .resumesInPast: "Choose today or a later day."
    case .outsideRenewal: "Send it within these days."
    case .noGroundForRescission: "Terminate the policy instead."
    case .noRescissionNotice: "Give notice first."
    case .rescissionTooEarly: "Send it on that day or later."
    case .tooLateToReinstate: "Apply with a new quote."
    }
  }

  private var fields: [String: String] {
    switch self {
    case .notOneSubscriber(let count): ["applicants": "have \(count) subscribers"]
    case .memberTwice(let party): ["party_id": "is \(party), who is covered already"]
    case .negativeSubsidy: ["aptc": "is negative"]
    case .otherCurrency(let currency, _): ["aptc": "is in \(currency)"]
    case .endNotAfterStart(_, let start): ["end_date": "is not after \(start)"]
    case .beforeStart, .afterEnd, .tooFarBack, .tooFarAhead: ["effective_date": "is not allowed"]
    case .endTooFarBack(_, let earliest, _): ["end_date": "is before \(earliest)"]
    case .endTooFarAhead(_, let latest, _): ["end_date": "is after \(latest)"]
    case .effectiveMissing: ["effective_date": "is missing"]
    case .otherEffectiveDate(_, let due, _): ["effective_date": "is to be \(due)"]
    case .noNewChild(_, let date): ["event_date": "is \(date)"]
    case .coveredElsewhere(let party, _, _): ["party_id": "is \(party), who is covered already"]
    case .endsByDunning: ["reason": "is non_payment"]
    case .noExchange: ["reason": "is exchange"]
    case .endedByDeath: ["reason": "is not \(Policy.deathInError)"]
    case .eventMissing: ["event_date": "is missing"]
    case .eventToCome(_, let date): ["event_date": "is \(date), a day to come"]
    case .reasonDoesNotFit(let reason, _), .addOnReason(let reason, _, _, _): ["reason": "is \(reason.rawValue)"]
    case .addOnTwice(let plan), .addOnNotHeld(let plan, _): ["plan_id": "is \(plan)"]
    case .noGroundForRescission(let reason, _): ["reason": "is \(reason.rawValue)"]
    case .unknown, .alreadyApplied, .notApplied, .notPendingPayment, .notInForce, .alreadyEnding, .notEnding,
      .cancelled, .voided, .nothingDue, .secondSpouse, .notCovered, .subscriberStays, .unborn, .tooOld, .tooYoung,
      .agesOut,
      .outsideWindow, .nothingChanges, .otherState, .ratesDoNotFit, .ratesFixed, .noticeTooShort, .otherPlan,
      .binderNeeded, .addOnKindTwice, .alreadyPaused, .notPaused, .mayNotPause,
      .pauseTooLong, .pausesOverlap, .resumesOutside, .resumesInPast, .alreadyRenewed, .outsideRenewal,
      .freeLookOver, .rescissionNoticed, .noRescissionNotice, .rescissionTooEarly, .tooLateToReinstate:
      [:]
    }
  }
}
