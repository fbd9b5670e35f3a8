// The list of policies: searched, filtered, a page at a time.

import Contracts
import Courier
import Kernel
import SwiftProtobuf

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

  /// - Parameter found: what the search found; nil where all policies are listed.
  init(_ wish: Wish, missing: [String] = [], found: [Premia_Policy_V1_Policy]? = nil, _ house: House) async {
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
    let isSearch = found != nil
    let answer = await house.hear {
      if let found { return Premia_Policy_V1_ListPoliciesResponse.with { $0.policies = found } }
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
      let caption = isSearch ? "What was found" : "By policy number, a page at a time"
      let isFiltered = !(wish.state.isEmpty && wish.status.isEmpty)
      sheet = [Self.sheet(found.policies, names, caption: caption, isFiltered: isFiltered)]
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
    _ policies: [Premia_Policy_V1_Policy], _ names: [String: String], caption: String, isFiltered: Bool
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
      caption,
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
  /// What a reader means.
  enum Found {
    /// One policy, by its identifier.
    case one(String)
    /// Those of members of that card number or name.
    case members([Premia_Policy_V1_Policy])
  }

  /// Policies by identifier, by number, or by "system kind value" of another system; otherwise by the number on a
  /// member's card, and at last by a member's name.
  func find(_ search: String) async -> Result<Found, Problem> {
    if search.hasPrefix("pol_") { return .success(.one(search)) }
    var request = Premia_Policy_V1_FindPolicyRequest()
    let words = search.split(separator: " ").map(String.init)
    if words.count == 3 {
      (request.identifier.system, request.identifier.kind, request.identifier.value) = (words[0], words[1], words[2])
    } else {
      request.identifier.system = "premia"
      request.identifier.kind = "policy_number"
      request.identifier.value = search.uppercased()
    }
    switch await hear({ [request] in try await policy.find(request, options: .bounded).policyID }) {
    case .success(let id): return .success(.one(id))
    case .failure(let problem) where problem.kind == .notFound:
      let unknown = words.count == 3 ? problem : Self.nobody(search, code: problem.code)
      let theirs = await hear { try await policies(ofMember: search) }
      return theirs.flatMap { found -> Result<Found, Problem> in
        found.isEmpty ? .failure(unknown) : .success(.members(found))
      }
    case .failure(let problem): return .failure(problem)
    }
  }

  private static func nobody(_ search: String, code: String) -> Problem {
    Problem(
      kind: .notFound, code: code,
      detail: "There is no policy with the number \(search.uppercased()), and no member with that number or name.",
      remedy: "Check what you look for, or choose from the list.")
  }

  /// By the number on the card, or by the name where no card has such a number: `Doe`, `Jane Doe` or `Doe, Jane`.
  private func policies(ofMember search: String) async throws -> [Premia_Policy_V1_Policy] {
    let byCard = Premia_Policy_V1_ListPoliciesRequest.with {
      $0.memberNumber = search
      $0.page.size = Self.mostFound
    }
    let ofCard = try await policy.list(byCard, options: .bounded).policies
    guard ofCard.isEmpty else { return ofCard }
    var found: [Premia_Policy_V1_Policy] = []
    for name in MemberName.readings(of: search) where found.isEmpty {
      let people = Premia_Party_V1_ListPartiesRequest.with {
        ($0.kind, $0.familyName, $0.givenName) = (.person, name.family, name.given)
        $0.page.size = Self.mostFound
      }
      for person in try await party.list(people, options: .bounded).parties {
        let theirs = Premia_Policy_V1_ListPoliciesRequest.with { $0.partyID = person.partyID }
        for held in try await policy.list(theirs, options: .bounded).policies
        where !found.contains(where: { $0.policyID == held.policyID }) { found.append(held) }
      }
    }
    return found
  }

  /// A name that more people have is looked for with the given name.
  private static let mostFound: Int32 = 100

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

/// The name of a person as it is typed into a search.
struct MemberName: Hashable {
  let family: String
  /// Empty is any.
  var given = ""

  /// What the words may mean, the likeliest first: nobody can tell where a family's name of two words begins.
  static func readings(of search: String) -> [MemberName] {
    let halves = search.split(separator: ",", maxSplits: 1).map { $0.drop { $0 == " " } }.filter { !$0.isEmpty }
    if halves.count == 2 { return [MemberName(family: String(halves[0]), given: String(halves[1]))] }
    let words = search.split(separator: " ")
    let whole = MemberName(family: words.joined(separator: " "))
    guard words.count > 1 else { return words.isEmpty ? [] : [whole] }
    let splits = (1..<words.count).reversed().map { place in
      MemberName(
        family: words[place...].joined(separator: " "), given: words[..<place].joined(separator: " "))
    }
    return splits + [whole]
  }
}
