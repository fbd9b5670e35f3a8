// The contexts as the pages ask them.

import Contracts
import Courier
import GRPCCore
import Kernel

typealias Transport = LineTransport

struct House: Sendable {
  /// In the order in which a page lists them.
  static let contexts = [
    "policy", "billing", "payments", "claims", "notices", "commissions", "ledger", "party", "products",
  ]

  let lines: [String: Line]

  var policy: Premia_Policy_V1_PolicyService.Client<Transport> {
    get throws(Problem) { .init(wrapping: try client("policy")) }
  }
  var billing: Premia_Billing_V1_BillingService.Client<Transport> {
    get throws(Problem) { .init(wrapping: try client("billing")) }
  }
  var payments: Premia_Payments_V1_PaymentsService.Client<Transport> {
    get throws(Problem) { .init(wrapping: try client("payments")) }
  }
  var claims: Premia_Claims_V1_ClaimsService.Client<Transport> {
    get throws(Problem) { .init(wrapping: try client("claims")) }
  }
  var notices: Premia_Notices_V1_NoticesService.Client<Transport> {
    get throws(Problem) { .init(wrapping: try client("notices")) }
  }
  var ledger: Premia_Ledger_V1_LedgerService.Client<Transport> {
    get throws(Problem) { .init(wrapping: try client("ledger")) }
  }
  var party: Premia_Party_V1_PartyService.Client<Transport> {
    get throws(Problem) { .init(wrapping: try client("party")) }
  }

  var commissions: Premia_Commissions_V1_CommissionsService.Client<Transport> {
    get throws(Problem) { .init(wrapping: try client("commissions")) }
  }

  func log(of context: String) throws(Problem) -> Premia_Common_V1_EventLog.Client<Transport> {
    .init(wrapping: try client(context))
  }

  /// The answer, or why there is none.
  func hear<Answer>(_ call: () async throws -> Answer) async -> Result<Answer, Problem> {
    do throws(Problem) {
      return .success(try await ask(call))
    } catch {
      return .failure(error)
    }
  }

  private func client(_ context: String) throws(Problem) -> GRPCClient<Transport> {
    guard let line = lines[context] else {
      throw Problem(
        kind: .unavailable, code: "context.unavailable", detail: "\(Words.label(context)) is not run here.",
        remedy: "Start it with 'premia serve'.")
    }
    return line.client
  }
}

extension Problem {
  /// What and what to do, in one line.
  var words: String { "\(detail) \(remedy)" }
}
