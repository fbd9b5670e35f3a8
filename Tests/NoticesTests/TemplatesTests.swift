// What is refused when templates are loaded, and what a new version does to old letters.

import Contracts
import Foundation
import GRPCCore
import Kernel
import Notices
import Runtime
import SwiftProtobuf
import Testing

/// A copy of the templates that ship, to be changed.
private struct Copy: ~Copyable {
  let directory = FileManager.default.temporaryDirectory.appending(path: "notices-\(UUID().uuidString)")

  init() throws {
    try FileManager.default.copyItem(at: URL(filePath: Shipped.directory), to: directory)
  }

  var path: String { directory.path(percentEncoded: false) }

  func write(_ text: String, to file: String) throws {
    try text.write(to: directory.appending(path: file), atomically: true, encoding: .utf8)
  }

  func remove(_ file: String) throws { try FileManager.default.removeItem(at: directory.appending(path: file)) }

  deinit { try? FileManager.default.removeItem(at: directory) }
}

@Suite struct TemplatesTests {
  @Test func theTemplatesThatShipAreGood() throws {
    let templates = try NoticesContext.templates(in: Shipped.directory)
    for template in Template.allCases {
      #expect(templates.version(of: template) == (template == .termination ? 2 : 1))
    }
  }

  @Test(arguments: [
    ("past_due.v1.mustache", "<p>{{amount}}</p>\n<p>{{diagnosis}}</p>", "line 2 has the unknown field 'diagnosis'"),
    ("past_due.v1.mustache", "{{#members}}x{{/members}}", "line 1 has the unknown field 'members'"),
    ("past_due.v1.mustache", "{{^ lastDay }}x{{/lastDay}}", "line 1 has the unknown field 'lastDay'"),
    ("letter.v1.mustache", "{{amount}}", "line 1 has the unknown field 'amount'"),
    ("past_due.v1.mustache", "\n\n{{{amount}}}", "line 3 uses '{{{', which letters may not: every value is escaped"),
    ("past_due.v1.mustache", "{{& amount}}", "line 1 uses '{{&', which letters may not: every value is escaped"),
    ("past_due.v1.mustache", "{{=<% %>=}}", "line 1 uses '{{=', which letters may not: every value is escaped"),
    (
      "past_due.v1.mustache", "{{% CONTENT_TYPE:TEXT}}{{amount}}",
      "line 1 uses '{{%', which letters may not: every value is escaped"
    ),
    ("past_due.v1.mustache", "{{>stamp.v1}}", "line 1 includes 'stamp.v1', which is not there"),
    ("past_due.v1.mustache", "{{amount", "line 1 opens a tag that does not end"),
    ("past_due.v1.mustache", "{{#amount}}x", "is not Mustache"),
    ("past_due.mustache", "{{amount}}", "is not named like name.v1.mustache"),
    ("past_due.v0.mustache", "{{amount}}", "is not named like name.v1.mustache"),
    ("reasons.json", "{\"denial\": {}}", "is not the words of reason codes"),
  ])
  func aBadFileIsRefusedWithItsNameAndTheReason(_ file: String, _ text: String, _ reason: String) throws {
    let copy = try Copy()
    try copy.write(text, to: file)
    let refusal = #expect(throws: BadTemplate.self) { try NoticesContext.templates(in: copy.path) }
    #expect(refusal?.file == file)
    #expect(refusal?.reason.contains(reason) == true, "\(String(describing: refusal))")
    #expect(refusal?.problem.code == "notices.bad_template")
  }

  @Test func aMissingTemplateIsRefused() throws {
    let copy = try Copy()
    try copy.remove("denial.v1.mustache")
    let refusal = #expect(throws: BadTemplate.self) { try NoticesContext.templates(in: copy.path) }
    #expect(refusal?.file == "denial.v1.mustache")
    #expect(throws: BadTemplate.self) { try NoticesContext.templates(in: copy.path + "/none") }
  }

  @Test func anOldLetterKeepsTheVersionItWasWrittenWith() async throws {
    let copy = try Copy()
    let world = try World(templates: copy.path)
    try await world.publish("billing", "Invoice.PastDue", Events.pastDue(), 1)
    try await world.settle()
    let before = try await world.newestPage()
    try copy.write("<p>New words about {{amount}}</p>", to: "past_due.v2.mustache")
    let newer = try NoticesContext.templates(in: copy.path)
    #expect(newer.version(of: .pastDue) == 2)
    let id = try #require(try await world.notices().notices.first).noticeID
    let service = NoticesService(engine: world.engine, templates: newer)
    #expect(try await service.get(request: .with { $0.noticeID = id }, context: .test).body == before)
  }
}
