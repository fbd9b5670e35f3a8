// The clients of every service, here or elsewhere.

import Contracts
import Courier
import GRPCCore
import Runtime

struct Lines: Sendable {
  typealias Transport = LineTransport

  let party: Premia_Party_V1_PartyService.Client<Transport>
  let products: Premia_Products_V1_ProductsService.Client<Transport>
  let policy: Premia_Policy_V1_PolicyService.Client<Transport>
  let billing: Premia_Billing_V1_BillingService.Client<Transport>
  let payments: Premia_Payments_V1_PaymentsService.Client<Transport>
  let claims: Premia_Claims_V1_ClaimsService.Client<Transport>
  let ledger: Premia_Ledger_V1_LedgerService.Client<Transport>
  let notices: Premia_Notices_V1_NoticesService.Client<Transport>
  let commissions: Premia_Commissions_V1_CommissionsService.Client<Transport>
  /// The published log of each context.
  let logs: [String: Premia_Common_V1_EventLog.Client<Transport>]
  /// What the process of each context that is elsewhere does for the house.
  let upkeep: [String: Premia_House_V1_UpkeepService.Client<Transport>]

  /// - Parameter lines: to all contexts, by their names.
  init(_ lines: [String: Line]) {
    func client(_ name: String) -> GRPCClient<Transport> {
      guard let line = lines[name] else { preconditionFailure("there is no line to \(name)") }
      return line.client
    }
    party = .init(wrapping: client("party"))
    products = .init(wrapping: client("products"))
    policy = .init(wrapping: client("policy"))
    billing = .init(wrapping: client("billing"))
    payments = .init(wrapping: client("payments"))
    claims = .init(wrapping: client("claims"))
    ledger = .init(wrapping: client("ledger"))
    notices = .init(wrapping: client("notices"))
    commissions = .init(wrapping: client("commissions"))
    logs = lines.mapValues { Premia_Common_V1_EventLog.Client(wrapping: $0.client) }
    upkeep = lines.mapValues { Premia_House_V1_UpkeepService.Client(wrapping: $0.client) }
  }
}

extension Lines {
  /// Does something with every policy, with many at a time.
  func forEachPolicy(_ body: @escaping @Sendable (Premia_Policy_V1_Policy) async throws -> Void) async throws {
    var request = Premia_Policy_V1_ListPoliciesRequest()
    request.page.size = 500
    repeat {
      let page = try await ask { [request] in try await policy.list(request, options: .long) }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for (index, policy) in page.policies.enumerated() {
          if index >= 32 { try await group.next() }
          group.addTask { try await body(policy) }
        }
        try await group.waitForAll()
      }
      request.page.token = page.nextToken
    } while !request.page.token.isEmpty
  }
}

extension CallOptions {
  /// For bulk work: ends after an hour.
  static var long: CallOptions {
    var options = CallOptions.defaults
    options.timeout = .seconds(3_600)
    return options
  }
}
