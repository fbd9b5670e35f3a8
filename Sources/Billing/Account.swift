// A billing account: what one policy should be billed, what it was billed, and what was paid for it.
//
//   invoice:  draft -> issued -> paid
//               |        |  \     ^
//               |        |   -> past due
//               v        v        |
//              void <-------------+   (also from paid, where the days are no longer covered)
//
// What follows when it is not paid is in `Dunning/`, part of the same state: an account has one next step.

import Kernel

enum AccountTag: IDTag { static let prefix = "acc" }
enum InvoiceTag: IDTag { static let prefix = "inv" }
enum PolicyTag: IDTag { static let prefix = "pol" }
enum PaymentTag: IDTag { static let prefix = "pay" }
enum RefundTag: IDTag { static let prefix = "rfd" }

/// The rules of a billing account. See `Account+Decide.swift`, `Account+Settle.swift` and `Account+Evolve.swift`.
enum Account {
  /// An invoice is issued this many days before it is due, and never with fewer days to pay.
  static let issueLeadDays = 10
  /// The binder may be paid until this many days after it is due: 30 after the coverage's effective date, or after
  /// the day of binding where that is later (45 CFR 155.400(e)(1)).
  static let binderDays = 30
  /// Months that were billed this long ago are closed: they are summed up and no longer corrected one by one.
  static let openMonths = 15

  /// One invoice of the account: its period, and how often that was billed.
  struct InvoiceKey: Hashable, Sendable {
    /// The first day of the period; nearly always that is a month. Of a charge, the day of it.
    let month: CalendarDate
    /// From 1; the next after a void. Below zero it is a charge, which is of no period: the account's first is -1.
    let sequence: Int

    var isCharge: Bool { sequence < 0 }
  }

  /// An invoice that is not settled. What is paid or void is left out of the state.
  struct OpenInvoice: Hashable, Sendable {
    enum Status: Int, Sendable { case draft, issued, pastDue }

    let key: InvoiceKey
    var status: Status
    let binder: Bool
    var issuedOn: CalendarDate
    var dueOn: CalendarDate
    var totalCents: Int64
    var paidCents: Int64 = 0

    /// What is still to pay; nothing for a draft.
    var openCents: Int64 { status == .draft ? 0 : totalCents - paidCents }

    /// Whether coverage hangs on it.
    var isPremiumPastDue: Bool { status == .pastDue && !key.isCharge }

    /// The first day on which it is past due.
    var overdueOn: CalendarDate { dueOn.adding(days: binder ? Account.binderDays + 1 : 1) }
  }

  struct State: Hashable, Sendable {
    enum Phase: Int, Sendable {
      case unopened
      /// Bound: the binder alone is billed.
      case pending
      /// In force: billed period by period.
      case active
    }

    var account = ID<AccountTag>(hi: 0, lo: 0)
    var policy = ID<PolicyTag>(hi: 0, lo: 0)
    var currency = Currency.usd
    var phase = Phase.unopened
    var schedules = PaymentSchedules()
    /// What should be billed, without closed months.
    var timeline = BillingTimeline()
    /// What was billed, without closed months.
    var billed = BillingTimeline()
    /// The first month that was never billed: a period begins with it.
    var billedThrough = CalendarDate.earliest
    var closed = Closed(through: .earliest)
    /// Oldest month first, charges last: money keeps the coverage before it pays anything else.
    var open: [OpenInvoice] = []
    /// The sequence of the periods that were billed more than once, oldest first.
    var repeats: [InvoiceKey] = []
    /// Of invoices that stand, paid or not; without closed months.
    var reliefs: [Relief] = []
    /// Of charges, those that stand; without closed months.
    var charges: [OutsideCharge] = []
    /// How many there ever were.
    var chargeCount = 0
    /// Paid and not used.
    var creditCents: Int64 = 0
    /// The state of the United States that the policy was issued in.
    var jurisdiction = ""
    /// What comes between the policy's price and what is billed.
    var pricing = Pricing()
    var dunning = Dunning.State()
  }

