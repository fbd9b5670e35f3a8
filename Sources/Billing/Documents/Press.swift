// A document as a page: HTML made for print, and PDF of the same page.

import Contracts
import Foundation
public import Kernel
import Mustache

/// Who bills, as a page names them.
public struct Carrier: Hashable, Sendable {
  public let name: String
  /// Where payments are sent, as on an envelope, below the name.
  public let lines: [String]
  public let phone: String

  public init(name: String, lines: [String], phone: String) {
    self.name = name
    self.lines = lines
    self.phone = phone
  }
}

/// Makes pages of documents.
public struct Press: Sendable {
  private let carrier: Carrier
  private let engine: PrintEngine
  private let addressees: AddressBook
  private let payers: PayerBook
  private let library: MustacheLibrary

  /// - Throws: `Problem` where the template cannot be read.
  public init(
    carrier: Carrier, addressees: @escaping AddressBook, payers: @escaping PayerBook,
    engine: PrintEngine = PrintEngine()
  ) throws(Problem) {
    self.carrier = carrier
    self.engine = engine
    self.addressees = addressees
    self.payers = payers
    do {
      guard let url = Bundle.module.url(forResource: Self.template, withExtension: "mustache") else {
        throw CocoaError(.fileNoSuchFile)
      }
      var library = MustacheLibrary()
      try library.register(String(contentsOf: url, encoding: .utf8), named: Self.template)
      self.library = library
    } catch {
      throw Problem(
        kind: .internalFault, code: "billing.document_template",
        detail: "The template of documents cannot be read: \(error).", remedy: "Install Premia again.")
    }
  }

  private static let template = "document"

  /// Whom a document goes to, and what is called how on it.
  func address(_ source: DocumentSource) async throws -> (Addressee, Paper.Names) {
    var names = Paper.Names()
    switch source {
    case .issued(let invoice, _): return try await address(invoice.policyID, invoice.lines)
    case .adjusted(let event, _): return try await address(event.policyID, event.lines)
    case .voided(let event, _): return try await address(event.policyID, event.lines)
    case .closedCorrected(let event, _): return try await address(event.policyID, event.lines)
    case .stated(let statement, _):
      for policyID in Set(statement.lines.map(\.policyID)) {
        let holder = try await addressees(policyID)
        names.policies[policyID] = "\(holder.name), policy \(holder.policyNumber)"
      }
      return (try await payers(statement.payerID), names)
    }
  }

  private func address(
    _ policyID: String, _ lines: [Premia_Billing_V1_Line]
  ) async throws -> (Addressee, Paper.Names) {
    let addressee = try await addressees(policyID)
    var names = Paper.Names(plans: addressee.plans)
    for line in lines where line.kind == Line.Kind.contribution.word && names.payers[line.name] == nil {
      names.payers[line.name] = try await payers(line.name).name
    }
    return (addressee, names)
  }

  /// The page. Everything filled in is escaped.
  ///
  /// - Parameter original: the number of the invoice that a credit note is for.
  func page(of paper: Paper, original: String, to addressee: Addressee) -> String {
    var content: [String: Any] = [
      "title": paper.kind.title, "number": paper.number, "on": paper.on.inPrint,
      "carrier": carrier.name, "carrierLines": carrier.lines,
      "phone": carrier.phone, "name": addressee.name, "addressLines": addressee.lines,
      "items": paper.items.map(Self.content),
    ]
    // What is absent has no place on the page; an empty text would have one.
    content["original"] = original.isEmpty ? nil : original
    content["period"] = paper.period.isEmpty ? nil : paper.period
    content["reason"] = paper.reason.isEmpty ? nil : paper.reason
    content["policyNumber"] = addressee.policyNumber.isEmpty ? nil : addressee.policyNumber
    content["due"] = paper.dueOn?.inPrint
    switch paper.kind {
    case .invoice:
      content["isPayable"] = true
      content["sum"] = "Amount due"
      content["total"] = paper.total.description
    case .statement:
      content["isPayable"] = paper.total.isPositive ? true : nil
      content["sum"] = paper.total.isNegative ? "Credit" : "Amount due"
      content["total"] = (paper.total.isNegative ? -paper.total : paper.total).description
    case .creditNote:
      content["sum"] = "Amount credited"
      content["total"] = (-paper.total).description
    }
    guard let page = library.render(content, withTemplate: Self.template) else {
      preconditionFailure("there is no template \(Self.template)")
    }
    return page
  }

  private static func content(_ item: Paper.Item) -> [String: Any] {
    var content: [String: Any] = ["words": item.words, "days": item.days, "amount": item.amount.description]
    content["share"] = item.share.isEmpty ? nil : item.share
    return content
  }

  func pdf(of page: String) async throws(Problem) -> [UInt8] { try await engine.pdf(of: page) }
}

extension DocumentKind {
  fileprivate var title: String {
    switch self {
    case .invoice: "Invoice"
    case .creditNote: "Credit note"
    case .statement: "Statement"
    }
  }
}
