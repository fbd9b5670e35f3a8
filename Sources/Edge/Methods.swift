// The methods that have a route. The generated code names their types; this says that they are alike.

import Contracts
import GRPCCore

typealias EventLogMethod = Premia_Common_V1_EventLog.Method
typealias PolicyMethod = Premia_Policy_V1_PolicyService.Method
typealias PartyMethod = Premia_Party_V1_PartyService.Method
typealias ProductsMethod = Premia_Products_V1_ProductsService.Method
typealias BillingMethod = Premia_Billing_V1_BillingService.Method
typealias PaymentsMethod = Premia_Payments_V1_PaymentsService.Method
typealias ClaimsMethod = Premia_Claims_V1_ClaimsService.Method
typealias LedgerMethod = Premia_Ledger_V1_LedgerService.Method
typealias NoticesMethod = Premia_Notices_V1_NoticesService.Method
typealias CommissionsMethod = Premia_Commissions_V1_CommissionsService.Method
typealias HouseMethod = Premia_House_V1_HouseService.Method

extension EventLogMethod.Read: UnaryMethod {}
extension EventLogMethod.ListDeadLetters: UnaryMethod {}
extension EventLogMethod.Redrive: UnaryMethod {}
extension EventLogMethod.Replay: UnaryMethod {}
extension EventLogMethod.GetLag: UnaryMethod {}

extension PolicyMethod.CreateQuote: UnaryMethod {}
extension PolicyMethod.GetQuote: UnaryMethod {}
extension PolicyMethod.Apply: UnaryMethod {}
extension PolicyMethod.Bind: UnaryMethod {}
extension PolicyMethod.Issue: UnaryMethod {}
extension PolicyMethod.Terminate: UnaryMethod {}
extension PolicyMethod.PreviewTermination: UnaryMethod {}
extension PolicyMethod.AddMember: UnaryMethod {}
extension PolicyMethod.RemoveMember: UnaryMethod {}
extension PolicyMethod.ChangePlan: UnaryMethod {}
extension PolicyMethod.AddAddOn: UnaryMethod {}
extension PolicyMethod.RemoveAddOn: UnaryMethod {}
extension PolicyMethod.ChangeAddress: UnaryMethod {}
extension PolicyMethod.ChangeTaxCredit: UnaryMethod {}
extension PolicyMethod.Pause: UnaryMethod {}
extension PolicyMethod.Resume: UnaryMethod {}
extension PolicyMethod.Renew: UnaryMethod {}
extension PolicyMethod.DeclineRenewal: UnaryMethod {}
extension PolicyMethod.GiveBack: UnaryMethod {}
extension PolicyMethod.NoticeRescission: UnaryMethod {}
extension PolicyMethod.Rescind: UnaryMethod {}
extension PolicyMethod.Reinstate: UnaryMethod {}
extension PolicyMethod.Get: UnaryMethod {}
extension PolicyMethod.Find: UnaryMethod {}
extension PolicyMethod.List: UnaryMethod {}
extension PolicyMethod.GetCounts: UnaryMethod {}
extension PolicyMethod.GetTotals: UnaryMethod {}
extension PolicyMethod.RunRenewals: UnaryMethod {}
extension PolicyMethod.RunRates: UnaryMethod {}
extension PolicyMethod.GetRun: UnaryMethod {}
extension PolicyMethod.ListParked: UnaryMethod {}

extension PartyMethod.Register: UnaryMethod {}
extension PartyMethod.Get: UnaryMethod {}
extension PartyMethod.Find: UnaryMethod {}
extension PartyMethod.List: UnaryMethod {}
extension PartyMethod.GetTotals: UnaryMethod {}

extension ProductsMethod.Publish: UnaryMethod {}
extension ProductsMethod.ListPlans: UnaryMethod {}
extension ProductsMethod.GetPlan: UnaryMethod {}
extension ProductsMethod.Rate: UnaryMethod {}

