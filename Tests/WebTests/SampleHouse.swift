// A house with a real Policy and Party and sample contexts around them.

import Contracts
import Courier
import Foundation
import GRPCCore
import Hummingbird
import HummingbirdTesting
import Kernel
import Party
import Policy
import ProductsTesting
import Runtime
import SwiftProtobuf
import Testing
import Web

/// Products that sell one silver plan.
private struct OnePlan: ProductsStandIn {
  func rate(
    request: Premia_Products_V1_RateRequest, context: ServerContext
  ) async throws -> Premia_Products_V1_RateResponse {
    .with {
      $0.offers = [
        .with {
          $0.planID = "silver"
          $0.planName = "Silver 3000 <HMO>"
          $0.level = .silver
          $0.monthly = dollars(41_200)
          $0.ratingArea = "11"
          $0.rules = ["plan:silver@1", "rates:TX-2027@1"]
        }
      ]
    }
  }
}

/// What surrounds the real contexts.
enum Surroundings {
  /// Only Policy and Party.
  case none
  /// A sample of every other context.
  case sample
}

struct Visitor: Sendable {
  let client: any TestClientProtocol
  /// A policy in force; empty in an empty house.
  let policyID: String
  let correlation: String

  func get(_ path: String, _ headers: HTTPFields = [.accept: "text/html"]) async throws -> (
    status: Int, headers: HTTPFields, html: String
  ) {
    try await client.execute(uri: path, method: .get, headers: headers) { response in
      (Int(response.status.code), response.headers, String(buffer: response.body))
    }
  }
}

