// The one table of routes. The HTTP handlers and the OpenAPI document are both made from it; there is no other list.

import Contracts

enum Routes {
  static let all: [Route] =
    policy + changes + runs + party + products + billing + payments + claims + books + notices + commissions + totals
    + events + house

  private static let policy: [Route] = [
    .post("/v1/quotes", to: PolicyMethod.CreateQuote.self, in: "policy"),
    .get("/v1/quotes/{quoteId}", to: PolicyMethod.GetQuote.self, in: "policy"),
    .post("/v1/policies", to: PolicyMethod.Apply.self, in: "policy"),
    .get("/v1/policies", to: PolicyMethod.List.self, in: "policy"),
    .get("/v1/policies/find", to: PolicyMethod.Find.self, in: "policy"),
    .get("/v1/policies/counts", to: PolicyMethod.GetCounts.self, in: "policy"),
    .get("/v1/policies/{policyId}", to: PolicyMethod.Get.self, in: "policy"),
    .post("/v1/policies/{policyId}/bind", to: PolicyMethod.Bind.self, in: "policy"),
    .post("/v1/policies/{policyId}/issue", to: PolicyMethod.Issue.self, in: "policy"),
    .post("/v1/policies/{policyId}/terminate", to: PolicyMethod.Terminate.self, in: "policy"),
    .question(
      "/v1/policies/{policyId}/terminate/preview", to: PolicyMethod.PreviewTermination.self, in: "policy"),
  ]

  /// Changes to a policy in force; `dryRun` in the body asks what one would do.
  private static let changes: [Route] = [
    .post("/v1/policies/{policyId}/members", to: PolicyMethod.AddMember.self, in: "policy"),
    .post("/v1/policies/{policyId}/members/{partyId}/remove", to: PolicyMethod.RemoveMember.self, in: "policy"),
    .post("/v1/policies/{policyId}/plan", to: PolicyMethod.ChangePlan.self, in: "policy"),
    .post("/v1/policies/{policyId}/add-ons", to: PolicyMethod.AddAddOn.self, in: "policy"),
    .post("/v1/policies/{policyId}/add-ons/{planId}/remove", to: PolicyMethod.RemoveAddOn.self, in: "policy"),
    .post("/v1/policies/{policyId}/address", to: PolicyMethod.ChangeAddress.self, in: "policy"),
    .post("/v1/policies/{policyId}/tax-credit", to: PolicyMethod.ChangeTaxCredit.self, in: "policy"),
    .post("/v1/policies/{policyId}/pause", to: PolicyMethod.Pause.self, in: "policy"),
    .post("/v1/policies/{policyId}/resume", to: PolicyMethod.Resume.self, in: "policy"),
    .post("/v1/policies/{policyId}/renew", to: PolicyMethod.Renew.self, in: "policy"),
    .post("/v1/policies/{policyId}/decline-renewal", to: PolicyMethod.DeclineRenewal.self, in: "policy"),
    .post("/v1/policies/{policyId}/give-back", to: PolicyMethod.GiveBack.self, in: "policy"),
    .post("/v1/policies/{policyId}/notice-rescission", to: PolicyMethod.NoticeRescission.self, in: "policy"),
    .post("/v1/policies/{policyId}/rescind", to: PolicyMethod.Rescind.self, in: "policy"),
    .post("/v1/policies/{policyId}/reinstate", to: PolicyMethod.Reinstate.self, in: "policy"),
  ]

  /// Bulk runs over the policies in force; `dryRun` in the body says what one would do. What a run came to is asked
  /// alike of those of billing.
  private static let runs: [Route] = [
    .post("/v1/runs/renewal", to: PolicyMethod.RunRenewals.self, in: "policy", within: bulk),
    .post("/v1/runs/rates", to: PolicyMethod.RunRates.self, in: "policy", within: bulk),
    .get("/v1/runs/{runId}", to: PolicyMethod.GetRun.self, in: "policy")
      .or(billingRuns, .get("/v1/runs/{runId}", to: BillingMethod.GetRun.self, in: "billing")),
    .get("/v1/runs/{runId}/parked", to: PolicyMethod.ListParked.self, in: "policy")
      .or(billingRuns, .get("/v1/runs/{runId}/parked", to: BillingMethod.ListParked.self, in: "billing")),
  ]

  private static let party: [Route] = [
    .post("/v1/parties", to: PartyMethod.Register.self, in: "party"),
    .get("/v1/parties", to: PartyMethod.List.self, in: "party"),
    .get("/v1/parties/find", to: PartyMethod.Find.self, in: "party"),
    .get("/v1/parties/{partyId}", to: PartyMethod.Get.self, in: "party"),
  ]

