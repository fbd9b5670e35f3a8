// The pure core, and the message box.

import Contracts
import Foundation
import GRPCCore
import Kernel
import Notices
import Runtime
import SwiftProtobuf
import Testing

@Suite struct NoticeTests {
  private func notice(_ number: Int, policyID: String = "pol_1") -> Notice.Sent {
    Notice.Sent(
      Letter(.pastDue, policyID: policyID, subject: "s", fields: [:]), templateVersion: 1, channel: .mailbox,
      on: World.start.date, eventID: World.eventID(number))
  }

  @Test func aNoticeIsSentOnce() throws {
    let events = try Notice.decide(.send(notice(1)), in: .unsent)
    #expect(events == [.noticeSent(notice(1))])
    #expect(try Notice.decide(.send(notice(1)), in: Notice.replay(events)) == [])
  }

  @Test func aLetterWithoutAPolicyIsRefused() {
    #expect(throws: Notice.Refusal.noPolicy(.pastDue, eventID: World.eventID(1))) {
      try Notice.decide(.send(notice(1, policyID: "")), in: .unsent)
    }
  }

  @Test func aNoticeNeverTakesThePlaceOfAnother() {
    #expect(throws: Notice.Refusal.placeTaken(by: World.eventID(2), wanted: World.eventID(1))) {
      try Notice.decide(.send(notice(1)), in: .sent(notice(2)))
    }
  }

  @Test func everyRefusalSaysWhatAndWhatToDo() {
    let refusals: [(Notice.Refusal, String)] = [
      (.unnamedEvent("x"), "notices.unnamed_event"),
      (.noPolicy(.welcome, eventID: World.eventID(1)), "notices.no_policy"),
      (.placeTaken(by: World.eventID(1), wanted: World.eventID(2)), "notices.place_taken"),
    ]
    for (refusal, code) in refusals {
      #expect(refusal.problem.code == code)
      #expect(!refusal.problem.detail.isEmpty && !refusal.problem.remedy.isEmpty)
    }
  }
}

@Suite struct MailboxTests {
  @Test func anEventDeliveredAgainSendsNothingMore() async throws {
    let world = try World()
    for _ in 1...2 {
      try await world.publish("billing", "Invoice.PastDue", Events.pastDue(), 1)
      try await world.settle()
    }
    #expect(try await world.notices().notices.count == 1)
    #expect(try await world.mismatches().isEmpty)
  }

  @Test func aNoticeNamesItsEventAndIsPublished() async throws {
    let world = try World()
    try await world.publish("billing", "Invoice.PastDue", Events.pastDue(), 1)
    try await world.settle()
    let notice = try #require(try await world.notices().notices.first)
    #expect(notice.noticeID.hasPrefix("ntc_"))
    #expect(notice.eventID == World.eventID(1).description)
    #expect(notice.channel == "mailbox")
    #expect(notice.sentOn == "2026-03-01")
    #expect(notice.body.isEmpty)
    let published = try await StoreFeed(source: "notices", store: world.engine.store).read(after: 0, limit: 10)
    #expect(published.map(\.type) == ["Notice.Sent"])
    let sent = try Premia_Notices_V1_NoticeSent(serializedBytes: try #require(published.first).data)
    #expect(sent.noticeID == notice.noticeID && sent.policyID == "pol_1" && sent.template == "past_due")
  }

  @Test func aLetterIsAddressedByTheNumberOnTheCardOnceItIsKnown() async throws {
    let world = try World()
    try await world.publish("billing", "Invoice.PastDue", Events.pastDue(), 1)
    try await world.settle()
    let id = try #require(try await world.notices().notices.first).noticeID
    #expect(try await world.notice(id).body.contains("Policy pol_1"))
    try await world.publish("policy", "Policy.Issued", Events.issued(), 2)
    try await world.settle()
    #expect(try await world.notice(id).body.contains("Policy P-100"))
  }

  @Test func theNewestComeFirstPageByPage() async throws {
    let world = try World()
    for number in 1...5 { try await world.publish("billing", "Invoice.PastDue", Events.pastDue(), number) }
    try await world.publish("billing", "Invoice.PastDue", Events.pastDue("pol_2"), 6)
    try await world.settle()
    var seen: [String] = []
    var token = ""
    repeat {
      let page = try await world.notices(of: "pol_1", size: 2, token: token)
      seen += page.notices.map(\.eventID)
      token = page.nextToken
    } while !token.isEmpty
    #expect(seen == [5, 4, 3, 2, 1].map { World.eventID($0).description })
  }

  @Test func totalsCountEveryTemplate() async throws {
    let world = try World()
    try await world.publish("policy", "Policy.Issued", Events.issued(), 1)
    try await world.publish("claims", "Claim.Approved", Events.claimApproved(), 2)
    try await world.settle()
    let totals = try await world.service.getTotals(request: .init(), context: .test).totals
    #expect(totals.map(\.name) == Template.allCases.map(\.name))
    let counted = totals.filter { $0.count > 0 }
    #expect(counted.map(\.name) == ["welcome", "explanation_of_benefits"] && counted.map(\.count) == [1, 1])
  }

  @Test func whatIsNotThereIsNotFound() async throws {
    let world = try World()
    await #expect(throws: Problem.self) { try await world.notice("x") }
    await #expect(throws: Problem.self) {
      try await world.notice(ID<NoticeTag>(at: World.start, derivedFrom: "none").description)
    }
    #expect(try await world.engine.verify(world.context.aggregates, tables: world.context.tables).streams == 0)
  }

  @Test(arguments: [
    ("notices.unnamed_event", Events.pastDue(), "42"), ("notices.no_policy", Events.pastDue(""), nil),
  ])
  func anEventThatCannotBeWrittenAboutIsSetAside(
    _ code: String, _ event: Premia_Billing_V1_InvoicePastDue, _ id: String?
  ) async throws {
    let world = try World()
    try await world.publish("billing", "Invoice.PastDue", event, 1, id: id)
    try await world.settle()
    let reasons = try await world.deadLetters()
    #expect(reasons.count == 1 && reasons[0].hasPrefix("\(code):"), "\(reasons)")
  }
}
