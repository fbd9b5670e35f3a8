// One policy: what it is, what was billed, paid and claimed, and everything that happened to it.

import Contracts
import Courier
import Kernel

struct PolicyPage {
  let number: String
  let status: Pill
  let lead: String
  /// Facts in a list of their own, for the template's sake.
  struct Facts {
    let facts: [Fact]
  }

  let terms: Facts
  let identifiers: Facts
  /// The members, and what others hold about the policy.
  let parts: [Part]
  let history: HistoryPart
  let entries: Part

  /// - Throws: where there is no such policy, or Policy cannot be asked.
  init(_ id: String, correlation: String, _ house: House) async throws(Problem) {
    var request = Premia_Policy_V1_GetPolicyRequest()
    request.policyID = id
    let policy = try await house.hear { [request] in try await house.policy.get(request, options: .bounded) }.get()
    let names = await house.names(of: policy.members.map(\.partyID))
    number = policy.policyNumber
    status = policy.status.pill
    let members = Words.count(Int64(policy.members.count), "member")
    lead = [
      names[policy.subscriberID] ?? policy.subscriberID, members, "\(policy.planName) (\(policy.level.label))",
      "\(policy.state), rating area \(policy.ratingArea)",
    ].joined(separator: " · ")
    terms = Facts(facts: Self.terms(policy))
    identifiers = Facts(facts: Self.identifiers(policy))
    let people = Self.people(policy, names)
    async let invoices = Self.invoices(id, house)
    async let payments = Self.payments(id, house)
    async let claims = Self.claims(id, house)
    async let notices = Self.notices(id, house)
    async let commissions = Self.commissions(id, house)
    async let entries = Self.entries(id, house)
    async let history = HistoryPart(of: id, correlation: correlation, in: house)
    parts = await [people, invoices, payments, claims, notices, commissions]
    self.entries = await entries
    self.history = await history
  }
}

// MARK: - The snapshot

extension PolicyPage {
  private static func terms(_ policy: Premia_Policy_V1_Policy) -> [Fact] {
    var facts = [Fact("Coverage", Words.period(from: policy.effectiveDate, to: policy.endDate))]
    if let price = policy.premium.last {
      facts += [
        Fact("Premium", "\(Words.money(price.gross)) a month"), Fact("Tax credit", Words.money(price.aptc)),
      ]
      facts += price.addOns.map { Fact($0.planName, "\(Words.money($0.monthly)) a month") }
      facts.append(Fact("Member pays", "\(Words.money(price.net)) a month"))
    }
    facts.append(Fact("Channel", Words.label(policy.channel)))
    if !policy.statusReason.isEmpty { facts.append(Fact("Reason", Words.label(policy.statusReason))) }
    return facts
  }

  private static func identifiers(_ policy: Premia_Policy_V1_Policy) -> [Fact] {
    [Fact("Premia", code: policy.policyID)]
      + policy.identifiers.map { Fact("\($0.system) \($0.kind)", code: $0.value) }
      + [Fact("Rules used", policy.rules.joined(separator: ", "))]
  }

