// One policy: what it is, what was billed, paid and claimed, and everything that happened to it.

import Contracts
import Courier
import Kernel

struct PolicyPage {
  let number: String
  let status: Pill
  let lead: String
  let facts: [Fact]
  let people: Part
  let parts: [Part]
  let history: HistoryPart

  /// - Throws: where there is no such policy, or Policy cannot be asked.
  init(_ id: String, correlation: String, _ house: House) async throws(Problem) {
    var request = Premia_Policy_V1_GetPolicyRequest()
    request.policyID = id
    let policy = try await house.hear { [request] in try await house.policy.get(request, options: .bounded) }.get()
    let names = await house.names(of: policy.members.map(\.partyID))
    number = policy.policyNumber
    status = policy.status.pill
    lead = "\(policy.planName), \(policy.level.label.lowercased()), \(policy.state) area \(policy.ratingArea)"
    facts = Self.facts(policy)
    people = Self.people(policy, names)
    async let invoices = Self.invoices(id, house)
    async let payments = Self.payments(id, house)
    async let claims = Self.claims(id, house)
    async let notices = Self.notices(id, house)
    async let entries = Self.entries(id, house)
    async let history = HistoryPart(of: id, correlation: correlation, in: house)
    parts = await [invoices, payments, claims, notices, entries]
    self.history = await history
  }
}

// MARK: - The snapshot

extension PolicyPage {
  private static func facts(_ policy: Premia_Policy_V1_Policy) -> [Fact] {
    var facts = [
      Fact("Coverage", Words.period(from: policy.effectiveDate, to: policy.endDate)),
      Fact("Channel", Words.label(policy.channel)),
    ]
    if let price = policy.premium.last {
      facts += [
        Fact("Premium", "\(Words.money(price.gross)) a month"), Fact("Tax credit", Words.money(price.aptc)),
        Fact("Member pays", "\(Words.money(price.net)) a month"),
      ]
    }
    if !policy.statusReason.isEmpty { facts.append(Fact("Reason", Words.label(policy.statusReason))) }
    facts += policy.identifiers.map { Fact("\($0.system) \($0.kind)", $0.value) }
    facts.append(Fact("Identifier", policy.policyID))
    facts.append(Fact("Rules used", policy.rules.joined(separator: ", ")))
    return facts
  }

  private static func people(_ policy: Premia_Policy_V1_Policy, _ names: [String: String]) -> Part {
    let rows = policy.members.map { member -> [Sheet.Cell] in
      [
        .text(names[member.partyID] ?? member.partyID), .text(Words.label(member.relationship)),
        .text(Words.day(member.birthDate)), .text(Words.period(from: member.from, to: member.to)),
        .text(member.memberNumber),
      ]
    }
    let columns = ["Name", "Relationship", "Born", "Covered", "Card number"]
    return Part("Members", sheets: [Sheet("Covered people", columns, rows, nothing: "Nobody is covered.")])
  }
}

// MARK: - What others hold about it

extension PolicyPage {
  /// Rows of a list that the page shows.
  private static let mostRows: Int32 = 100

  private static func invoices(_ id: String, _ house: House) async -> Part {
    let answer = await house.hear {
      var find = Premia_Billing_V1_FindAccountRequest()
      find.policyID = id
      let account: Premia_Billing_V1_Account
      do {
        account = try await ask { [find] in try await house.billing.findAccount(find, options: .bounded) }
      } catch let problem as Problem where problem.kind == .notFound {
        return (Premia_Billing_V1_Account(), [Premia_Billing_V1_Invoice]())
      }
      var list = Premia_Billing_V1_ListInvoicesRequest()
      list.accountID = account.accountID
      list.page.size = mostRows
      return (account, try await house.billing.listInvoices(list, options: .bounded).invoices)
    }
    return Part("Invoices", answer) { account, invoices in
      let rows = invoices.map { invoice -> [Sheet.Cell] in
        [
          .text(Words.period(from: invoice.from, to: invoice.to)), .pill(invoice.status.pill),
          .text(Words.day(invoice.issuedOn)), .text(Words.day(invoice.dueOn)), .number(Words.money(invoice.total)),
          .number(Words.money(invoice.paid)),
        ]
      }
      var facts: [Fact] = []
      if !account.accountID.isEmpty {
        facts += [
          Fact("Open", Words.money(account.receivable)), Fact("Past due", Words.money(account.pastDue)),
          Fact("Credit", Words.money(account.credit)),
        ]
      }
      if !account.nextStep.isEmpty {
        facts.append(Fact("Next", "\(Words.label(account.nextStep)) on \(Words.day(account.nextStepOn))"))
      }
      return (
        facts,
        [
          Sheet(
            "Newest are last", ["For", "Status", "Issued", "Due", "#Amount", "#Paid"], rows,
            nothing: "Nothing was billed yet. The first invoice follows when the policy is bound.")
        ]
      )
    }
  }

