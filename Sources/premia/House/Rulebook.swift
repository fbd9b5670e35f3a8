// What the configuration directory says, and the contexts as they are with it.

import Billing
import Claims
import Commissions
import Exchange
import Ledger
import Notices
import Party
import Payments
import Policy
import Products
import Runtime

/// The rules of a carrier that are data, read once.
struct Rulebook: Sendable {
  /// What the gateway's declines mean.
  let declines: DeclineTable
  /// The taxes and fees on premiums.
  let levies: LevyRules
  /// What producers earn.
  let schedule: CommissionSchedule
  /// How letters are worded.
  let templates: NoticeTemplates
  /// All contexts, in the order of `House.contextNames`.
  let contexts: [Context]

  /// - Throws: `Problem` naming the file and what is wrong with it.
  init(_ places: Places) throws {
    declines = try places.declineTable()
    levies = try places.levyRules()
    schedule = try places.commissionSchedule()
    templates = try NoticesContext.templates(in: places.config("notices"))
    contexts = [
      PartyContext.context, ProductsContext.context, PolicyContext.context,
      BillingContext.context(levying: levies), PaymentsContext.context, ClaimsContext.context, LedgerContext.context,
      NoticesContext.context(templates: templates), CommissionsContext.context(schedule: schedule),
      ExchangeContext.context,
    ]
    precondition(contexts.map(\.name) == House.contextNames, "the contexts are those that settings can name")
  }
}
