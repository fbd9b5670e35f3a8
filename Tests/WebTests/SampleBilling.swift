// Billing that answers for one account, and has nothing of what no page asks for.

import Contracts
import Courier
import GRPCCore
import Kernel
import SwiftProtobuf

struct SampleBilling: Premia_Billing_V1_BillingService.SimpleServiceProtocol {
  let policyID: String

  func getAccount(request: Premia_Billing_V1_GetAccountRequest, context: ServerContext) async throws
    -> Premia_Billing_V1_Account
  {
    throw Problem.notFound("account", request.accountID)
  }

  func findAccount(request: Premia_Billing_V1_FindAccountRequest, context: ServerContext) async throws
    -> Premia_Billing_V1_Account
  {
    guard request.policyID == policyID else { throw Problem.notFound("account", "of \(request.policyID)") }
    return .with {
      $0.accountID = "acc_1"
      $0.receivable = dollars(11_200)
      $0.pastDue = dollars(0)
      $0.credit = dollars(2_500)
      $0.nextStep = "issue_invoice"
      $0.nextStepOn = "2027-03-17"
    }
  }

  func getInvoice(request: Premia_Billing_V1_GetInvoiceRequest, context: ServerContext) async throws
    -> Premia_Billing_V1_Invoice
  {
    throw Problem.notFound("invoice", request.invoiceID)
  }

  func listInvoices(
    request: Premia_Billing_V1_ListInvoicesRequest, context: ServerContext
  ) async throws -> Premia_Billing_V1_ListInvoicesResponse {
    let months = [("2027-01-01", "2027-02-01", "2026-12-20"), ("2027-02-01", "2027-03-01", "2027-01-17")]
    return .with {
      $0.invoices = months.enumerated().map { index, month in
        .with {
          $0.status = index == 0 ? .paid : .pastDue
          $0.from = month.0
          $0.to = month.1
          $0.issuedOn = month.2
          $0.dueOn = month.0
          $0.total = dollars(11_200)
          $0.paid = dollars(index == 0 ? 11_200 : 0)
        }
      }
    }
  }

  func getSubscriberStatement(
    request: Premia_Billing_V1_GetSubscriberStatementRequest, context: ServerContext
  ) async throws -> Premia_Billing_V1_SubscriberStatement {
    throw Problem.notFound("statement", "of \(request.subscriberID)")
  }

  func creditInvoice(request: Premia_Billing_V1_CreditInvoiceRequest, context: ServerContext) async throws
    -> Premia_Billing_V1_Invoice
  {
    throw Problem.notFound("invoice", request.invoiceID)
  }

  func adjustInvoice(request: Premia_Billing_V1_AdjustInvoiceRequest, context: ServerContext) async throws
    -> Premia_Billing_V1_Invoice
  {
    throw Problem.notFound("invoice", request.invoiceID)
  }

  func writeOffInvoice(request: Premia_Billing_V1_WriteOffInvoiceRequest, context: ServerContext) async throws
    -> Premia_Billing_V1_Invoice
  {
    throw Problem.notFound("invoice", request.invoiceID)
  }

  func chargeAccount(request: Premia_Billing_V1_ChargeRequest, context: ServerContext) async throws
    -> Premia_Billing_V1_Invoice
  {
    throw Problem.notFound("account", request.accountID)
  }

  func requestRefund(request: Premia_Billing_V1_RefundRequest, context: ServerContext) async throws
    -> Premia_Billing_V1_Refund
  {
    throw Problem.notFound("account", request.accountID)
  }

  func changePaymentTimeline(
    request: Premia_Billing_V1_ChangePaymentTimelineRequest, context: ServerContext
  ) async throws -> Premia_Billing_V1_ScheduleChange {
    throw Problem.notFound("account", "of \(request.policyID)")
  }

  func changeBillingDay(
    request: Premia_Billing_V1_ChangeBillingDayRequest, context: ServerContext
  ) async throws -> Premia_Billing_V1_ScheduleChange {
    throw Problem.notFound("account", "of \(request.policyID)")
  }

  func grantDiscount(request: Premia_Billing_V1_GrantDiscountRequest, context: ServerContext) async throws
    -> Premia_Billing_V1_DiscountResponse
  { .init() }

  func endDiscount(request: Premia_Billing_V1_EndDiscountRequest, context: ServerContext) async throws
    -> Premia_Billing_V1_DiscountResponse
  { .init() }