  private static let products: [Route] = [
    .post("/v1/product-files", to: ProductsMethod.Publish.self, in: "products"),
    .get("/v1/plans", to: ProductsMethod.ListPlans.self, in: "products"),
    .get("/v1/plans/{planId}", to: ProductsMethod.GetPlan.self, in: "products"),
    .question("/v1/rates", to: ProductsMethod.Rate.self, in: "products"),
  ]

  private static let billing: [Route] = [
    .get("/v1/policies/{policyId}/account", to: BillingMethod.FindAccount.self, in: "billing"),
    .post(
      "/v1/policies/{policyId}/payment-timeline", to: BillingMethod.ChangePaymentTimeline.self, in: "billing"),
    .post("/v1/policies/{policyId}/billing-day", to: BillingMethod.ChangeBillingDay.self, in: "billing"),
    .get("/v1/accounts/{accountId}", to: BillingMethod.GetAccount.self, in: "billing"),
    .get("/v1/invoices", to: BillingMethod.ListInvoices.self, in: "billing"),
    .get("/v1/invoices/{invoiceId}", to: BillingMethod.GetInvoice.self, in: "billing"),
    .post("/v1/invoices/{invoiceId}/void", to: BillingMethod.VoidInvoice.self, in: "billing"),
    .post("/v1/invoices/{invoiceId}/credit", to: BillingMethod.CreditInvoice.self, in: "billing"),
    .post("/v1/invoices/{invoiceId}/adjust", to: BillingMethod.AdjustInvoice.self, in: "billing"),
    .post("/v1/invoices/{invoiceId}/write-off", to: BillingMethod.WriteOffInvoice.self, in: "billing"),
    .post("/v1/accounts/{accountId}/charges", to: BillingMethod.ChargeAccount.self, in: "billing"),
    .post("/v1/accounts/{accountId}/refunds", to: BillingMethod.RequestRefund.self, in: "billing"),
    .get("/v1/accounts/{accountId}/discounts", to: BillingMethod.ListDiscounts.self, in: "billing"),
    .post("/v1/accounts/{accountId}/discounts", to: BillingMethod.GrantDiscount.self, in: "billing"),
    .post("/v1/accounts/{accountId}/discounts/{code}/end", to: BillingMethod.EndDiscount.self, in: "billing"),
    .get("/v1/accounts/{accountId}/shares", to: BillingMethod.ListShares.self, in: "billing"),
    .post("/v1/accounts/{accountId}/shares", to: BillingMethod.SetShares.self, in: "billing"),
    .get("/v1/subscribers/{subscriberId}/statement", to: BillingMethod.GetSubscriberStatement.self, in: "billing"),
    .get("/v1/payers/{payerId}", to: BillingMethod.GetPayer.self, in: "billing"),
    .get("/v1/payers/{payerId}/statements", to: BillingMethod.ListStatements.self, in: "billing"),
    .get("/v1/statements/{statementId}", to: BillingMethod.GetStatement.self, in: "billing"),
    .get("/v1/campaigns", to: BillingMethod.ListCampaigns.self, in: "billing"),
    .post("/v1/campaigns", to: BillingMethod.OpenCampaign.self, in: "billing"),
    .get("/v1/campaigns/{code}", to: BillingMethod.GetCampaign.self, in: "billing"),
    .post("/v1/campaigns/{code}/close", to: BillingMethod.CloseCampaign.self, in: "billing"),
    .get("/v1/documents", to: BillingMethod.ListDocuments.self, in: "billing"),
    .get("/v1/documents/{number}", to: BillingMethod.GetDocument.self, in: "billing"),
    .file(
      "/v1/documents/{number}/html", .html, to: BillingMethod.GetDocument.self, in: "billing",
      bytes: { Array($0.html.utf8) }),
    .file(
      "/v1/documents/{number}/pdf", .pdf, to: BillingMethod.GetDocument.self, in: "billing",
      asking: { $0.pdf = true }, bytes: { Array($0.pdf) }),
    .post("/v1/billing/run", to: BillingMethod.Run.self, in: "billing", within: bulk),
    .document("/v1/billing/preview", to: BillingMethod.Preview.self, in: "billing"),
    .get("/v1/billing/summary", to: BillingMethod.GetSummary.self, in: "billing"),
  ]

  private static let payments: [Route] = [
    .post("/v1/policies/{policyId}/payment-methods", to: PaymentsMethod.AddMethod.self, in: "payments"),
    .post("/v1/payments", to: PaymentsMethod.Pay.self, in: "payments"),
    .get("/v1/payments", to: PaymentsMethod.List.self, in: "payments"),
    .get("/v1/payments/summary", to: PaymentsMethod.GetSummary.self, in: "payments"),
    .post("/v1/payments/run", to: PaymentsMethod.Run.self, in: "payments", within: bulk),
    .get("/v1/payments/{paymentId}", to: PaymentsMethod.Get.self, in: "payments"),
    .get("/v1/payouts", to: PaymentsMethod.ListPayouts.self, in: "payments"),
    .post("/v1/receipts", to: PaymentsMethod.Receive.self, in: "payments"),
    .get("/v1/receipts/{receiptId}", to: PaymentsMethod.GetReceipt.self, in: "payments"),
    .get("/v1/suspense", to: PaymentsMethod.ListSuspense.self, in: "payments"),
    .post("/v1/suspense/{receiptId}/apply", to: PaymentsMethod.ApplySuspense.self, in: "payments"),
    .post("/v1/suspense/{receiptId}/return", to: PaymentsMethod.ReturnSuspense.self, in: "payments"),
  ]