  private static func payments(_ id: String, _ house: House) async -> Part {
    let answer = await house.hear {
      var list = Premia_Payments_V1_ListPaymentsRequest()
      list.policyID = id
      list.page.size = mostRows
      return try await house.payments.list(list, options: .bounded).payments
    }
    return Part("Payments", answer) { payments in
      let rows = payments.map { payment -> [Sheet.Cell] in
        [
          .text(Words.day(payment.requestedOn)), .pill(payment.status.pill),
          .text(payment.autopay ? "Autopay" : "One-off"),
          .text(Words.label(payment.declineCode)), .number(Words.money(payment.amount)),
        ]
      }
      let sheet = Sheet(
        "Newest are last", ["Requested", "Status", "Way", "Declined for", "#Amount"], rows,
        nothing: "No payment was tried yet. Autopay charges on the due date.")
      return ([], [sheet])
    }
  }

  private static func claims(_ id: String, _ house: House) async -> Part {
    let answer = await house.hear {
      var list = Premia_Claims_V1_ListClaimsRequest()
      list.policyID = id
      list.page.size = mostRows
      return try await house.claims.list(list, options: .bounded).claims
    }
    return Part("Claims", answer) { claims in
      let rows = claims.map { claim -> [Sheet.Cell] in
        [
          .text(Words.day(claim.filed.receivedOn)), .pill(claim.status.pill),
          .text(claim.denialReason.isEmpty ? "" : DenialWords.label(claim.denialReason)),
          .number(Words.money(claim.filed.charge)), .number(Words.money(claim.allowed)),
          .number(Words.money(claim.paid)), .number(Words.money(claim.patientResponsibility)),
        ]
      }
      let sheet = Sheet(
        "Newest are last", ["Received", "Status", "Denied for", "#Charged", "#Allowed", "#Plan paid", "#Patient"], rows,
        nothing: "No claims. They come with 837P files: 'premia import FILE'.")
      return ([], [sheet])
    }
  }

  private static func notices(_ id: String, _ house: House) async -> Part {
    let answer = await house.hear {
      var list = Premia_Notices_V1_ListNoticesRequest()
      list.policyID = id
      list.page.size = mostRows
      return try await house.notices.list(list, options: .bounded).notices
    }
    return Part("Letters", answer) { notices in
      let rows = notices.map { notice -> [Sheet.Cell] in
        [
          .text(Words.day(notice.sentOn)), .link(notice.subject, to: "/notices/\(notice.noticeID)"),
          .text(Words.label(notice.channel)),
        ]
      }
      let sheet = Sheet(
        "Newest are last", ["Sent", "Letter", "Way"], rows,
        nothing: "No letters yet. The first one welcomes the member.")
      return ([], [sheet])
    }
  }

  private static func entries(_ id: String, _ house: House) async -> Part {
    let answer = await house.hear {
      var list = Premia_Ledger_V1_ListEntriesRequest()
      list.about = id
      list.page.size = mostRows
      return try await house.ledger.listEntries(list, options: .bounded).entries
    }
    return Part("Ledger", answer) { entries in
      let rows = entries.flatMap { entry in
        entry.postings.enumerated().map { index, posting -> [Sheet.Cell] in
          [
            .text(index == 0 ? Words.day(entry.on) : ""), .text(index == 0 ? entry.eventType : ""),
            .text("\(posting.account) \(posting.accountName)"),
            .number(posting.debit.cents == 0 ? "" : Words.money(posting.debit)),
            .number(posting.credit.cents == 0 ? "" : Words.money(posting.credit)),
          ]
        }
      }
      let sheet = Sheet(
        "Entries, newest last", ["Day", "Because of", "Account", "#Debit", "#Credit"], rows,
        nothing: "Nothing was posted yet.")
      return ([], [sheet])
    }
  }
}