  private static func people(_ policy: Premia_Policy_V1_Policy, _ names: [String: String]) -> Part {
    let rows = policy.members.map { member -> [Sheet.Cell] in
      [
        .text(names[member.partyID] ?? member.partyID), .text(Words.label(member.relationship)),
        .day(member.birthDate), .text(Words.period(from: member.from, to: member.to)), .text(member.memberNumber),
      ]
    }
    let columns = ["Name", "Relationship", "Born", "~Covered", "Card number"]
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
        return (Premia_Billing_V1_Account(), [Premia_Billing_V1_Invoice](), [Premia_Billing_V1_Document]())
      }
      var list = Premia_Billing_V1_ListInvoicesRequest()
      list.accountID = account.accountID
      list.page.size = mostRows
      var papers = Premia_Billing_V1_ListDocumentsRequest()
      papers.accountID = account.accountID
      papers.page.size = mostRows
      return (
        account, try await house.billing.listInvoices(list, options: .bounded).invoices,
        try await house.billing.listDocuments(papers, options: .bounded).documents
      )
    }
    return Part("Invoices", answer) { account, invoices, documents in
      let rows = invoices.map { invoice -> [Sheet.Cell] in
        let charge = invoice.lines.first { $0.kind == "charge" }
        return [
          .text(charge?.name ?? Words.period(from: invoice.from, to: invoice.to)), .pill(invoice.status.pill),
          .day(invoice.issuedOn), .day(invoice.dueOn), .number(Words.money(invoice.total)),
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
      if account.hasSchedule { facts.append(Fact("Billed", Words.label(Words.schedule(account.schedule)))) }
      if account.hasGrace {
        facts.append(Fact("In grace", Words.period(from: account.grace.from, to: account.grace.to)))
        facts.append(Fact("Coverage ends, unpaid", Words.day(account.grace.terminateOn)))
      }
      if !account.nextStep.isEmpty {
        facts.append(Fact("Next", "\(Words.step(account.nextStep)) on \(Words.day(account.nextStepOn))"))
      }
      return (
        facts,
        [
          Sheet(
            "Oldest first", ["For", "Status", "~Issued", "~Due", "#Amount", "#Paid"], rows,
            nothing: "Nothing was billed yet. The first invoice follows when the policy is bound."),
          self.documents(documents),
        ]
      )
    }
  }

  private static func documents(_ documents: [Premia_Billing_V1_Document]) -> Sheet {
    let rows = documents.map { document -> [Sheet.Cell] in
      let href = "/v1/documents/\(document.number)"
      return [
        .link(document.number, to: "\(href)/html"), .day(document.on), .link("PDF", to: "\(href)/pdf"),
        .number(Words.money(document.amount)),
      ]
    }
    return Sheet(
      "Invoices and credit notes as they were sent", ["Number", "Dated", "~Print", "#Amount"], rows,
      nothing: "No document has a number yet. It gets one right after the invoice is issued.")
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
          .day(payment.requestedOn), .pill(payment.status.pill), .text(payment.autopay ? "Autopay" : "One-off"),
          .text(DeclineWords.label(payment.declineCode)), .number(Words.money(payment.amount)),
        ]
      }
      let sheet = Sheet(
        "Oldest first", ["Requested", "Status", "~Kind", "Declined for", "#Amount"], rows,
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
          .day(claim.filed.receivedOn), .pill(claim.status.pill),
          .text(claim.denialReason.isEmpty ? "" : DenialWords.label(claim.denialReason)),
          .number(Words.money(claim.filed.charge)), .number(Words.money(claim.allowed)),
          .number(Words.money(claim.paid)), .number(Words.money(claim.patientResponsibility)),
        ]
      }
      let sheet = Sheet(
        "Oldest first", ["Received", "Status", "Denied for", "#Charged", "~#Allowed", "#Plan paid", "#Patient"], rows,
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
          .day(notice.sentOn), .link(notice.subject, to: "/notices/\(notice.noticeID)"),
          .text(Words.label(notice.channel)),
        ]
      }
      let sheet = Sheet(
        "Newest first", ["Sent", "Letter", "Channel"], rows,
        nothing: "No letters yet. The first one welcomes the member.")
      return ([], [sheet])
    }
  }

  private static func commissions(_ id: String, _ house: House) async -> Part {
    let answer = await house.hear {
      var list = Premia_Commissions_V1_ListLinesRequest()
      list.policyID = id
      list.page.size = mostRows
      let lines = try await house.commissions.listLines(list, options: .bounded).lines
      return (lines, await house.names(of: Set(lines.map(\.producerID)).sorted()))
    }
    return Part("Commissions", answer) { lines, names in
      let rows = lines.map { line -> [Sheet.Cell] in
        [
          .day(line.postedOn), .month(line.month), .text(names[line.producerID] ?? line.producerID), .text(line.rule),
          .number(Words.money(line.amount)),
        ]
      }
      let sheet = Sheet(
        "As posted", ["~Posted", "Month", "Producer", "~Rule", "#Earned"], rows,
        nothing: "Nothing was earned: no premium was paid yet, or nobody is of record.")
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
            .day(index == 0 ? entry.on : ""), .text(index == 0 ? entry.eventType : ""),
            .text("\(posting.account) \(posting.accountName)"),
            .number(posting.debit.cents == 0 ? "" : Words.money(posting.debit)),
            .number(posting.credit.cents == 0 ? "" : Words.money(posting.credit)),
          ]
        }
      }
      let sheet = Sheet(
        "Its postings, oldest first", ["Day", "Caused by", "Account", "#Debit", "#Credit"], rows,
        nothing: "Nothing was posted yet.", isMore: { $0[0].text.isEmpty })
      return ([], [sheet])
    }
  }
}