  private static let claims: [Route] = [
    .post("/v1/claims", to: ClaimsMethod.File.self, in: "claims"),
    .get("/v1/claims", to: ClaimsMethod.List.self, in: "claims"),
    .get("/v1/claims/summary", to: ClaimsMethod.GetSummary.self, in: "claims"),
    .get("/v1/claims/{claimId}", to: ClaimsMethod.Get.self, in: "claims"),
    .get("/v1/policies/{policyId}/accumulators", to: ClaimsMethod.GetAccumulators.self, in: "claims"),
  ]

  private static let books: [Route] = [
    .get("/v1/ledger/trial-balance", to: LedgerMethod.GetTrialBalance.self, in: "ledger"),
    .get("/v1/ledger/entries", to: LedgerMethod.ListEntries.self, in: "ledger"),
  ]

  private static let notices: [Route] = [
    .get("/v1/notices", to: NoticesMethod.List.self, in: "notices"),
    .get("/v1/notices/{noticeId}", to: NoticesMethod.Get.self, in: "notices"),
  ]

  private static let commissions: [Route] = [
    .post("/v1/producers/{producerId}/appointments", to: CommissionsMethod.AppointProducer.self, in: "commissions"),
    .get("/v1/producers/{producerId}", to: CommissionsMethod.GetProducer.self, in: "commissions"),
    .post("/v1/policies/{policyId}/producer", to: CommissionsMethod.AssignProducer.self, in: "commissions"),
    .get("/v1/policies/{policyId}/commission", to: CommissionsMethod.GetPolicyCommission.self, in: "commissions"),
    .get("/v1/commissions/lines", to: CommissionsMethod.ListLines.self, in: "commissions"),
    .get("/v1/commissions/statements", to: CommissionsMethod.ListStatements.self, in: "commissions"),
    .post("/v1/commissions/run", to: CommissionsMethod.Run.self, in: "commissions", within: bulk),
    .get("/v1/commissions/summary", to: CommissionsMethod.GetSummary.self, in: "commissions"),
  ]

  private static let totals: [Route] = [
    .get("/v1/totals/policy", to: PolicyMethod.GetTotals.self, in: "policy"),
    .get("/v1/totals/party", to: PartyMethod.GetTotals.self, in: "party"),
    .get("/v1/totals/billing", to: BillingMethod.GetTotals.self, in: "billing"),
    .get("/v1/totals/payments", to: PaymentsMethod.GetTotals.self, in: "payments"),
    .get("/v1/totals/claims", to: ClaimsMethod.GetTotals.self, in: "claims"),
    .get("/v1/totals/ledger", to: LedgerMethod.GetTotals.self, in: "ledger"),
    .get("/v1/totals/notices", to: NoticesMethod.GetTotals.self, in: "notices"),
    .get("/v1/totals/commissions", to: CommissionsMethod.GetTotals.self, in: "commissions"),
  ]

  /// Every context has these; the path says which one is meant.
  private static let events: [Route] = [
    .get("/v1/events/{context}", to: EventLogMethod.Read.self, in: nil),
    .get("/v1/events/{context}/lag", to: EventLogMethod.GetLag.self, in: nil),
    .get("/v1/events/{context}/dead-letters", to: EventLogMethod.ListDeadLetters.self, in: nil),
    .post("/v1/events/{context}/redrive", to: EventLogMethod.Redrive.self, in: nil, within: bulk),
    .post("/v1/events/{context}/replay", to: EventLogMethod.Replay.self, in: nil, within: bulk),
  ]

  private static let house: [Route] = [
    .get("/v1/clock", to: HouseMethod.GetClock.self, in: "house"),
    .post("/v1/clock/advance", to: HouseMethod.AdvanceClock.self, in: "house", within: bulk),
    .get("/v1/verify", to: HouseMethod.Verify.self, in: "house", within: bulk),
    .get("/v1/reconcile", to: HouseMethod.Reconcile.self, in: "house", within: bulk),
  ]

  /// With what the names of Billing's runs begin.
  private static let billingRuns = "billing-"

  /// For work whose length grows with the book.
  private static let bulk: Duration = .seconds(3_600)
}
