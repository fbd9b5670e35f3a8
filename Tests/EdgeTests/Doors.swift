// A house of three contexts over memory stores, with its HTTP door; Products and the house itself are small stand-ins.

import Billing
import Contracts
import Courier
import Edge
import Foundation
import GRPCCore
import Hummingbird
import HummingbirdTesting
import Kernel
import Party
import Policy
import ProductsTesting
import Runtime
import Testing

/// Products that sell one silver plan, in every state but ZZ.
struct OnePlan: ProductsStandIn {
  func rate(
    request: Premia_Products_V1_RateRequest, context: ServerContext
  ) async throws -> Premia_Products_V1_RateResponse {
    var response = Premia_Products_V1_RateResponse()
    if request.state == "ZZ" { return response }
    if request.state == "XX" {
      throw Problem(kind: .unavailable, code: "rates.away", detail: "No rates.", remedy: "Wait.")
    }
    var offer = Premia_Products_V1_Offer()
    offer.planID = "silver"
    offer.planName = "Silver 3000"
    offer.level = .silver
    offer.monthly = Premia_Common_V1_Money(Money(cents: 41_200))
    offer.ratingArea = "1"
    response.offers = [offer]
    return response
  }
}

/// A house whose books agree, and whose clock says where it was told to go.
struct StillHouse: Premia_House_V1_HouseService.SimpleServiceProtocol {
  private func clock(_ today: String) -> Premia_House_V1_Clock {
    var clock = Premia_House_V1_Clock()
    clock.today = today
    clock.sandbox = true
    return clock
  }

  func getClock(
    request: Premia_House_V1_GetClockRequest, context: ServerContext
  ) async throws -> Premia_House_V1_Clock { clock("2026-11-20") }

  func advanceClock(
    request: Premia_House_V1_AdvanceClockRequest, context: ServerContext
  ) async throws -> Premia_House_V1_Clock { clock(request.to) }

  func verify(
    request: Premia_House_V1_VerifyRequest, context: ServerContext
  ) async throws -> Premia_House_V1_VerifyResponse {
    var response = Premia_House_V1_VerifyResponse()
    response.events = 7
    return response
  }

  func reconcile(
    request: Premia_House_V1_ReconcileRequest, context: ServerContext
  ) async throws -> Premia_House_V1_ReconcileResponse {
    var response = Premia_House_V1_ReconcileResponse()
    response.rules = 3
    return response
  }
}

/// Runs a test against the door.
func withDoor(_ test: @Sendable @escaping (Door) async throws -> Void) async throws {
  let clock = SandboxClock(Instant(date: try #require(CalendarDate(iso: "2026-11-20"))))
  func engine(_ context: String) -> Engine { Engine(context: context, store: MemoryStore(), clock: clock) }
  let (party, policy, billing) = (engine("party"), engine("policy"), engine("billing"))
  let products = Line(services: [OnePlan()])
  let lines = [
    "products": products, "house": Line(services: [StillHouse()]),
    "party": Line(
      services: PartyContext.services(engine: party) + [EventLogService(engine: party, consumers: [])]),
    "billing": Line(
      services: BillingContext.services(engine: billing) + [EventLogService(engine: billing, consumers: [])]),
    "policy": Line(
      services: PolicyContext.services(
        engine: policy, products: Premia_Products_V1_ProductsService.Client(wrapping: products.client))
        + [EventLogService(engine: policy, consumers: [])]),
  ]
  let router = Router()
  try Edge(lines: lines).routes(on: router)
  let application = Application(router: router)
  try await withThrowingTaskGroup(of: Void.self) { group in
    for line in lines.values { group.addTask { try await line.run() } }
    defer { for line in lines.values { line.close() } }
    try await application.test(.router) { client in try await test(Door(client: client)) }
  }
}

/// An answer, read as JSON.
struct Answer {
  let status: Int
  let headers: HTTPFields
  let text: String

  var json: [String: Any] {
    get throws {
      try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "not an object: \(text)")
    }
  }

  func text(_ name: String) throws -> String { try #require(try json[name] as? String, "no \(name) in \(text)") }
}

struct Door: Sendable {
  let client: any TestClientProtocol

  func get(_ path: String, _ headers: HTTPFields = [:]) async throws -> Answer {
    try await send(.get, path, headers, nil)
  }

  func post(_ path: String, key: String?, _ body: String = "{}", _ more: HTTPFields = [:]) async throws -> Answer {
    var headers = more
    if headers[.contentType] == nil { headers[.contentType] = "application/json" }
    if let key { headers[.idempotencyKey] = key }
    return try await send(.post, path, headers, body)
  }

  func send(_ method: HTTPRequest.Method, _ path: String, _ headers: HTTPFields, _ body: String?) async throws -> Answer
  {
    try await client.execute(
      uri: path, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) }
    ) { response in
      Answer(status: Int(response.status.code), headers: response.headers, text: String(buffer: response.body))
    }
  }

  /// A quote for one person; its identifier.
  func quote(key: String, state: String = "TX") async throws -> Answer {
    try await post("/v1/quotes", key: key, Self.household(state))
  }

  static func household(_ state: String) -> String {
    """
    {"household": {"state": "\(state)", "county": "Travis", "people": [
      {"ref": "a", "birthDate": "1990-04-01", "relationship": "subscriber"}]},
     "effectiveDate": "2027-01-01", "aptc": {"cents": 30000}}
    """
  }

  static func application(of quote: String, plan: String = "silver") -> String {
    """
    {"quoteId": "\(quote)", "planId": "\(plan)",
     "applicants": [{"ref": "a", "partyId": "\(party("jane"))", "memberNumber": "M1"}]}
    """
  }
}

typealias HeaderName = HTTPFields.Element.Name

extension HeaderName {
  static let idempotencyKey = named("Idempotency-Key")
  static let correlation = named("Premia-Correlation")
  static let traceParent = named("traceparent")
  static let actor = named("Premia-Actor")

  private static func named(_ text: String) -> HeaderName {
    guard let name = HeaderName(text) else { preconditionFailure("\(text) is no name of a header field") }
    return name
  }
}
