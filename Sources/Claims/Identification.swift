// Who the patient of a claim is. The number on the claim finds the people, the birth date tells them apart, then the
// given name, then whose own number it is; who has no known birth date must have both name and number. Where that
// leaves nobody, or more than one, nobody was identified: paying for the wrong person would spend that person's limits
// and send the letter about it to the wrong hands.

import Kernel

/// A membership that the number on a claim may mean.
struct Candidate: Hashable, Sendable {
  var policy: PolicyID
  var member: PartyID
  var number: String
  /// Nil where it is not known.
  var birthDate: CalendarDate?
  var givenName: String
  var span: Span
}

enum Identification {
  /// The membership of the one person who matches; under several policies the one that covers most of the claim's
  /// lines, then the one that began last.
  static func choose(for claim: FiledClaim, among candidates: [Candidate]) -> Candidate? {
    var matches = candidates.filter { $0.mayBePatient(of: claim) }
    matches.narrow { $0.isNamed(in: claim) }
    matches.narrow { $0.number == claim.memberNumber }
    guard matches.people == 1 else { return nil }
    return matches.max { ranks($0, below: $1, for: claim) }
  }

  private static func ranks(_ candidate: Candidate, below other: Candidate, for claim: FiledClaim) -> Bool {
    let (covered, coveredByOther) = (candidate.covered(of: claim), other.covered(of: claim))
    return (covered, candidate.span.start, candidate.policy) < (coveredByOther, other.span.start, other.policy)
  }
}

extension Candidate {
  fileprivate func mayBePatient(of claim: FiledClaim) -> Bool {
    guard let birthDate else { return number == claim.memberNumber && isNamed(in: claim) }
    return birthDate == claim.patientBirthDate
  }

  fileprivate func isNamed(in claim: FiledClaim) -> Bool {
    !givenName.isEmpty && givenName.lowercased() == claim.patientGivenName.lowercased()
  }

  /// How many lines of the claim fall on covered days.
  fileprivate func covered(of claim: FiledClaim) -> Int {
    claim.lines.count { span.contains($0.firstDay) }
  }
}

extension [Candidate] {
  fileprivate var people: Int { Set(map(\.member)).count }

  /// Keeps who fits, where there is more than one person and somebody fits.
  fileprivate mutating func narrow(_ fits: (Candidate) -> Bool) {
    guard people > 1 else { return }
    let fitting = filter(fits)
    if !fitting.isEmpty { self = fitting }
  }
}