  func listDiscounts(request: Premia_Billing_V1_ListDiscountsRequest, context: ServerContext) async throws
    -> Premia_Billing_V1_ListDiscountsResponse
  { .init() }

  func setShares(request: Premia_Billing_V1_SetSharesRequest, context: ServerContext) async throws
    -> Premia_Billing_V1_SharesResponse
  { .init() }

  func listShares(request: Premia_Billing_V1_ListSharesRequest, context: ServerContext) async throws
    -> Premia_Billing_V1_SharesResponse
  { .init() }

  func getPayer(request: Premia_Billing_V1_GetPayerRequest, context: ServerContext) async throws
    -> Premia_Billing_V1_Payer
  {
    throw Problem.notFound("payer", request.payerID)
  }

  func getStatement(request: Premia_Billing_V1_GetStatementRequest, context: ServerContext) async throws
    -> Premia_Billing_V1_Statement
  {
    throw Problem.notFound("statement", request.statementID)
  }

  func listStatements(request: Premia_Billing_V1_ListStatementsRequest, context: ServerContext) async throws
    -> Premia_Billing_V1_ListStatementsResponse
  { .init() }

  func openCampaign(request: Premia_Billing_V1_OpenCampaignRequest, context: ServerContext) async throws
    -> Premia_Billing_V1_Campaign
  { .init() }

  func closeCampaign(request: Premia_Billing_V1_CloseCampaignRequest, context: ServerContext) async throws
    -> Premia_Billing_V1_Campaign
  { .init() }

  func getCampaign(request: Premia_Billing_V1_GetCampaignRequest, context: ServerContext) async throws
    -> Premia_Billing_V1_Campaign
  {
    throw Problem.notFound("campaign", request.code)
  }

  func listCampaigns(request: Premia_Billing_V1_ListCampaignsRequest, context: ServerContext) async throws
    -> Premia_Billing_V1_ListCampaignsResponse
  { .init() }

  func getDocument(request: Premia_Billing_V1_GetDocumentRequest, context: ServerContext) async throws
    -> Premia_Billing_V1_Document
  {
    throw Problem.notFound("document", request.number)
  }

  func listDocuments(
    request: Premia_Billing_V1_ListDocumentsRequest, context: ServerContext
  ) async throws -> Premia_Billing_V1_ListDocumentsResponse {
    .with {
      $0.documents = [
        .with {
          $0.number = "INV-2026-000017"
          $0.kind = .invoice
          $0.on = "2026-12-20"
          $0.amount = dollars(11_200)
        }
      ]
    }
  }

  func voidInvoice(request: Premia_Billing_V1_VoidInvoiceRequest, context: ServerContext) async throws
    -> Premia_Billing_V1_Invoice
  {
    throw Problem.notFound("invoice", request.invoiceID)
  }

  func run(request: Premia_Billing_V1_RunRequest, context: ServerContext) async throws -> Premia_Billing_V1_RunResponse
  { .init() }

  func getRun(request: Premia_Common_V1_GetRunRequest, context: ServerContext) async throws
    -> Premia_Common_V1_RunReport
  { .init() }

  func listParked(request: Premia_Common_V1_ListParkedRequest, context: ServerContext) async throws
    -> Premia_Common_V1_ListParkedResponse
  { .init() }

  func preview(request: Premia_Billing_V1_PreviewRequest, context: ServerContext) async throws
    -> Premia_Billing_V1_PreviewResponse
  { .init() }

  func getSummary(request: Premia_Billing_V1_SummaryRequest, context: ServerContext) async throws
    -> Premia_Billing_V1_Summary
  {
    .with {
      $0.accounts = 2_000
      $0.invoices = [
        total("paid", 21_904, 1_132_604_300), total("issued", 1_630, 84_127_750), total("past_due", 86, 4_388_200),
        total("void", 12, 601_150),
      ]
      $0.billed = dollars(1_221_120_250)
      $0.collected = dollars(1_132_604_300)
      $0.pastDue = dollars(4_388_200)
      $0.credit = dollars(612_940)
      $0.journeys = [journey("invoice_to_paid", 23_620, 21_904, median: 14, straight: 9_410)]
    }
  }

  func getTotals(request: Premia_Common_V1_TotalsRequest, context: ServerContext) async throws
    -> Premia_Common_V1_Totals
  { .init() }
}
