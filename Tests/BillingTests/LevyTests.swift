import Contracts
import Foundation
import Kernel
import Runtime
import SwiftProtobuf
import Testing

@testable import Billing

private func rules(_ rows: String...) throws -> LevyRules {
  try JSONDecoder().decode(LevyRules.self, from: Data(#"{"levies": [\#(rows.joined(separator: ", "))]}"#.utf8))
}

private let tax = #"""
  {"state": "NY", "kind": "tax", "name": "Premium tax", "percent": "2", "from": "2020-01-01", "edition": 1,
   "verified": true, "source": "a test"}
  """#
private let fee = #"""
  {"state": "", "kind": "fee", "name": "Exchange fee", "monthlyCents": 350, "from": "2027-02-01", "edition": 1,
   "verified": true, "source": "a test"}
  """#

@Suite struct `Taxes and fees on premiums` {
  private let policy = snapshot(1, from: "2027-01-01", aptc: 10_000)

  @Test func `are lines of their own, on what discounts leave, and the tax credit does not pay them`() async throws {
    let world = World("2026-12-20", levies: try rules(tax, fee))
    try await world.say("Policy.Bound", of: policy)
    try await world.say("Policy.Issued", of: policy)
    try await world.live(until: "2027-01-25")
    let invoices = try await world.invoices(policy.policyID)
    #expect(
      invoices.map { $0.lines.map { "\($0.kind) \($0.name) \($0.amount.cents)" } } == [
        ["premium  31000", "tax Premium tax 620", "subsidy  -10000"],
        ["premium  31000", "fee Exchange fee 350", "tax Premium tax 620", "subsidy  -10000"],
      ])
    #expect(invoices.map(\.total.cents) == [21_620, 21_970])
    #expect(try await world.total("taxes_and_fees_billed") == 620 + 620 + 350)
    #expect(try await world.mismatches() == [])
  }

  @Test func `that a carrier does not know for certain are not billed`() async throws {
    let unsure = tax.replacingOccurrences(of: #""verified": true"#, with: #""verified": false"#)
    #expect(try rules(unsure).levied(in: "NY").levies == [])
    #expect(try rules(tax).levied(in: "IL").levies == [])
    #expect(try rules(tax, fee).levied(in: "NY").rules == ["fee-exchange-fee@1", "tax-premium-tax-NY@1"])
  }

  @Test func `that change are billed from their day on, and what was billed is corrected by the next run`() async throws
  {
    let before = BillingTimeline(silver, from: day("2027-01-01"))
    var story = try Story.active(before, on: day("2027-01-01"))
    let levied = try rules(fee).levied(in: "NY")
    try story.when(.bill(asOf: day("2027-02-20"), draft: false))
    let events = try story.when(.bill(asOf: day("2027-02-20"), draft: false, levied: levied))
    #expect(events.first == .levied(levied))
    #expect(story.member(months: 3) == [31_000, 31_350, 31_350])
    #expect(try story.when(.bill(asOf: day("2027-02-20"), draft: false, levied: levied)) == [])
    try story.when(.bill(asOf: day("2027-02-20"), draft: false, levied: Levied()))
    #expect(story.member(months: 3) == [31_000, 31_000, 31_000])
    #expect(story.state.timeline == before)
  }

  @Test(arguments: [
    (#""state": "NY""#, #""state": "New York""#), (#""percent": "2""#, #""percent": "200""#),
    (#""percent": "2""#, #""percent": "2", "monthlyCents": 5"#), (#""name": "Premium tax""#, #""name": """#),
    (#""from": "2020-01-01""#, #""from": "2020-01-01", "to": "2020-01-01""#),
  ])
  func `that make no sense are refused by name`(_ good: String, _ bad: String) throws {
    #expect(throws: LevyRules.Fault.self) { try rules(tax.replacingOccurrences(of: good, with: bad)) }
    #expect(throws: LevyRules.Fault.self) { try rules(tax, tax) }
  }

  @Test func `are said in print, and taken back with the invoice`() async throws {
    let world = World("2026-12-20", levies: try rules(tax))
    try await world.say("Policy.Bound", of: policy)
    try await world.say("Policy.Issued", of: policy)
    let account = try await world.account(policy.policyID).accountID
    _ = try await world.service.grantDiscount(
      request: .with {
        $0.accountID = account
        $0.code = "LOYAL"
        $0.reason = "ten years"
        $0.terms.amount.cents = 1_000
        $0.terms.from = "2027-01-01"
      }, context: .test("GrantDiscount"))
    try await world.say("Policy.Terminated", of: snapshot(1, from: "2027-01-01", to: "2027-01-01", aptc: 10_000))
    let feed = StoreFeed(source: "billing", store: world.billing.store)
    let sources = try await feed.read(after: 0, limit: 100).filter { DocumentSource.types.contains($0.type) }
    let papers = try sources.map { try Paper(number: "1", DocumentSource($0), Paper.Names()) }
    #expect(
      papers.map { $0.items.map { "\($0.words): \($0.amount.cents)" } } == [
        [
          "Premium, silver: 31000", "Premium tax: 620", "Advance premium tax credit, paid by the exchange: -10000",
        ],
        ["Premium tax: -620", "Discount, LOYAL: -1000", "Premium tax: 600"],
        [
          "Premium: -31000", "Discount, LOYAL: 1000", "Premium tax: -600",
          "Advance premium tax credit, paid by the exchange: 10000",
        ],
      ])
    #expect(papers.map(\.total.cents) == [21_620, -1_020, -20_600])
    #expect(try await world.total("discounts_granted") == 0)
    #expect(try await world.total("taxes_and_fees_billed") == 0)
    #expect(
      try await world.published()
        == ["Invoice.Issued", "Discount.Granted", "Invoice.Adjusted", "Invoice.Voided"])
    #expect(try await world.mismatches() == [])
  }
}
