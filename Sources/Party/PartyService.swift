// The gRPC service: words to commands, state to words.

import Contracts
import Courier
import GRPCCore
import Kernel
import Runtime

struct PartyService: Premia_Party_V1_PartyService.SimpleServiceProtocol {
  let desk: Desk

  func register(
    request: Premia_Party_V1_RegisterRequest, context: ServerContext
  ) async throws -> Premia_Party_V1_Party {
    let details = try Party.Details(request.party)
    let identifiers = try request.party.identifiers.map { try Party.OutsideIdentifier($0) }
    @Sendable func findOrMake() async throws -> Premia_Party_V1_Party {
      try await desk.act("Register", request) { unit in
        if let known = try await Self.find(identifiers, in: unit) {
          try await unit.decide(Party.self, known, .change(details))
          let state = try await unit.decide(Party.self, known, .link(identifiers))
          return try Premia_Party_V1_Party(known, state)
        }
        let label = identifiers.first.map { "\($0.system)/\($0.kind)/\($0.value)" } ?? "party"
        let id = StreamID(unit.newID(PartyTag.self, for: label))
        let state = try await unit.decide(Party.self, id, .register(details, identifiers: identifiers))
        return try Premia_Party_V1_Party(id, state)
      }
    }
    do {
      return try await findOrMake()
    } catch StoreFailure.constraint {
      // Somebody registered one of the identifiers in between: now the party is found.
      return try await findOrMake()
    }
  }

  func get(request: Premia_Party_V1_GetPartyRequest, context: ServerContext) async throws -> Premia_Party_V1_Party {
    try await party(StreamID(ID<PartyTag>(request.partyID, field: "party_id")))
  }

  func find(request: Premia_Party_V1_FindPartyRequest, context: ServerContext) async throws -> Premia_Party_V1_Party {
    let identifier = try Party.OutsideIdentifier(request.identifier)
    let rows = try await desk.engine.store.rows(identifier.query)
    guard let row = rows.first else {
      throw Problem.notFound("party", "with the \(identifier.system) \(identifier.kind) \(identifier.value)")
    }
    return try await party(StreamID(row.text("party_id")))
  }

  func list(
    request: Premia_Party_V1_ListPartiesRequest, context: ServerContext
  ) async throws -> Premia_Party_V1_ListPartiesResponse {
    var query = Query(PartyTables.parties, limit: try request.page.limit())
    if let kind = Party.Kind(request.kind) { query.matching = [("kind", .text(kind.rawValue))] }
    if !request.familyName.isEmpty {
      query.matching.append(("family_key", .text(request.familyName.lowercased())))
    }
    if !request.givenName.isEmpty {
      guard !request.familyName.isEmpty else { throw Problem.field("given_name", "is asked for without a family name") }
      query.matching.append(("given_key", .text(request.givenName.lowercased())))
    }
    if !request.page.token.isEmpty { query.after = [.text(request.page.token)] }
    let rows = try await desk.engine.store.rows(query)
    var response = Premia_Party_V1_ListPartiesResponse()
    for row in rows { response.parties.append(try await party(StreamID(row.text("party_id")))) }
    if rows.count == query.limit, let last = rows.last { response.nextToken = last.text("party_id") }
    return response
  }

  func getTotals(
    request: Premia_Common_V1_TotalsRequest, context: ServerContext
  ) async throws -> Premia_Common_V1_Totals {
    var totals = Premia_Common_V1_Totals()
    for tally in try await desk.engine.store.tally(PartyTables.parties, by: ["kind"], sums: [], where: []) {
      guard case .text(let kind) = tally.group[0] else { continue }
      totals.totals.append(Premia_Common_V1_Total(kind, count: tally.count, .zero))
    }
    return totals
  }

  private func party(_ id: StreamID) async throws -> Premia_Party_V1_Party {
    try Premia_Party_V1_Party(id, try await desk.engine.state(of: Party.self, id))
  }

  private static func find(_ identifiers: [Party.OutsideIdentifier], in unit: Unit) async throws -> StreamID? {
    for identifier in identifiers {
      if let row = try await unit.rows(identifier.query).first { return StreamID(row.text("party_id")) }
    }
    return nil
  }
}

extension Party.OutsideIdentifier {
  fileprivate init(_ words: Premia_Common_V1_OutsideIdentifier) throws(Problem) {
    if words.system.isEmpty || words.kind.isEmpty || words.value.isEmpty {
      throw .field("identifier", "needs a system, a kind and a value")
    }
    self.init(system: words.system, kind: words.kind, value: words.value)
  }

  fileprivate var query: Query {
    Query(
      PartyTables.crosswalk, where: [("system", .text(system)), ("kind", .text(kind)), ("value", .text(value))],
      limit: 1)
  }
}

extension Party.Details {
  fileprivate init(_ words: Premia_Party_V1_Party) throws(Problem) {
    guard let kind = Party.Kind(words.kind) else {
      throw .field("party.kind", "is missing; it is PERSON, ORGANISATION or PROVIDER")
    }
    self.init(kind: kind)
    familyName = words.familyName
    givenName = words.givenName
    middleName = words.middleName
    organisationName = words.organisationName
    birthDate = try CalendarDate.optional(words.birthDate, field: "party.birth_date")
    guard ["", "F", "M", "U"].contains(words.sex) else {
      throw .field("party.sex", "is '\(words.sex)'; it is F, M or U")
    }
    sex = words.sex
    email = words.email
    phone = words.phone
    if words.hasAddress {
      address = Party.Address(
        lines: words.address.lines, city: words.address.city, state: words.address.state,
        postalCode: words.address.postalCode, county: words.address.county)
    }
  }
}

extension Premia_Party_V1_Party {
  fileprivate init(_ id: StreamID, _ state: Party.State) throws(Problem) {
    guard case .registered(let details, let identifiers, let version) = state else {
      throw .notFound("party", id.rawValue)
    }
    self.init()
    partyID = id.rawValue
    kind = details.kind.word
    familyName = details.familyName
    givenName = details.givenName
    middleName = details.middleName
    organisationName = details.organisationName
    birthDate = details.birthDate?.description ?? ""
    sex = details.sex
    email = details.email
    phone = details.phone
    if let address = details.address {
      self.address.lines = address.lines
      self.address.city = address.city
      self.address.state = address.state
      self.address.postalCode = address.postalCode
      self.address.county = address.county
    }
    self.identifiers = identifiers.map { identifier in
      var words = Premia_Common_V1_OutsideIdentifier()
      words.system = identifier.system
      words.kind = identifier.kind
      words.value = identifier.value
      return words
    }
    self.version = version
  }
}
