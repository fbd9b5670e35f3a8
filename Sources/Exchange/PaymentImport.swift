// An 820 to receipts: each line to the policy that its identifiers find, and to Payments, which knows what is owed.
// What finds nobody is received all the same: the money is there.

import Contracts
import Courier
import GRPCCore
import Kernel
import X12

struct PaymentImport: Sendable {
  let policy: any Premia_Policy_V1_PolicyService.ClientProtocol
  let payments: any Premia_Payments_V1_PaymentsService.ClientProtocol

  /// Takes the lines of a loop 2000, one after the other.
  ///
  /// - Throws: `Problem` where the import must stop.
  func take(_ record: LoopRecord, as name: RecordName) async throws(Problem) -> [FileImport.Outcome] {
    let reader = PaymentReader(record: record, profile: name.partner)
    var outcomes: [FileImport.Outcome] = []
    for (part, line) in reader.lines.enumerated() {
      outcomes.append(
        FileImport.Outcome(
          at: name.place, part: part, subject: line.remark,
          result: try await receive(line, part, reader, name)))
    }
    return outcomes
  }

  private func receive(
    _ line: PaymentLine, _ part: Int, _ reader: PaymentReader, _ name: RecordName
  ) async throws(Problem) -> FileImport.Outcome.Result {
    func refused(_ why: String, _ problem: Problem? = nil) -> FileImport.Outcome.Result {
      .refused(RefusedRecord(reader.refusal(of: line, why), problem: problem))
    }
    guard !reader.isPrenotification else {
      return refused(
        "This is a prenotification (BPR01 is P): no money moves, and nothing is applied")
    }
    guard let amount = line.segment.money(line.amountElement) else {
      return refused("This is no amount in dollars and cents")
    }
    if amount.isZero { return .accepted(id: "", status: "nothing") }
    var request = Premia_Payments_V1_ReceiveRequest()
    request.funds = line.funds
    request.payer = reader.payer
    request.reference = reader.reference
    request.remark = line.remark
    request.amount = Premia_Common_V1_Money(amount)
    if line.funds == .contribution {
      request.payerID = name.partner.remittances?.contributor ?? ""
    } else {
      request.policyID = try await found(line, name) ?? ""
    }
    request.source = name.key("line/\(part)")
    do {
      let receipt = try await name.call("line/\(part)") { [request] in
        try await payments.receive(request, options: .bounded)
      }
      return .accepted(id: receipt.receiptID, status: receipt.status)
    } catch {
      return refused(try error.said, error)
    }
  }

  /// The policy that the line pays for, by the first identifier that finds one.
  private func found(_ line: PaymentLine, _ name: RecordName) async throws(Problem) -> String? {
    for payerName in line.names {
      let policyID =
        switch payerName.meaning {
        case .policy: try await own(payerName.value)
        case .exchangePolicy: try await find("exchange_policy", payerName.value, name)
        case .subscriber: try await onlyCoverage(of: payerName.value, line, name)
        }
      if let policyID { return policyID }
    }
    return nil
  }

  private func own(_ id: String) async throws(Problem) -> String? {
    var question = Premia_Policy_V1_GetPolicyRequest()
    question.policyID = id
    return try await known { [question] in try await policy.get(question, options: .bounded) }
  }

  private func find(_ kind: String, _ value: String, _ name: RecordName) async throws(Problem)
    -> String?
  {
    var question = Premia_Policy_V1_FindPolicyRequest()
    question.identifier = .init(name.partner.name, kind, value)
    return try await known { [question] in try await policy.find(question, options: .bounded) }
  }

  /// The subscriber's policy, where there is only one that may be meant. A tax credit is for the coverage that the
  /// profile says.
  private func onlyCoverage(
    of subscriber: String, _ line: PaymentLine, _ name: RecordName
  ) async throws(Problem) -> String? {
    let coverages = name.partner.coverages.filter {
      line.funds != .taxCredit || name.partner.taxCredit.map(\.insuranceLine) == $0.insuranceLine
    }
    var policies: Set<String> = []
    for coverage in coverages {
      if let policyID = try await find("enrolment", "\(subscriber)/\(coverage.code)", name) {
        policies.insert(policyID)
      }
    }
    return policies.count == 1 ? policies.first : nil
  }

  /// Nil where there is no such policy, or the identifier is none of ours.
  private func known(
    _ question: () async throws -> Premia_Policy_V1_Policy
  ) async throws(Problem) -> String? {
    do {
      return try await ask(question).policyID
    } catch {
      if error.kind == .notFound || error.kind == .invalid { return nil }
      throw error
    }
  }
}

extension Premia_Payments_V1_Receipt {
  /// As kept with the outcome of its line.
  fileprivate var status: String {
    suspense.cents == 0 ? "applied" : applied.cents == 0 ? "suspense" : "partly_applied"
  }
}
