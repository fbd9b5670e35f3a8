// The message boxes, read.

package import Contracts
import Courier
package import GRPCCore
import Kernel
package import Runtime

package struct NoticesService: Premia_Notices_V1_NoticesService.SimpleServiceProtocol {
  private let engine: Engine
  private let templates: NoticeTemplates

  package init(engine: Engine, templates: NoticeTemplates) {
    self.engine = engine
    self.templates = templates
  }

  package func get(
    request: Premia_Notices_V1_GetNoticeRequest, context: ServerContext
  ) async throws -> Premia_Notices_V1_Notice {
    let id = try ID<NoticeTag>(request.noticeID, field: "notice_id")
    let reading = Act.current ?? Act(correlation: "read")
    let state = try await engine.run(reading) { unit in try await unit.state(of: Notice.self, StreamID(id)) }
    guard case .sent(let notice) = state,
      let row = try await engine.store.row(NoticesTables.notices, key: [.text(id.description)])
    else { throw Problem.notFound("notice", request.noticeID) }
    var answer = Premia_Notices_V1_Notice(row)
    answer.body = try templates.page(of: notice, policyNumber: try await policyNumber(for: notice.letter))
    return answer
  }

  package func list(
    request: Premia_Notices_V1_ListNoticesRequest, context: ServerContext
  ) async throws -> Premia_Notices_V1_ListNoticesResponse {
    let limit = try request.page.limit()
    var query = Query(NoticesTables.notices, descending: true, limit: limit)
    if !request.policyID.isEmpty { query.matching = [("policy_id", .text(request.policyID))] }
    if !request.page.token.isEmpty {
      query.after = [.text(try ID<NoticeTag>(request.page.token, field: "page.token").description)]
    }
    let found = try await engine.store.rows(query)
    var answer = Premia_Notices_V1_ListNoticesResponse()
    answer.notices = found.map(Premia_Notices_V1_Notice.init)
    if found.count == limit, let last = found.last { answer.nextToken = last.text("notice_id") }
    return answer
  }

  package func getTotals(
    request: Premia_Common_V1_TotalsRequest, context: ServerContext
  ) async throws -> Premia_Common_V1_Totals {
    var counts: [Value: Int64] = [:]
    for tally in try await engine.store.tally(NoticesTables.notices, by: ["template"], sums: [], where: []) {
      counts[tally.group[0]] = tally.count
    }
    var answer = Premia_Common_V1_Totals()
    answer.totals = Template.allCases.map { template in
      Premia_Common_V1_Total(template.name, count: counts[.text(template.name), default: 0], .zero)
    }
    return answer
  }

  /// The number on the card, which only the policy's own events carry; until one has come, its identifier.
  private func policyNumber(for letter: Letter) async throws -> String {
    if let number = letter.policyNumber { return number }
    for template in [Template.welcome, .termination] {
      let matching: [(column: String, value: Value)] = [
        ("policy_id", .text(letter.policyID)), ("template", .text(template.name)),
      ]
      if let row = try await engine.store.rows(Query(NoticesTables.notices, where: matching, limit: 1)).first {
        return row.text("policy_number")
      }
    }
    return letter.policyID
  }
}

extension Premia_Notices_V1_Notice {
  /// Without its body.
  fileprivate init(_ row: Row) {
    self.init()
    noticeID = row.text("notice_id")
    template = row.text("template")
    policyID = row.text("policy_id")
    subject = row.text("subject")
    channel = row.text("channel")
    sentOn = row.text("sent_on")
    eventID = row.text("event_id")
  }
}
