// A change during the term: what is wished for, and what becomes of it under the rules.

package import Kernel

extension Policy {
  /// A fact that changes.
  package enum Change: Hashable, Sendable, Codable {
    case addMember(Person)
    case removeMember(party: String)
    case choosePlan(String)
    case addAddOn(String)
    case removeAddOn(String)
    case move(state: String, Place)
    case grantTaxCredit(Money)
    /// The rates of the plan as it is sold from that day on, instead of those of the term's first day.
    case adoptRates(plan: String)

    package var word: String {
      switch self {
      case .addMember: "member_added"
      case .removeMember: "member_removed"
      case .choosePlan: "plan_changed"
      case .addAddOn: "add_on_added"
      case .removeAddOn: "add_on_removed"
      case .move: "address_changed"
      case .grantTaxCredit: "tax_credit_changed"
      case .adoptRates: "rates_changed"
      }
    }

    /// Whether the rate depends on it.
    package var reprices: Bool {
      switch self {
      case .addMember, .removeMember, .choosePlan, .addAddOn, .removeAddOn, .move, .adoptRates: true
      case .grantTaxCredit: false
      }
    }
  }

  /// Why a fact changes. The reason decides from when.
  package enum ChangeReason: String, Hashable, Sendable, Codable, CaseIterable {
    case birth, adoption, marriage, divorce, death, moved, request
    case lossOfCoverage = "loss_of_coverage"
    case openEnrollment = "open_enrollment"
    /// A dependant has reached the age limit.
    case age
    /// The exchange decided, and says from when.
    case exchange
    /// A new edition of the plan has other rates.
    case rateChange = "rate_change"

    /// For which people are enrolled, plans are chosen, and add-ons are taken where their rules say so.
    package static let toEnrol: [Self] = [
      .birth, .adoption, .marriage, .divorce, .moved, .lossOfCoverage, .openEnrollment, .exchange,
    ]
    /// For which a member leaves.
    package static let toLeave: [Self] = [.divorce, .death, .request, .age, .exchange]
    package static let toMove: [Self] = [.moved, .exchange]
  }

  /// A change as somebody asks for it.
  package struct Wish: Hashable, Sendable {
    package let change: Change
    package let reason: ChangeReason
    /// The day of the birth, the marriage, the death.
    package let event: CalendarDate?
    /// Nil leaves it to the rule of the reason.
    package let effective: CalendarDate?
  }

  /// A change that the rules allow, from the day that they give it.
  package struct Endorsement: Hashable, Sendable, Codable {
    package let change: Change
    package let reason: ChangeReason
    package let event: CalendarDate?
    package let effective: CalendarDate
    /// The rules that gave its day and allowed it, such as "special_enrollment_window@1".
    package let rules: [String]
  }
}

extension Policy.Endorsement {
  /// The change that a wish becomes under the rules of today.
  ///
  /// - Throws: the rule that forbids it.
  package init(_ wish: Policy.Wish, of held: Policy.InForce, on today: CalendarDate) throws(Policy.Refusal) {
    let rules = LifecycleRules.shipped
    let due = try EffectiveDate(wish, of: held.terms, on: today, rules)
    if let asked = wish.effective, let given = due.date, asked != given {
      throw .otherEffectiveDate(asked: asked, due: given, rule: due.rule)
    }
    guard let effective = due.date ?? wish.effective else { throw .effectiveMissing(wish.reason) }
    let back = rules.figure(wish.retroactiveLimit, state: held.terms.state, on: today)
    let earliest = today.adding(days: -back.value)
    guard effective >= earliest else { throw .tooFarBack(effective, earliest: earliest, rule: back.reference) }
    let ahead = rules.figure(.advanceLimit, state: held.terms.state, on: today)
    let latest = today.adding(days: ahead.value)
    guard effective <= latest else { throw .tooFarAhead(effective, latest: latest, rule: ahead.reference) }
    guard effective >= held.terms.effectiveDate else {
      throw .beforeStart(effective, start: held.terms.effectiveDate)
    }
    if let end = held.ending?.on, effective >= end { throw .afterEnd(effective, end: end) }
    self.init(
      change: wish.change, reason: wish.reason, event: wish.event, effective: effective,
      rules: [due.rule, due.allowedBy, back.reference].filter { !$0.isEmpty })
  }
}

extension Policy.Wish {
  /// How far back it may reach: a death is often learned of late, and exchanges correct whole years.
  fileprivate var retroactiveLimit: LifecycleRules.Name {
    switch (reason, change) {
    case (.death, _): .retroactiveDeathLimit
    case (_, .grantTaxCredit): .retroactiveTaxCreditLimit
    case (_, .addMember), (_, .removeMember), (_, .choosePlan), (_, .addAddOn), (_, .removeAddOn), (_, .move),
      (_, .adoptRates):
      .retroactiveLimit
    }
  }
}

