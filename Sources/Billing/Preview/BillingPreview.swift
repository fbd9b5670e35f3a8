// The calculator as a pure function: a document of what is agreed and what happened, and the invoices that it comes to.
// docs/billing-preview.md describes both sides.

public import Kernel

/// What a timeline comes to, with amounts as they are written.
public struct BillingPreview: Hashable, Sendable {
  public struct Invoice: Hashable, Sendable {
    public let on: CalendarDate
    public let lines: [Line]
    /// The sum of the lines; below zero where the invoice only corrects others.
    public let total: String
    /// What is still to pay.
    public let balance: String
  }

  public struct Line: Hashable, Sendable {
    public let kind: String
    /// Which discount, tax, fee or charge it is; empty where the kind says it all.
    public let name: String
    /// Empty where the account has one subscription without a name.
    public let subscription: String
    /// Empty for a line that is not of a plan.
    public let plan: String
    /// The days, the end not included; nil for a line that is not for days.
    public let period: Period?
    /// Of the full period that holds the days: `17/31`, or `1` for all of it; empty where there are no days.
    public let fraction: String
    public let amount: String
  }

  /// Oldest first.
  public let invoices: [Invoice]
  /// Paid or granted, and not used.
  public let credit: String
  /// The part of the credit that is to be paid back, since all coverage has ended.
  public let refundsDue: String

  /// - Parameter document: JSON text.
  /// - Throws: a `Problem` with the path of what is at fault.
  public init(document: [UInt8]) throws(Problem) {
    do throws(PreviewRefusal) {
      let record = try BillingRecord(document: document)
      self.init(try record.outcome(), record.agreement.convention)
    } catch {
      throw error.problem
    }
  }

  init(_ outcome: BillingOutcome, _ convention: Convention) {
    invoices = outcome.statement.invoices.map { invoice in
      Invoice(
        on: invoice.on, lines: invoice.lines.map { Line($0, convention) }, total: convention.text(invoice.totalCents),
        balance: convention.text(invoice.balanceCents))
    }
    credit = convention.text(outcome.statement.creditCents)
    refundsDue = convention.text(outcome.refundsDueCents)
  }
}

extension BillingPreview.Line {
  fileprivate init(_ line: ChargeLine, _ convention: Convention) {
    kind = line.kind.rawValue
    name = line.name
    subscription = line.subscription
    plan = line.plan
    period = line.period
    fraction = line.fraction?.description ?? ""
    amount = convention.text(line.cents)
  }
}

extension BillingRecord {
  /// - Throws: where something in the document is unknown, missing, of another kind, or out of order.
  init(document: [UInt8]) throws(PreviewRefusal) {
    guard document.count <= Self.largestDocument else {
      throw .tooMany("the document, in bytes,", document.count, most: Self.largestDocument)
    }
    let root = try Fields(
      try JSONValue(parsing: document), at: "",
      known: ["currency", "timeZone", "convention", "plans", "discounts", "taxes", "timeline", "asOf"])
    let reader = try AgreementReader(root)
    let timeline = try TimelineReader(root, reader)
    self.init(
      agreement: reader.agreement, entries: timeline.entries,
      asOf: try root.required("asOf", "the date from which it is looked at", try root.date("asOf")))
  }

  private static let largestDocument = 1 << 20
}
