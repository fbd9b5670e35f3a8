// The calculator as a pure function: a document of what is agreed and what happened, and the invoices that it comes to.
// docs/billing-preview.md describes both sides.

public import Kernel

/// What a timeline comes to, with amounts as they are written.
public struct BillingPreview: Sendable {
  public struct Invoice: Sendable {
    fileprivate let invoice: Statement.Invoice
    fileprivate let convention: Convention

    public var on: CalendarDate { invoice.on }
    public var lines: [Line] { invoice.lines.map { Line(line: $0, convention: convention) } }
    /// The sum of the lines; below zero where the invoice only corrects others.
    public var total: String { convention.text(invoice.totalCents) }
    /// What is still to pay.
    public var balance: String { convention.text(invoice.balanceCents) }
  }

  public struct Line: Sendable {
    fileprivate let line: ChargeLine
    fileprivate let convention: Convention

    public var kind: String { line.kind.rawValue }
    /// Which discount, tax, fee or charge it is; empty where the kind says it all.
    public var name: String { line.name }
    /// Empty where the account has one subscription without a name.
    public var subscription: String { line.subscription }
    /// Empty for a line that is not of a plan.
    public var plan: String { line.plan }
    /// The days, the end not included; nil for a line that is not for days.
    public var period: Period? { line.period }
    /// Of the full period that holds the days: `17/31`, or `1` for all of it; empty where there are no days.
    public var fraction: String { line.fraction?.description ?? "" }
    public var amount: String { convention.text(line.cents) }
  }

  let outcome: BillingOutcome
  let convention: Convention

  /// - Parameter document: JSON text.
  /// - Throws: a `Problem` with the path of what is at fault.
  public init(document: [UInt8]) throws(Problem) {
    do throws(PreviewRefusal) {
      let record = try BillingRecord(document: document)
      outcome = try record.outcome()
      convention = record.agreement.convention
    } catch {
      throw error.problem
    }
  }

  /// Oldest first.
  public var invoices: [Invoice] {
    outcome.statement.invoices.map { Invoice(invoice: $0, convention: convention) }
  }
  /// Paid or granted, and not used.
  public var credit: String { convention.text(outcome.statement.creditCents) }
  /// The part of the credit that is to be paid back, since all coverage has ended.
  public var refundsDue: String { convention.text(outcome.refundsDueCents) }
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