  enum Command: Hashable, Sendable {
    /// Opens the account of a policy that was bound and issues the binder.
    ///
    /// - Parameter levied: the taxes and fees of its state.
    case open(Opening, levied: Levied = Levied(), on: CalendarDate)
    /// The policy came into force: from now on every period is billed.
    case start(BillingTimeline, on: CalendarDate)
    /// The policy changed or ended: corrects what was billed. A cancelled policy has an empty timeline.
    case change(BillingTimeline, on: CalendarDate)
    /// The policy's end was taken back.
    case reinstate(BillingTimeline, on: CalendarDate)
    /// Bills the policy otherwise, from a period on that is not billed.
    case reschedule(ScheduleOrder, on: CalendarDate)
    /// Does what is due up to and including a day.
    ///
    /// - Parameter levied: the taxes and fees of its state; nil leaves them as they were.
    case bill(asOf: CalendarDate, draft: Bool, levied: Levied? = nil)
    /// Changes the discounts, and corrects what was billed.
    case discount(Discounting.Command, on: CalendarDate)
    /// Sets who pays what, and corrects what was billed.
    ///
    /// - Parameter currency: of the amounts; nil where there are none.
    case share(SharesOrder, currency: Currency?, on: CalendarDate)
    /// - Parameter invoice: the invoice it was meant for; otherwise the oldest first.
    case applyPayment(ID<PaymentTag>, Money, invoice: ID<InvoiceTag>?, on: CalendarDate)
    /// An automatic charge was declined: plans the next one.
    case takeDecline(DeclinedCharge, on: CalendarDate)
    /// Takes back an invoice that is not paid. The next run bills the month again, as it should then be.
    case void(InvoiceKey, reason: String, on: CalendarDate)
    /// Gives back what was paid for an invoice, as account credit.
    case credit(InvoiceKey, cents: Int64, reason: String, on: CalendarDate)
    /// Lowers an invoice: what is unpaid first, the rest becomes account credit.
    case adjust(InvoiceKey, cents: Int64, reason: String, on: CalendarDate)
    /// Sends back account credit, or what was paid for an invoice.
    case refund(RefundOrder, on: CalendarDate)
    /// Asks for an amount besides the premium.
    case charge(cents: Int64, reason: String, on: CalendarDate)
    /// Gives up what is open.
    case writeOff(InvoiceKey, reason: String, on: CalendarDate)
  }

  enum Event: Hashable, Sendable {
    case opened(Opening)
    case started
    /// What should be billed, with discounts and levies.
    case changed(BillingTimeline)
    case rescheduled(Rescheduling)
    case discounted(Discounting.Event)
    case levied(Levied)
    case shared(SharesOrder)
    case drafted(Issue)
    case issued(Issue)
    case adjusted(Adjustment)
    case closedCorrected(ClosedCorrection)
    case voided(Void)
    case takenOff(TakeOff)
    case writtenOff(WriteOff)
    case refunded(Refund)
    case pastDue(InvoiceKey)
    case paymentApplied(Application)
    case creditApplied(Portion)
    case paid(Settlement)
    /// A step of what follows when a premium is not paid.
    case dunned(Dunning.Event)
  }

  enum Refusal: Error, Hashable, Sendable {
    case notOpened
    case alreadyOpened(ID<PolicyTag>)
    case nothingToBill(ID<PolicyTag>)
    case closedMonths(ID<PolicyTag>, before: CalendarDate)
    case unknownInvoice(InvoiceKey)
    case invoicePaid(InvoiceKey)
    case invoiceVoid(InvoiceKey)
    case otherCurrency(ID<PaymentTag>, Currency, account: Currency)
    case nothingPaid(ID<PaymentTag>, cents: Int64)
    case notPositive(InvoiceKey, cents: Int64)
    case moreThanPaid(InvoiceKey, cents: Int64, most: Int64)
    case moreThanBilled(InvoiceKey, cents: Int64, most: Int64)
    case nothingOpen(InvoiceKey)
    case refundNotPositive(cents: Int64)
    case chargeOutOfRange(cents: Int64)
    case closed(ID<AccountTag>)
    case moreThanCredit(cents: Int64, most: Int64)
    case invoiceWrittenOff(InvoiceKey)
    case noBillingDay(Int)
    case alreadyBilled(CalendarDate, from: CalendarDate)
    case coverageOver(CalendarDate, from: CalendarDate)
    case tooFarAhead(CalendarDate, latest: CalendarDate)
    case sameSchedule(on: CalendarDate)
    case discount(Discounting.Refusal)
    case sharing(Sharing.Refusal)
  }
}

