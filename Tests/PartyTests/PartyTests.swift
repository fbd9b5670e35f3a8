import Contracts
import Courier
import Kernel
@testable import Party
import Runtime
import Testing

@Suite("Party: the rules")
struct PartyRules {
  let jane = Party.Details.person("Doe", "Jane")
  let card = Party.OutsideIdentifier(system: "acme", kind: "subscriber", value: "123")

  @Test("somebody is registered once")
  func once() throws {
    let events = try Party.decide(.register(jane, identifiers: [card]), in: .nobody)
    #expect(events == [.registered(jane, identifiers: [card])])
    #expect(throws: Party.Refusal.alreadyRegistered) {
      try Party.decide(.register(jane, identifiers: []), in: Party.replay(events))
    }
  }

  @Test("a change names the fields that differ, and no difference is no event")
  func changes() throws {
    let known = Party.replay([.registered(jane, identifiers: [])])
    var married = jane
    married.familyName = "Roe"
    married.sex = "F"
    #expect(try Party.decide(.change(married), in: known) == [.changed(married, fields: ["family_name", "sex"])])
    #expect(try Party.decide(.change(jane), in: known).isEmpty)
  }

  @Test("only new identifiers are linked")
  func links() throws {
    let known = Party.replay([.registered(jane, identifiers: [card])])
    let other = Party.OutsideIdentifier(system: "acme", kind: "member", value: "7")
    #expect(try Party.decide(.link([card, other]), in: known) == [.linked([other])])
    #expect(try Party.decide(.link([card]), in: known).isEmpty)
  }

  @Test(
    "each refusal",
    arguments: [
      (Party.Command.register(.person("", "Jane"), identifiers: []), Party.State.nobody, Party.Refusal.nameless),
      (.change(.person("Doe", "Jane")), .nobody, .unknown),
      (.link([]), .nobody, .unknown),
      (
        .change(.provider("Clinic")), Party.replay([.registered(.person("Doe", "Jane"), identifiers: [])]),
        .kindChanges(from: .person, to: .provider)
      ),
      (
        .register(.person("Doe", "Jane"), identifiers: (0..<65).map { .init(system: "s", kind: "k", value: "\($0)") }),
        .nobody, .tooManyIdentifiers(65)
      ),
    ])
  func refusals(command: Party.Command, state: Party.State, refusal: Party.Refusal) {
    #expect(throws: refusal) { try Party.decide(command, in: state) }
    #expect(!refusal.problem.detail.isEmpty && !refusal.problem.remedy.isEmpty)
  }
}

@Suite("Party: through its door")
struct PartyJourneys {
  @Test("the same person from the same sender is found, changed and linked, never made twice")
  func findOrMake() async throws {
    let engine = Engine(
      context: "party", store: MemoryStore(), clock: SandboxClock(Instant(microseconds: 1_800_000_000_000_000)))
    let line = Line(services: PartyContext.services(engine: engine))
    let serving = Task { try await line.run() }
    let parties = Premia_Party_V1_PartyService.Client(wrapping: line.client)
    var request = Premia_Party_V1_RegisterRequest()
    request.party.kind = .person
    request.party.familyName = "Doe"
    request.party.identifiers = [identifier("subscriber", "123")]
    let first = try await parties.register(request)
    request.party.givenName = "Jane"
    request.party.identifiers.append(identifier("member", "7"))
    let second = try await parties.register(request)
    #expect(second.partyID == first.partyID && second.givenName == "Jane" && second.identifiers.count == 2)
    var question = Premia_Party_V1_FindPartyRequest()
    question.identifier = identifier("member", "7")
    #expect(try await parties.find(question).partyID == first.partyID)
    question.identifier = identifier("member", "8")
    do throws(Problem) {
      let stranger = try await ask { [question] in try await parties.find(question) }
      Issue.record("found \(stranger.partyID)")
    } catch {
      #expect(error.kind == .notFound)
    }
    let report = try await engine.verify(PartyContext.context.aggregates, tables: PartyContext.context.tables)
    #expect(report.mismatches.isEmpty && report.streams == 1 && report.rows == 3)
    line.close()
    _ = await serving.result
  }

  @Test("people are listed by name, in capitals or not; a given name needs the family's")
  func names() async throws {
    let engine = Engine(
      context: "party", store: MemoryStore(), clock: SandboxClock(Instant(microseconds: 1_800_000_000_000_000)))
    let line = Line(services: PartyContext.services(engine: engine))
    let serving = Task { try await line.run() }
    let parties = Premia_Party_V1_PartyService.Client(wrapping: line.client)
    for (family, given) in [("DOE", "JANE"), ("Doe", "John"), ("Roe", "Jane")] {
      var request = Premia_Party_V1_RegisterRequest()
      request.party.kind = .person
      (request.party.familyName, request.party.givenName) = (family, given)
      _ = try await parties.register(request)
    }
    func found(_ family: String, _ given: String = "") async throws -> [String] {
      var request = Premia_Party_V1_ListPartiesRequest()
      (request.familyName, request.givenName) = (family, given)
      return try await ask { [request] in try await parties.list(request) }.parties.map(\.givenName).sorted()
    }
    #expect(try await found("doe") == ["JANE", "John"])
    #expect(try await found("Doe", "jane") == ["JANE"])
    #expect(try await found("Poe").isEmpty)
    let refused = await #expect(throws: Problem.self) { try await found("", "Jane") }
    #expect(refused?.fields["given_name"] != nil)
    line.close()
    _ = await serving.result
  }

  private func identifier(_ kind: String, _ value: String) -> Premia_Common_V1_OutsideIdentifier {
    var identifier = Premia_Common_V1_OutsideIdentifier()
    identifier.system = "acme"
    identifier.kind = kind
    identifier.value = value
    return identifier
  }
}

extension Party.Details {
  fileprivate static func person(_ family: String, _ given: String) -> Self {
    var details = Self(kind: .person)
    details.familyName = family
    details.givenName = given
    return details
  }

  fileprivate static func provider(_ name: String) -> Self {
    var details = Self(kind: .provider)
    details.organisationName = name
    return details
  }
}
