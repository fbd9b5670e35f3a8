// Contexts that answer with a small book, so that the pages can be looked at without a house behind them.

import Contracts
import Courier
import GRPCCore
import Kernel
import SwiftProtobuf

func dollars(_ cents: Int64) -> Premia_Common_V1_Money { Premia_Common_V1_Money(Money(cents: cents)) }

func total(_ name: String, _ count: Int64, _ cents: Int64) -> Premia_Common_V1_Total {
  Premia_Common_V1_Total(name, count: count, Money(cents: cents))
}

func figures(
  _ status: Premia_Claims_V1_ClaimStatus, _ claims: Int64, charged: Int64, paid: Int64
) -> Premia_Claims_V1_ClaimFigures {
  .with {
    $0.status = status
    $0.claims = claims
    $0.charged = dollars(charged)
    $0.paid = dollars(paid)
  }
}

func journey(_ name: String, _ started: Int64, _ completed: Int64, median: Int64, straight: Int64)
  -> Premia_Common_V1_Journey
{
  .with {
    $0.name = name
    $0.started = started
    $0.completed = completed
    $0.medianDays = median
    $0.ninetiethPercentileDays = median * 3
    $0.straightThroughBasisPoints = straight
  }
}

struct SamplePayments: Premia_Payments_V1_PaymentsService.SimpleServiceProtocol {
  func addMethod(
    request: Premia_Payments_V1_AddMethodRequest, context: ServerContext
  ) async throws -> Premia_Payments_V1_PaymentMethod { .init() }

  func pay(request: Premia_Payments_V1_PayRequest, context: ServerContext) async throws -> Premia_Payments_V1_Payment {
    .init()
  }

  func get(request: Premia_Payments_V1_GetPaymentRequest, context: ServerContext) async throws
    -> Premia_Payments_V1_Payment
  { .init() }

  func list(
    request: Premia_Payments_V1_ListPaymentsRequest, context: ServerContext
  ) async throws -> Premia_Payments_V1_ListPaymentsResponse {
    .with {
      $0.payments = [
        .with {
          $0.requestedOn = "2027-01-01"
          $0.status = .posted
          $0.autopay = true
          $0.amount = dollars(11_200)
        },
        .with {
          $0.requestedOn = "2027-02-01"
          $0.status = .failed
          $0.autopay = true
          $0.declineCode = "insufficient_funds"
          $0.amount = dollars(11_200)
        },
      ]
    }
  }

  func listPayouts(
    request: Premia_Payments_V1_ListPayoutsRequest, context: ServerContext
  ) async throws -> Premia_Payments_V1_ListPayoutsResponse { .init() }

  func receive(
    request: Premia_Payments_V1_ReceiveRequest, context: ServerContext
  ) async throws -> Premia_Payments_V1_Receipt { .init() }
  func getReceipt(
    request: Premia_Payments_V1_GetReceiptRequest, context: ServerContext
  ) async throws -> Premia_Payments_V1_Receipt { .init() }
  func listSuspense(
    request: Premia_Payments_V1_ListSuspenseRequest, context: ServerContext
  ) async throws -> Premia_Payments_V1_ListSuspenseResponse { .init() }
  func applySuspense(
    request: Premia_Payments_V1_ApplySuspenseRequest, context: ServerContext
  ) async throws -> Premia_Payments_V1_Receipt { .init() }
  func returnSuspense(
    request: Premia_Payments_V1_ReturnSuspenseRequest, context: ServerContext
  ) async throws -> Premia_Payments_V1_Receipt { .init() }

  func run(request: Premia_Payments_V1_RunPaymentsRequest, context: ServerContext) async throws
    -> Premia_Payments_V1_RunPaymentsResponse
  {
    .init()
  }

  func getSummary(
    request: Premia_Payments_V1_PaymentsSummaryRequest, context: ServerContext
  ) async throws -> Premia_Payments_V1_PaymentsSummary {
    .with {
      $0.payments = [
        total("posted", 21_931, 1_133_211_900), total("failed", 1_204, 61_200_450), total("submitted", 3, 140_100),
      ]
      $0.collected = dollars(1_133_211_900)
      $0.paidOut = dollars(402_118_735)
      $0.journeys = [journey("charge_to_posted", 23_138, 21_931, median: 0, straight: 9_478)]
    }
  }

  func getTotals(request: Premia_Common_V1_TotalsRequest, context: ServerContext) async throws
    -> Premia_Common_V1_Totals
  { .init() }
}

struct SampleClaims: Premia_Claims_V1_ClaimsService.SimpleServiceProtocol {
  func file(request: Premia_Claims_V1_FileClaimRequest, context: ServerContext) async throws -> Premia_Claims_V1_Claim {
    .init()
  }

  func get(request: Premia_Claims_V1_GetClaimRequest, context: ServerContext) async throws -> Premia_Claims_V1_Claim {
    .init()
  }

  func list(request: Premia_Claims_V1_ListClaimsRequest, context: ServerContext) async throws
    -> Premia_Claims_V1_ListClaimsResponse
  {
    .with {
      $0.claims = [
        .with {
          $0.status = .paid
          $0.filed.receivedOn = "2027-01-22"
          $0.filed.charge = dollars(28_000)
          $0.allowed = dollars(19_450)
          $0.paid = dollars(15_450)
          $0.patientResponsibility = dollars(4_000)
        },
        .with {
          $0.status = .denied
          $0.filed.receivedOn = "2027-02-02"
          $0.filed.charge = dollars(9_900)
          $0.denialReason = "18"
        },
      ]
    }
  }

  func getAccumulators(
    request: Premia_Claims_V1_GetAccumulatorsRequest, context: ServerContext
  ) async throws -> Premia_Claims_V1_Accumulators { .init() }