extension Account {
  struct Opening: Hashable, Sendable, Codable {
    let account: ID<AccountTag>
    let policy: ID<PolicyTag>
    let subscriber: String
    /// The state of the United States that the policy was issued in.
    let state: String
    let currency: Currency
    var schedule = PaymentSchedule.monthly
    let timeline: BillingTimeline
  }

  /// A new invoice, or a draft that is now issued.
  struct Issue: Hashable, Sendable {
    let key: InvoiceKey
    let binder: Bool
    let issuedOn: CalendarDate
    let dueOn: CalendarDate
    let lines: [Line]
  }

  /// A correction downward of an invoice that stands.
  struct Adjustment: Hashable, Sendable, Codable {
    let key: InvoiceKey
    /// What takes the invoice from what it said to what it now says.
    let corrections: [Line]
    /// What the invoice now says.
    let lines: [Line]
    /// The part of what was paid that is no longer owed.
    let creditedCents: Int64
    /// The part of the corrections that had been taken off by hand before: it is not credited again.
    let adjustedBeforeCents: Int64
    /// The part of the corrections that had been written off.
    let writtenOffCents: Int64
  }

  struct Void: Hashable, Sendable, Codable {
    let key: InvoiceKey
    /// It was a draft: nobody else ever heard of it.
    let draft: Bool
    let totalCents: Int64
    let subsidyCents: Int64
    /// What had been paid for it.
    let creditedCents: Int64
    /// What had been written off of it.
    let writtenOffCents: Int64
    /// The discounts, taxes, fees and contributions that it billed.
    let named: [Line]
    let reason: String
  }

  /// Money for one invoice.
  struct Portion: Hashable, Sendable, Codable {
    let key: InvoiceKey
    let cents: Int64
  }

  struct Application: Hashable, Sendable, Codable {
    let payment: ID<PaymentTag>
    let portions: [Portion]
    let creditCents: Int64
    let on: CalendarDate

    var cents: Int64 { portions.reduce(creditCents) { $0 + $1.cents } }
  }

  struct DeclinedCharge: Hashable, Sendable {
    let invoice: ID<InvoiceTag>
    /// Charges of the invoice so far, with this one.
    let attempt: Int
    let method: Dunning.Method
    let decline: Dunning.Decline
  }

  /// The invoice is paid in full.
  struct Settlement: Hashable, Sendable, Codable {
    let key: InvoiceKey
    let binder: Bool
    let totalCents: Int64
    let on: CalendarDate
    /// From issue to payment.
    let days: Int
  }
}

extension ID<AccountTag> {
  /// The two centuries from 1970 in 28 days: microseconds, in the order in which accounts were opened.
  fileprivate var placeInMonth: Int64 { Int64(hi >> 16) * 28 / (200 * 366) * 1_000 }
}

extension Account.State {
  /// The identifier follows from the account, the month and the sequence. It sorts by month, then by the age of the
  /// account: a run goes by account, and so it writes the invoices of a month one behind the other.
  func id(of key: Account.InvoiceKey) -> ID<InvoiceTag> {
    ID(
      at: Instant(microseconds: Instant(date: key.month).microseconds + account.placeInMonth),
      derivedFrom: account.description, Int(key.month.dayNumber) << 16 | key.sequence)
  }

  /// How often a period was billed, with the next time where it is not billed now.
  func sequence(of month: CalendarDate) -> Int {
    repeats.last { $0.month == month }?.sequence ?? 1
  }

  func index(of key: Account.InvoiceKey) -> Int? { open.firstIndex { $0.key == key } }

  /// What the member owes now.
  var receivableCents: Int64 { open.reduce(0) { $0 + $1.openCents } }
}