extension Policy.Terms {
  /// Whether a wish says that the subscriber has died: then it ends the policy.
  package func losesSubscriber(by wish: Policy.Wish) -> Bool {
    wish.change == .removeMember(party: subscriber?.partyID ?? "") && wish.reason == .death
  }

  /// Whether the change can be made to the facts as they are.
  ///
  /// - Throws: what stands against it.
  package func check(_ endorsement: Policy.Endorsement) throws(Policy.Refusal) {
    let effective = endorsement.effective
    switch endorsement.change {
    case .addMember(let person):
      try check(adding: person, from: effective)
      try check(person, joiningBy: endorsement)
    case .removeMember(let party):
      guard party != subscriber?.partyID else { throw .subscriberStays }
      guard let member = members.last(where: { $0.person.partyID == party && $0.isCovered(onOrAfter: effective) })
      else { throw .notCovered(party, on: effective) }
      guard member.from < effective else { throw .endNotAfterStart(end: effective, start: member.from) }
    case .choosePlan(let plan):
      if plans.value(on: effective) == plan { throw .nothingChanges }
    case .addAddOn(let plan):
      try check(adding: plan, from: effective)
    case .removeAddOn(let plan):
      try check(dropping: plan, from: effective)
    case .move(let state, let place):
      guard state == self.state else { throw .otherState(from: self.state, to: state) }
      if places.value(on: effective) == place { throw .nothingChanges }
    case .grantTaxCredit(let credit):
      if credit.isNegative { throw .negativeSubsidy }
      if let rate = rate(on: effective), credit.currency != rate.gross.currency {
        throw .otherCurrency(credit.currency.code, premium: rate.gross.currency.code)
      }
      if taxCredits.value(on: effective) == credit { throw .nothingChanges }
    case .adoptRates(let plan):
      guard holds(plan, on: effective) else { throw .otherPlan(plan, on: effective) }
    }
  }

  private func check(adding person: Policy.Person, from effective: CalendarDate) throws(Policy.Refusal) {
    for member in members where member.isCovered(onOrAfter: effective) {
      if member.person.partyID == person.partyID { throw .memberTwice(person.partyID) }
      if person.relationship == .spouse, member.person.relationship == .spouse { throw .secondSpouse }
    }
    if person.relationship == .subscriber { throw .notOneSubscriber(2) }
    guard let born = person.birthDate else { return }
    guard born <= effective else { throw .unborn(person.partyID, born: born, on: effective) }
    let limit = LifecycleRules.shipped.figure(.dependantAge, state: state, on: effective)
    if person.relationship == .child, born.age(on: effective) >= limit.value {
      throw .tooOld(person.partyID, limit: limit.value, rule: limit.reference)
    }
  }

  /// A birth or an adoption brings its child, and lets the others of the household join from the same day
  /// (45 CFR 155.420(d)(2)); it brings nobody where the policy has no such child.
  private func check(_ person: Policy.Person, joiningBy endorsement: Policy.Endorsement) throws(Policy.Refusal) {
    guard endorsement.reason == .birth || endorsement.reason == .adoption, let event = endorsement.event else { return }
    func isNew(_ person: Policy.Person, from start: CalendarDate) -> Bool {
      person.relationship == .child && event == (endorsement.reason == .birth ? person.birthDate : start)
    }
    if isNew(person, from: endorsement.effective) { return }
    let hasCome = members.contains { isNew($0.person, from: $0.from) && $0.isCovered(onOrAfter: event) }
    guard hasCome else { throw .noNewChild(endorsement.reason, on: event) }
  }

  /// Makes the change; it was checked.
  package mutating func make(_ endorsement: Policy.Endorsement) {
    let effective = endorsement.effective
    switch endorsement.change {
    case .addMember(let person):
      members.append(Policy.Member(person: person, from: effective, to: nil))
      // Whoever was added first, the members are listed alike.
      members.sort { ($0.from, $0.person.partyID) < ($1.from, $1.person.partyID) }
    case .removeMember(let party):
      for index in members.indices
      where members[index].person.partyID == party && members[index].isCovered(onOrAfter: effective) {
        members[index].to = effective
      }
    case .choosePlan(let plan):
      plans.set(plan, from: effective)
      // Who chooses a plan for the next year renews by it.
      if endorsement.reason == .openEnrollment, termStart(on: effective).year < effective.year {
        termStarts.append(effective)
        termStarts.sort()
      }
    case .addAddOn(let plan): take(addOn: plan, from: effective)
    case .removeAddOn(let plan): drop(addOn: plan, from: effective)
    case .move(_, let place): places.set(place, from: effective)
    case .grantTaxCredit(let credit): taxCredits.set(credit, from: effective)
    case .adoptRates(let plan):
      let adopted = Policy.AdoptedRates(plan: plan, from: effective)
      // A term begins with the rates of its first day.
      guard !termStarts.contains(effective), !adoptedRates.contains(adopted) else { break }
      adoptedRates.append(adopted)
      adoptedRates.sort { $0.from < $1.from }
    }
    note(rules: endorsement.rules)
  }
}
