// Loss of dependant age: who is covered as a child leaves at the end of the month of the birthday that the limit names.

package import Kernel

extension Policy {
  /// A child whom the age limit takes from the policy.
  package struct AgeLimit: Hashable, Sendable {
    package let party: String
    /// The first day without coverage.
    package let end: CalendarDate
    /// From this day on it may be recorded.
    package let recordFrom: CalendarDate
    package let rule: String

    /// - Returns: nil for who is no child, or whose birth date nobody said.
    init?(of member: Member, state: String, on day: CalendarDate) {
      guard member.person.relationship == .child, let born = member.person.birthDate else { return nil }
      let limit = LifecycleRules.shipped.figure(.dependantAge, state: state, on: day)
      let notice = LifecycleRules.shipped.figure(.ageOutNotice, state: state, on: day)
      party = member.person.partyID
      end = born.adding(months: limit.value * 12).firstOfNextMonth
      recordFrom = end.adding(days: -notice.value)
      rule = limit.reference
    }
  }
}

extension Policy.InForce {
  /// The next child to leave by age. Who was above the limit when coverage began, as a disabled child may be, stays.
  package var nextAgeLimit: Policy.AgeLimit? {
    var next: Policy.AgeLimit?
    for member in terms.members where member.to == nil {
      guard let limit = Policy.AgeLimit(of: member, state: terms.state, on: asOf), limit.end > member.from,
        ending.map({ limit.end < $0.on }) ?? true, next.map({ limit.end < $0.end }) ?? true
      else { continue }
      next = limit
    }
    return next
  }

  /// The child whose leaving is to be recorded on a day.
  package func ageLimit(dueOn day: CalendarDate) -> Policy.AgeLimit? {
    nextAgeLimit.flatMap { $0.recordFrom <= day ? $0 : nil }
  }
}
