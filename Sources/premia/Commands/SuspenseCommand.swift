// suspense: money that came in without it being known what for, and what becomes of it.

import ArgumentParser
import Contracts
import Courier
import Kernel
import Runtime

struct SuspenseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "suspense", abstract: "Look at money that waits for somebody to say what it is for, and say so.",
    subcommands: [List.self, Apply.self, Return.self])

  struct Shown: Encodable {
    let receipt: String
    let received: String
    let ageDays: Int32
    let payer: String
    let reference: String
    let remark: String
    let reason: String
    let amountCents: Int64
    let appliedCents: Int64
    let returnedCents: Int64
    let suspenseCents: Int64

    init(_ receipt: Premia_Payments_V1_Receipt) {
      self.receipt = receipt.receiptID
      received = receipt.receivedOn
      ageDays = receipt.ageDays
      payer = receipt.payer
      reference = receipt.reference
      remark = receipt.remark
      reason = receipt.reason
      amountCents = receipt.amount.cents
      appliedCents = receipt.applied.cents
      returnedCents = receipt.returned.cents
      suspenseCents = receipt.suspense.cents
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show what is in suspense, the oldest first.")

    @OptionGroup var options: HouseOptions

    @Option(help: "Only of this payer, as its remittances name it.")
    var payer: String?

    @Option(help: "Only for this reason: unmatched, above_owed, takes_back, other_funds.")
    var reason: String?

    func run() async throws {
      try await options.withHouse { house in
        var request = Premia_Payments_V1_ListSuspenseRequest()
        request.payer = payer ?? ""
        request.reason = reason ?? ""
        request.page.size = 500
        var held: [Shown] = []
        repeat {
          let page = try await ask { [request] in
            try await house.lines.payments.listSuspense(request, options: .bounded)
          }
          held += page.receipts.map(Shown.init)
          request.page.token = page.nextToken
        } while !request.page.token.isEmpty
        if options.json { return Terminal.printJSON(held) }
        if held.isEmpty { return Terminal.print("Nothing is in suspense.") }
        var table = TextTable(
          ["receipt", "received", "days", "payer", "reference", "remark", "reason", "in suspense"], numeric: [2, 7])
        for one in held {
          table.add(
            one.receipt, one.received, "\(one.ageDays)", one.payer, one.reference, one.remark, one.reason,
            "\(Money(cents: one.suspenseCents))")
        }
        Terminal.print(table.text)
        Terminal.print("\n\(held.count) receipts, \(Money(cents: held.reduce(0) { $0 + $1.suspenseCents })).")
      }
    }
  }

  struct Apply: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Use money in suspense for what a policy owes.",
      discussion: """
        A premium pays the open invoices of the policy, a tax credit what the exchange owes for it. More than is owed \
        is refused.
        """)

    @OptionGroup var options: HouseOptions

    @Argument(help: "The receipt, rcp_…")
    var receipt: String

    @Option(help: "The policy, pol_…")
    var policy: String

    @Option(help: "How much of it, such as 125.00; all that is in suspense where absent.")
    var amount: Amount?

    func run() async throws {
      try await options.settle(receipt) { house in
        var request = Premia_Payments_V1_ApplySuspenseRequest()
        request.receiptID = receipt
        request.policyID = policy
        if let amount { request.amount = Premia_Common_V1_Money(amount.money) }
        return try await ask { [request] in
          try await house.lines.payments.applySuspense(request, options: .bounded)
        }
      }
    }
  }

  struct Return: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Record that what is in suspense goes back to its payer.",
      discussion: "The transfer itself is made outside. What a payer took is returned when the payer has made it good.")

    @OptionGroup var options: HouseOptions

    @Argument(help: "The receipt, rcp_…")
    var receipt: String

    @Option(help: "Why, in your words.")
    var reason: String

    func run() async throws {
      try await options.settle(receipt) { house in
        var request = Premia_Payments_V1_ReturnSuspenseRequest()
        request.receiptID = receipt
        request.reason = reason
        return try await ask { [request] in
          try await house.lines.payments.returnSuspense(request, options: .bounded)
        }
      }
    }
  }

  /// Money as it is typed: `125.00`.
  struct Amount: ExpressibleByArgument {
    let money: Money

    init?(argument: String) {
      guard let money = Money(decimal: argument) else { return nil }
      self.money = money
    }
  }
}

extension HouseOptions {
  /// Says what becomes of a receipt, lets everybody hear it, and shows the receipt as it then is.
  fileprivate func settle(
    _ receipt: String, _ body: (House) async throws -> Premia_Payments_V1_Receipt
  ) async throws {
    try await withHouse { house in
      let key = "cli/suspense/\(receipt)/\(house.clock.now)"
      let act = Act(correlation: key, causation: key, actor: "operator")
      let settled = try await Act.$current.withValue(act) { try await body(house) }
      try await house.drain()
      let shown = SuspenseCommand.Shown(settled)
      if json { return Terminal.printJSON(shown) }
      Terminal.print(
        "\(shown.receipt): \(Money(cents: shown.appliedCents)) applied, \(Money(cents: shown.returnedCents)) returned, "
          + "\(Money(cents: shown.suspenseCents)) in suspense.")
    }
  }
}