  func getSummary(
    request: Premia_Claims_V1_ClaimsSummaryRequest, context: ServerContext
  ) async throws -> Premia_Claims_V1_ClaimsSummary {
    .with {
      $0.claims = [
        figures(.approved, 65, charged: 2_010_000, paid: 1_204_500),
        figures(.denied, 344, charged: 9_114_240, paid: 0),
        figures(.paid, 6_120, charged: 600_278_260, paid: 402_118_735),
      ]
      $0.denials = [total("27", 201, 5_013_240), total("18", 92, 2_904_000), total("31", 51, 1_197_000)]
      $0.charged = dollars(611_402_500)
      $0.paid = dollars(402_118_735)
      $0.patientResponsibility = dollars(88_230_120)
      $0.journeys = [journey("filed_to_paid", 6_529, 6_464, median: 3, straight: 9_870)]
    }
  }

  func getTotals(request: Premia_Common_V1_TotalsRequest, context: ServerContext) async throws
    -> Premia_Common_V1_Totals
  { .init() }
}

struct SampleLedger: Premia_Ledger_V1_LedgerService.SimpleServiceProtocol {
  func getTrialBalance(
    request: Premia_Ledger_V1_TrialBalanceRequest, context: ServerContext
  ) async throws -> Premia_Ledger_V1_TrialBalance {
    let accounts: [(String, String, Int64)] = [
      ("1000", "Cash clearing", 731_093_165), ("1200", "Premium receivable, members", 88_515_950),
      ("1210", "Premium receivable, exchange", 640_220_000), ("2100", "Claims payable", -1_204_500),
      ("2300", "Member credits", -612_940), ("4000", "Premium income", -1_861_334_910),
      ("5000", "Claims expense", 403_323_235),
    ]
    return .with {
      $0.balances = accounts.map { number, name, cents in
        .with {
          $0.account = number
          $0.accountName = name
          $0.debit = dollars(max(cents, 0))
          $0.credit = dollars(max(-cents, 0))
        }
      }
      $0.debit = dollars(1_863_152_350)
      $0.credit = dollars(1_863_152_350)
      $0.balanced = true
    }
  }

  func listEntries(
    request: Premia_Ledger_V1_ListEntriesRequest, context: ServerContext
  ) async throws -> Premia_Ledger_V1_ListEntriesResponse {
    .with {
      $0.entries = [
        .with {
          $0.on = "2026-12-20"
          $0.eventType = "Invoice.Issued"
          $0.postings = [
            posting("1200", "Premium receivable, members", 11_200),
            posting("1210", "Premium receivable, exchange", 30_000),
            posting("4000", "Premium income", -41_200),
          ]
        }
      ]
    }
  }

  func getTotals(request: Premia_Common_V1_TotalsRequest, context: ServerContext) async throws
    -> Premia_Common_V1_Totals
  { .init() }

  private func posting(_ account: String, _ name: String, _ cents: Int64) -> Premia_Ledger_V1_Posting {
    .with {
      $0.account = account
      $0.accountName = name
      $0.debit = dollars(max(cents, 0))
      $0.credit = dollars(max(-cents, 0))
    }
  }
}

struct SampleNotices: Premia_Notices_V1_NoticesService.SimpleServiceProtocol {
  let policyID: String

  func get(request: Premia_Notices_V1_GetNoticeRequest, context: ServerContext) async throws -> Premia_Notices_V1_Notice
  {
    guard request.noticeID == "ntc_1" else { throw Problem.notFound("notice", request.noticeID) }
    return .with {
      $0.noticeID = "ntc_1"
      $0.policyID = policyID
      $0.subject = "Welcome to Silver 3000"
      $0.template = "welcome"
      $0.channel = "mailbox"
      $0.sentOn = "2027-01-01"
      $0.body = "<h1>Welcome</h1><p>Your coverage began.</p><script>alert('no')</script>"
    }
  }

  func list(request: Premia_Notices_V1_ListNoticesRequest, context: ServerContext) async throws
    -> Premia_Notices_V1_ListNoticesResponse
  {
    .with {
      $0.notices = [
        .with {
          $0.noticeID = "ntc_1"
          $0.sentOn = "2027-01-01"
          $0.subject = "Welcome to <Silver> & more"
          $0.channel = "mailbox"
        }
      ]
    }
  }

  func getTotals(request: Premia_Common_V1_TotalsRequest, context: ServerContext) async throws
    -> Premia_Common_V1_Totals
  { .init() }
}

/// A log that holds some events, and reads others with a lag and a dead letter.
struct SampleLog: Premia_Common_V1_EventLog.SimpleServiceProtocol {
  let events: [Premia_Common_V1_Envelope]
  var lags: [Premia_Common_V1_Lag] = []
  var letters: [Premia_Common_V1_DeadLetter] = []

  func read(request: Premia_Common_V1_ReadLogRequest, context: ServerContext) async throws
    -> Premia_Common_V1_ReadLogResponse
  {
    .with { $0.events = events.filter { $0.about == request.about && $0.position > request.afterPosition } }
  }

  func listDeadLetters(
    request: Premia_Common_V1_ListDeadLettersRequest, context: ServerContext
  ) async throws -> Premia_Common_V1_ListDeadLettersResponse { .with { $0.letters = letters } }

  func redrive(request: Premia_Common_V1_RedriveRequest, context: ServerContext) async throws
    -> Premia_Common_V1_RedriveResponse
  { .init() }

  func replay(request: Premia_Common_V1_ReplayRequest, context: ServerContext) async throws
    -> Premia_Common_V1_ReplayResponse
  { .init() }

  func getLag(request: Premia_Common_V1_LagRequest, context: ServerContext) async throws -> Premia_Common_V1_LagResponse
  {
    .with { $0.lags = lags }
  }
}