/// Runs a test against the pages.
func withPages(
  _ surroundings: Surroundings, policies: Int = 1, _ test: @Sendable @escaping (Visitor) async throws -> Void
) async throws {
  let clock = SandboxClock(Instant(date: try #require(CalendarDate(iso: "2026-11-20")), secondsOfDay: 36_000))
  func engine(_ context: String) -> Engine { Engine(context: context, store: MemoryStore(), clock: clock) }
  let (party, policy) = (engine("party"), engine("policy"))
  let products = Line(services: [OnePlan()])
  let partyLine = Line(
    services: PartyContext.services(engine: party) + [EventLogService(engine: party, consumers: [])])
  let policyLine = Line(
    services: PolicyContext.services(
      engine: policy, products: Premia_Products_V1_ProductsService.Client(wrapping: products.client))
      + [EventLogService(engine: policy, consumers: [])])
  try await withThrowingTaskGroup(of: Void.self) { group in
    for line in [products, partyLine, policyLine] { group.addTask { try await line.run() } }
    var policyIDs: [String] = []
    for number in 0..<policies {
      policyIDs.append(try await enrol(number, party: partyLine, policy: policyLine))
    }
    var lines = ["party": partyLine, "policy": policyLine]
    let first = policyIDs.first ?? ""
    switch surroundings {
    case .none: break
    case .sample:
      for (context, line) in sampleLines(about: first) {
        lines[context] = line
        group.addTask { try await line.run() }
      }
    }
    let router = Router()
    try Web(lines: lines) { "2027-02-14" }.routes(on: router)
    let all = Array(lines.values) + [products]
    defer { for line in all { line.close() } }
    try await Application(router: router).test(.router) { client in
      try await test(Visitor(client: client, policyID: first, correlation: "enrol-0"))
    }
  }
}

private func enrol(_ number: Int, party: Line, policy: Line) async throws -> String {
  let people = Premia_Party_V1_PartyService.Client(wrapping: party.client)
  let policies = Premia_Policy_V1_PolicyService.Client(wrapping: policy.client)
  return try await Carriage.with(Act(correlation: "enrol-\(number)", causation: "file/\(number)")) {
    let person = try await people.register(
      .with {
        $0.party.kind = .person
        $0.party.familyName = "O'Neill & <Sons> \(number)"
        $0.party.givenName = "Maya"
        $0.party.birthDate = "1990-04-01"
      })
    let quote = try await policies.createQuote(
      .with {
        $0.household.state = ["TX", "NY", "CA"][number % 3]
        $0.household.county = "Travis"
        $0.household.people = [
          .with {
            $0.ref = "a"
            $0.birthDate = "1990-04-01"
            $0.relationship = "subscriber"
          }
        ]
        $0.effectiveDate = "2027-01-01"
        $0.aptc = dollars(30_000)
      })
    let applied = try await policies.apply(
      .with {
        $0.quoteID = quote.quoteID
        $0.planID = "silver"
        $0.channel = "exchange"
        $0.applicants = [
          .with {
            $0.ref = "a"
            $0.partyID = person.partyID
            $0.memberNumber = "M\(number)"
          }
        ]
        $0.identifiers = [
          .with {
            $0.system = "acme"
            $0.kind = "policy"
            $0.value = "A-\(number)"
          }
        ]
      })
    let bound = try await policies.bind(.with { $0.policyID = applied.policyID })
    if number % 5 == 3 { return bound.policyID }
    return try await policies.issue(
      .with {
        $0.policyID = bound.policyID
        $0.reason = "paid by cheque"
      }
    ).policyID
  }
}

private func sampleLines(about policyID: String) -> [String: Line] {
  func event(_ source: String, _ position: Int64, _ type: String, on day: String, _ message: any Message)
    -> Premia_Common_V1_Envelope
  {
    .with {
      $0.id = "evt_\(source)_\(position)"
      $0.source = source
      $0.position = position
      $0.type = type
      $0.about = policyID
      $0.timeMicros = (CalendarDate(iso: day).map { Instant(date: $0, secondsOfDay: 28_800) })?.microseconds ?? 0
      $0.correlation = "run-\(day)"
      $0.causation = position == 1 ? "clock/\(day)" : "evt_\(source)_\(position - 1)"
      $0.data = (try? message.serializedData()) ?? Data()
    }
  }
  let billing = [
    event(
      "billing", 1, "Invoice.Issued", on: "2026-12-20",
      Premia_Billing_V1_InvoiceIssued.with {
        $0.invoice.binder = true
        $0.invoice.total = dollars(11_200)
        $0.invoice.from = "2027-01-01"
        $0.invoice.to = "2027-02-01"
        $0.invoice.dueOn = "2027-01-01"
      }),
    event(
      "billing", 2, "Invoice.PastDue", on: "2027-02-02",
      Premia_Billing_V1_InvoicePastDue.with {
        $0.open = dollars(11_200)
        $0.dueOn = "2027-02-01"
      }),
  ]
  let payments = [
    event(
      "payments", 1, "Payment.Failed", on: "2027-02-01",
      Premia_Payments_V1_PaymentFailed.with {
        $0.payment.amount = dollars(11_200)
        $0.payment.declineCode = "insufficient_funds"
      })
  ]
  let claims = [
    event(
      "claims", 1, "Claim.Approved", on: "2027-01-22",
      Premia_Claims_V1_ClaimApproved.with {
        $0.charge = dollars(28_000)
        $0.paid = dollars(15_450)
        $0.patientResponsibility = dollars(4_000)
      })
  ]
  let notices = [
    event(
      "notices", 1, "Notice.Sent", on: "2027-01-01",
      Premia_Notices_V1_NoticeSent.with {
        $0.noticeID = "ntc_1"
        $0.template = "welcome"
      }),
    event("notices", 2, "Notice.Burnt", on: "2027-01-02", Premia_Notices_V1_NoticeSent()),
  ]
  func lag(_ source: String, _ cursor: Int64, behind: Int64, dead: Int64 = 0) -> Premia_Common_V1_Lag {
    .with {
      $0.source = source
      $0.cursor = cursor
      $0.behind = behind
      $0.dead = dead
    }
  }
  let letter = Premia_Common_V1_DeadLetter.with {
    $0.source = "payments"
    $0.type = "Payment.Posted"
    $0.subject = "pay_01j9"
    $0.attempts = 5
    $0.reason = "billing.account_unknown: There is no account of the policy."
  }
  return [
    "billing": Line(services: [
      SampleBilling(policyID: policyID),
      SampleLog(
        events: billing, lags: [lag("policy", 6_204, behind: 0), lag("payments", 23_138, behind: 12, dead: 1)],
        letters: [letter]),
    ]),
    "payments": Line(services: [
      SamplePayments(), SampleLog(events: payments, lags: [lag("billing", 48_102, behind: 0)]),
    ]),
    "claims": Line(services: [SampleClaims(), SampleLog(events: claims, lags: [lag("policy", 6_204, behind: 0)])]),
    "ledger": Line(services: [SampleLedger(), SampleLog(events: [])]),
    "notices": Line(services: [SampleNotices(policyID: policyID), SampleLog(events: notices)]),
  ]
}
