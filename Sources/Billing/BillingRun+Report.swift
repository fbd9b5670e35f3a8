// A billing run as every bulk run says it. What it parked stays due, so the next run looks at it again.

import Contracts
import Courier
import Kernel
import Runtime

extension Premia_Common_V1_RunReport {
  init(_ report: BillingRun.Report, asOf day: CalendarDate, dryRun: Bool) {
    self.init()
    runID = "billing-\(day)"
    pass = 1
    self.dryRun = dryRun
    done = true
    begunOn = day.description
    changed = report.accounts
    totals = report.totals.map(Premia_Common_V1_RunTotal.init)
    parkedCount = Int64(report.parked.count)
    seen = report.accounts + parkedCount
    parked = report.parked.sorted { $0.key < $1.key }.map { account, problem in
      var words = Premia_Common_V1_Parked()
      words.subject = account.rawValue
      words.code = problem.code
      words.detail = problem.detail
      words.remedy = problem.remedy
      return words
    }
  }
}
