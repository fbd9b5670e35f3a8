// One coverage of a partner's full file against the policy that it means. Pure.

import Contracts
import Courier
import Kernel

struct EnrolmentComparison {
  let request: EnrolmentRequest
  let coverage: CoverageRequest
  /// The day on which both are looked at: today, or the first of a coverage to come.
  private let day: CalendarDate

  init(_ request: EnrolmentRequest, _ coverage: CoverageRequest, on today: CalendarDate) {
    self.request = request
    self.coverage = coverage
    day = max(today, coverage.start)
  }

  /// Everything that the policy says otherwise, none where they agree.
  func findings(against held: Premia_Policy_V1_Policy) throws(Problem) -> [FileAudit.Finding] {
    var findings: [FileAudit.Finding] = []
    func compare(_ field: String, _ here: String, _ there: String) {
      guard here != there else { return }
      findings.append(
        FileAudit.Finding(
          kind: .differs, subject: coverage.name, policyID: held.policyID, field: field, here: here, there: there))
    }
    compare("start", held.effectiveDate, coverage.start.description)
    compare("end", held.endDate, coverage.end?.description ?? "")
    compare("state", held.state, request.place.state)
    let price = held.premium.first { $0.from <= "\(day)" && ($0.to.isEmpty || "\(day)" < $0.to) }
    compare("plan", price?.planID ?? held.planID, coverage.planID)
    if let price {
      // What is granted above the premium is not taken (26 USC 36B).
      let (gross, aptc) = (try price.gross.money("premium.gross"), try price.aptc.money("premium.aptc"))
      let granted = min(coverage.taxCredit, gross)
      if aptc != granted { compare("aptc", "\(aptc)", "\(granted)") }
    }
    let (here, there) = (members(of: held), membersOfFile)
    for member in here where !there.contains(member) { compare("member", member, "") }
    for member in there where !here.contains(member) { compare("member", "", member) }
    return findings
  }

  /// Those who are covered, and those who will be; at the end of the policy, those who were until then.
  private func members(of held: Premia_Policy_V1_Policy) -> [String] {
    held.members.filter { $0.to.isEmpty || $0.to == held.endDate || "\(day)" < $0.to }
      .map { Self.words($0.givenName, $0.birthDate, $0.relationship, from: $0.from, tobacco: $0.tobacco) }
  }

  private var membersOfFile: [String] {
    zip(coverage.members, coverage.memberStarts).map { index, start in
      let member = request.members[index]
      return Self.words(
        member.party.givenName, member.party.birthDate, member.relationship, from: "\(start)", tobacco: member.tobacco)
    }
  }

  /// People are told apart within a family by given name and birth date.
  private static func words(
    _ name: String, _ born: String, _ relationship: String, from start: String, tobacco: Bool
  ) -> String {
    "\(name.fittingX12(35)) \(born) \(relationship) from \(start)\(tobacco ? " tobacco" : "")"
  }
}
