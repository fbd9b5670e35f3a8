// One letter, as the member sees it.

import Contracts
import Courier
import Kernel

struct NoticePage {
  let subject: String
  let facts: [Fact]
  let policyHref: String
  let policyNumber: String
  /// HTML; the template shows it in a frame in which nothing can run.
  let body: String

  /// - Throws: where there is no such letter, or Notices cannot be asked.
  init(_ id: String, _ house: House) async throws(Problem) {
    var request = Premia_Notices_V1_GetNoticeRequest()
    request.noticeID = id
    let notice = try await house.hear { [request] in try await house.notices.get(request, options: .bounded) }.get()
    subject = notice.subject
    body = notice.body
    policyHref = "/policies/\(notice.policyID)"
    facts = [
      Fact("Sent", Words.day(notice.sentOn)), Fact("Channel", Words.label(notice.channel)),
      Fact("Template", Words.label(notice.template)),
      Fact("Caused by", "An event of the policy", to: "\(policyHref)#\(notice.eventID)"),
    ]
    var find = Premia_Policy_V1_GetPolicyRequest()
    find.policyID = notice.policyID
    let policy = await house.hear { [find] in try await house.policy.get(find, options: .bounded) }
    policyNumber = (try? policy.get().policyNumber) ?? "The policy"
  }
}
