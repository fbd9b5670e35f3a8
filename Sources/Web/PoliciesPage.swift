// The list of policies: searched, filtered, a page at a time.

import Contracts
import Courier
import Kernel

struct PoliciesPage {
  struct Choice {
    let value: String
    let label: String
    let isChosen: Bool
  }

  /// What the reader asked for.
  struct Wish {
    var search = ""
    var state = ""
    var status = ""
    var token = ""
  }

  static let pageSize: Int32 = 25

  let search: String
  let states: [Choice]
  let statuses: [Choice]
  let sheet: [Sheet]
  let first: [Sheet.Link]
  let next: [Sheet.Link]
  let away: [String]
  /// Why the search found nothing.
  let missing: [String]

  init(_ wish: Wish, missing: [String] = [], _ house: House) async {
    self.missing = missing
    search = wish.search
    let known = await house.hear { try await house.policy.getCounts(.init(), options: .bounded).counts }
    let names = Set((try? known.get().map(\.state)) ?? []).union(wish.state.isEmpty ? [] : [wish.state]).sorted()
    states =
      [Choice(value: "", label: "Every state", isChosen: wish.state.isEmpty)]
      + names.map { Choice(value: $0, label: $0, isChosen: $0 == wish.state) }
    statuses =
      [Choice(value: "", label: "Every status", isChosen: wish.status.isEmpty)]
      + Premia_Policy_V1_Status.shown.map {
        Choice(value: $0.word, label: $0.pill.word, isChosen: $0.word == wish.status)
      }
    let answer = await house.hear {
      var request = Premia_Policy_V1_ListPoliciesRequest()
      request.page.size = Self.pageSize
      request.page.token = wish.token
      request.state = wish.state
      request.status = Premia_Policy_V1_Status.shown.first { $0.word == wish.status } ?? .unspecified
      return try await house.policy.list(request, options: .bounded)
    }
    switch answer {
    case .success(let found):
      let names = await house.names(of: found.policies.map(\.subscriberID))
      sheet = [Self.sheet(found.policies, names, isFiltered: !(wish.state.isEmpty && wish.status.isEmpty))]
      let filters = "state=\(wish.state.percentEncoded)&status=\(wish.status.percentEncoded)"
      first = wish.token.isEmpty ? [] : [Sheet.Link(label: "First page", href: "/policies?\(filters)")]
      next =
        found.nextToken.isEmpty
        ? [] : [Sheet.Link(label: "Next page", href: "/policies?\(filters)&token=\(found.nextToken.percentEncoded)")]
      away = []
    case .failure(let problem):
      (sheet, first, next, away) = ([], [], [], [problem.words])
    }
  }

  private static func sheet(
    _ policies: [Premia_Policy_V1_Policy], _ names: [String: String], isFiltered: Bool
  ) -> Sheet {
    let rows = policies.map { policy -> [Sheet.Cell] in
      [
        .link(policy.policyNumber, to: "/policies/\(policy.policyID)"),
        .text(names[policy.subscriberID] ?? policy.subscriberID), .pill(policy.status.pill), .text(policy.state),
        .text(policy.level.label), .text(policy.planName), .day(policy.effectiveDate),
        .number(policy.premium.last.map { Words.money($0.net) } ?? "–"),
      ]
    }
    return Sheet(
      "By policy number, a page at a time",
      ["Policy", "Subscriber", "Status", "~State", "~Level", "~Plan", "~From", "~#Member pays"], rows,
      nothing: isFiltered
        ? "No policy is like that. Choose another state or status."
        : "No policies yet. Import an enrolment file with 'premia import FILE', or start 'premia demo'.")
  }
}

extension Premia_Policy_V1_PremiumSegment {
  /// What the member owes a month.
  var net: Premia_Common_V1_Money {
    var net = gross
    net.cents -= aptc.cents
    for addOn in addOns { net.cents += addOn.monthly.cents }
    return net
  }
}

extension House {
  /// The policy that a reader means: its identifier, its number, or "system kind value" of another system.
  func find(_ search: String) async -> Result<String, Problem> {
    if search.hasPrefix("pol_") { return .success(search) }
    var request = Premia_Policy_V1_FindPolicyRequest()
    let words = search.split(separator: " ").map(String.init)
    if words.count == 3 {
      (request.identifier.system, request.identifier.kind, request.identifier.value) = (words[0], words[1], words[2])
    } else {
      request.identifier.system = "premia"
      request.identifier.kind = "policy_number"
      request.identifier.value = search.uppercased()
    }
    let found = await hear { [request] in try await policy.find(request, options: .bounded).policyID }
    guard words.count != 3, case .failure(let problem) = found, problem.kind == .notFound else { return found }
    return .failure(
      Problem(
        kind: .notFound, code: problem.code, detail: "There is no policy with the number \(search.uppercased()).",
        remedy: "Check the number, or choose from the list."))
  }

  /// Names by identifier; who cannot be asked about is left out.
  func names(of parties: [String]) async -> [String: String] {
    var names: [String: String] = [:]
    for id in Set(parties) where !id.isEmpty {
      var request = Premia_Party_V1_GetPartyRequest()
      request.partyID = id
      if case .success(let party) = await hear({ [request] in try await self.party.get(request, options: .bounded) }) {
        let name = party.organisationName.isEmpty ? "\(party.givenName) \(party.familyName)" : party.organisationName
        names[id] = String(name.drop { $0 == " " })
      }
    }
    return names
  }
}
