// The books, read. Nothing is posted through this door: entries follow from events alone.

package import Contracts
import Courier
package import GRPCCore
import Kernel
package import Runtime

package struct LedgerService: Premia_Ledger_V1_LedgerService.SimpleServiceProtocol {
  private let store: any Store

  package init(engine: Engine) { store = engine.store }

  package func getTrialBalance(
    request: Premia_Ledger_V1_TrialBalanceRequest, context: ServerContext
  ) async throws -> Premia_Ledger_V1_TrialBalance {
    var debit = Money.zero(bookCurrency)
    var credit = Money.zero(bookCurrency)
    var answer = Premia_Ledger_V1_TrialBalance()
    for sum in try await sums() {
      debit += sum.debit
      credit += sum.credit
      var balance = Premia_Ledger_V1_Balance()
      balance.account = sum.account.number
      balance.accountName = sum.account.name
      balance.debit = Premia_Common_V1_Money(sum.debit)
      balance.credit = Premia_Common_V1_Money(sum.credit)
      answer.balances.append(balance)
    }
    answer.debit = Premia_Common_V1_Money(debit)
    answer.credit = Premia_Common_V1_Money(credit)
    answer.balanced = debit == credit
    return answer
  }

  package func listEntries(
    request: Premia_Ledger_V1_ListEntriesRequest, context: ServerContext
  ) async throws -> Premia_Ledger_V1_ListEntriesResponse {
    let limit = try request.page.limit()
    var after: [Value] = []
    if !request.page.token.isEmpty {
      after = [.text(try ID<JournalTag>(request.page.token, field: "page.token").description)]
    }
    var query = Query(LedgerTables.entries, limit: limit)
    if !request.about.isEmpty {
      query = Query(LedgerTables.policyEntries, where: [("policy_id", .text(request.about))], limit: limit)
      if !after.isEmpty { after.insert(.text(request.about), at: 0) }
    }
    if !after.isEmpty { query.after = after }
    let found = try await store.rows(query)
    var answer = Premia_Ledger_V1_ListEntriesResponse()
    for row in found { answer.entries.append(try await entry(row["entry_id"], about: request.about)) }
    if found.count == limit, let last = found.last { answer.nextToken = last.text("entry_id") }
    return answer
  }

  package func getTotals(
    request: Premia_Common_V1_TotalsRequest, context: ServerContext
  ) async throws -> Premia_Common_V1_Totals {
    var answer = Premia_Common_V1_Totals()
    answer.totals = try await sums().map { sum in
      Premia_Common_V1_Total(sum.account.number, count: sum.postings, sum.debit - sum.credit)
    }
    return answer
  }

  private struct AccountSum {
    let account: LedgerAccount
    let postings: Int64
    let debit: Money
    let credit: Money
  }

  /// Every account of the chart, in the order of its numbers.
  private func sums() async throws -> [AccountSum] {
    var byNumber: [Value: Tally] = [:]
    let tallies = try await store.tally(
      LedgerTables.postings, by: ["account"], sums: ["debit_cents", "credit_cents"], where: [])
    for tally in tallies { byNumber[tally.group[0]] = tally }
    return LedgerAccount.allCases.map { account in
      let tally = byNumber[.text(account.number)] ?? Tally(group: [], count: 0, sums: [0, 0])
      return AccountSum(
        account: account, postings: tally.count, debit: Money(cents: tally.sums[0], bookCurrency),
        credit: Money(cents: tally.sums[1], bookCurrency))
    }
  }

  /// - Parameter policyID: whose postings alone are wanted; all where it is empty.
  private func entry(_ id: Value, about policyID: String) async throws -> Premia_Ledger_V1_Entry {
    guard let row = try await store.row(LedgerTables.entries, key: [id]) else {
      throw StoreFailure.corrupt("policy_entries names an entry that is not there: \(id)")
    }
    var entry = Premia_Ledger_V1_Entry()
    entry.entryID = row.text("entry_id")
    entry.eventID = row.text("event_id")
    entry.eventType = row.text("event_type")
    entry.about = row.text("policy_id")
    entry.on = row.text("posted_on")
    entry.words = row.text("words")
    entry.postings = try await store.rows(Query(LedgerTables.postings, where: [("entry_id", id)], limit: .max))
      .filter { policyID.isEmpty || $0.text("policy_id") == policyID }
      .map(Premia_Ledger_V1_Posting.init)
    return entry
  }
}

extension Premia_Ledger_V1_Posting {
  fileprivate init(_ row: Row) throws {
    guard let known = LedgerAccount(rawValue: row.text("account")) else {
      throw StoreFailure.corrupt("\(row.text("entry_id")) posts to \(row.text("account")), which is not in the chart")
    }
    self.init()
    account = known.number
    accountName = known.name
    debit = Premia_Common_V1_Money(Money(cents: row.integer("debit_cents"), bookCurrency))
    credit = Premia_Common_V1_Money(Money(cents: row.integer("credit_cents"), bookCurrency))
  }
}