extension BillingMethod.GetAccount: UnaryMethod {}
extension BillingMethod.FindAccount: UnaryMethod {}
extension BillingMethod.GetInvoice: UnaryMethod {}
extension BillingMethod.ListInvoices: UnaryMethod {}
extension BillingMethod.VoidInvoice: UnaryMethod {}
extension BillingMethod.CreditInvoice: UnaryMethod {}
extension BillingMethod.AdjustInvoice: UnaryMethod {}
extension BillingMethod.WriteOffInvoice: UnaryMethod {}
extension BillingMethod.ChargeAccount: UnaryMethod {}
extension BillingMethod.GetRun: UnaryMethod {}
extension BillingMethod.ListParked: UnaryMethod {}
extension BillingMethod.RequestRefund: UnaryMethod {}
extension BillingMethod.ChangePaymentTimeline: UnaryMethod {}
extension BillingMethod.ChangeBillingDay: UnaryMethod {}
extension BillingMethod.GrantDiscount: UnaryMethod {}
extension BillingMethod.EndDiscount: UnaryMethod {}
extension BillingMethod.ListDiscounts: UnaryMethod {}
extension BillingMethod.SetShares: UnaryMethod {}
extension BillingMethod.ListShares: UnaryMethod {}
extension BillingMethod.GetSubscriberStatement: UnaryMethod {}
extension BillingMethod.GetPayer: UnaryMethod {}
extension BillingMethod.GetStatement: UnaryMethod {}
extension BillingMethod.ListStatements: UnaryMethod {}
extension BillingMethod.OpenCampaign: UnaryMethod {}
extension BillingMethod.CloseCampaign: UnaryMethod {}
extension BillingMethod.GetCampaign: UnaryMethod {}
extension BillingMethod.ListCampaigns: UnaryMethod {}
extension BillingMethod.GetDocument: UnaryMethod {}
extension BillingMethod.ListDocuments: UnaryMethod {}
extension BillingMethod.Run: UnaryMethod {}
extension BillingMethod.Preview: UnaryMethod {}
extension BillingMethod.GetSummary: UnaryMethod {}
extension BillingMethod.GetTotals: UnaryMethod {}

extension PaymentsMethod.AddMethod: UnaryMethod {}
extension PaymentsMethod.Pay: UnaryMethod {}
extension PaymentsMethod.Get: UnaryMethod {}
extension PaymentsMethod.List: UnaryMethod {}
extension PaymentsMethod.ListPayouts: UnaryMethod {}
extension PaymentsMethod.Run: UnaryMethod {}
extension PaymentsMethod.Receive: UnaryMethod {}
extension PaymentsMethod.GetReceipt: UnaryMethod {}
extension PaymentsMethod.ListSuspense: UnaryMethod {}
extension PaymentsMethod.ApplySuspense: UnaryMethod {}
extension PaymentsMethod.ReturnSuspense: UnaryMethod {}
extension PaymentsMethod.GetSummary: UnaryMethod {}
extension PaymentsMethod.GetTotals: UnaryMethod {}

extension ClaimsMethod.File: UnaryMethod {}
extension ClaimsMethod.Get: UnaryMethod {}
extension ClaimsMethod.List: UnaryMethod {}
extension ClaimsMethod.GetAccumulators: UnaryMethod {}
extension ClaimsMethod.GetSummary: UnaryMethod {}
extension ClaimsMethod.GetTotals: UnaryMethod {}

extension LedgerMethod.GetTrialBalance: UnaryMethod {}
extension LedgerMethod.ListEntries: UnaryMethod {}
extension LedgerMethod.GetTotals: UnaryMethod {}

extension NoticesMethod.Get: UnaryMethod {}
extension NoticesMethod.List: UnaryMethod {}
extension NoticesMethod.GetTotals: UnaryMethod {}

extension CommissionsMethod.AppointProducer: UnaryMethod {}
extension CommissionsMethod.GetProducer: UnaryMethod {}
extension CommissionsMethod.AssignProducer: UnaryMethod {}
extension CommissionsMethod.GetPolicyCommission: UnaryMethod {}
extension CommissionsMethod.ListLines: UnaryMethod {}
extension CommissionsMethod.ListStatements: UnaryMethod {}
extension CommissionsMethod.Run: UnaryMethod {}
extension CommissionsMethod.GetSummary: UnaryMethod {}
extension CommissionsMethod.GetTotals: UnaryMethod {}

extension HouseMethod.GetClock: UnaryMethod {}
extension HouseMethod.AdvanceClock: UnaryMethod {}
extension HouseMethod.Verify: UnaryMethod {}
extension HouseMethod.Reconcile: UnaryMethod {}
