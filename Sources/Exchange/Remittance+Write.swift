// The segments of an 835 transaction, in the order of the guide.

import Kernel
import X12

extension Remittance {
  /// - Parameter number: of the transaction in its group, from 1.
  func write(from payer: Payer, number: Int, at: Instant, _ writer: inout X12Writer) throws(X12WriteError) {
    let digits = String(number)
    let control = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    // The 835 has no ST03.
    try writer.beginTransaction("835", controlNumber: control, version: "")
    try writeHeader(payer, at, &writer)
    for (index, claim) in claims.enumerated() {
      if index == 0 { try writer.segment("LX", ["1"]) }
      try claim.write(&writer)
    }
    try writer.endTransaction()
  }

  private func writeHeader(_ payer: Payer, _ at: Instant, _ writer: inout X12Writer) throws(X12WriteError) {
    let isPayment = amount.isPositive
    try writer.segment(
      "BPR",
      [
        // Information only: the money moves through the gateway. H tells that there is none.
        .text(isPayment ? "I" : "H"), .money(amount), "C", .text(isPayment ? "CHK" : "NON"),
      ] + Array(repeating: "", count: 11) + [.date(paidOn)])
    try writer.segment("TRN", ["1", .words(trace, most: 50), .text("1\(payer.taxID)")])
    try writer.segment("DTM", ["405", .date(at.date)])
    try writer.segment("N1", ["PR", .text(payer.name)])
    try writer.segment("N3", [.text(payer.street)])
    try writer.segment("N4", [.text(payer.city), .text(payer.state), .text(payer.postalCode)])
    try writer.segment("PER", ["BL", .text(payer.contact), "TE", .text(payer.phone)])
    try writer.segment("N1", ["PE", .words(payee.name, most: 60), "XX", .text(payee.npi)])
  }
}

extension RemittedClaim {
  fileprivate func write(_ writer: inout X12Writer) throws(X12WriteError) {
    let owed = patientResponsibility
    try writer.segment(
      "CLP",
      [
        .words(patientControlNumber, most: 38), .text(status), .money(charge), .money(paid),
        owed.isZero ? "" : .money(owed),
        // Preferred provider organisation.
        "12", .text(id), .text(placeOfService), .text(frequency),
      ])
    try adjustments.write(&writer)
    try writer.segment(
      "NM1",
      ["QC", "1", .words(patient.family, most: 60), .words(patient.given, most: 35), "", "", ""]
        + (memberNumber.isEmpty ? [] : ["MI", .words(memberNumber, most: 80)]))
    if let first = lines.map(\.firstDay).min(), let last = lines.map(\.lastDay).max() {
      try writer.segment("DTM", ["232", .date(first)])
      try writer.segment("DTM", ["233", .date(last)])
    }
    if let receivedOn { try writer.segment("DTM", ["050", .date(receivedOn)]) }
    for line in lines { try line.write(&writer) }
  }
}

extension RemittedLine {
  fileprivate func write(_ writer: inout X12Writer) throws(X12WriteError) {
    try writer.segment(
      "SVC",
      [
        .composite(["HC", procedure] + modifiers), .money(charge), .money(paid), "",
        .text(units),
      ])
    if firstDay == lastDay {
      try writer.segment("DTM", ["472", .date(firstDay)])
    } else {
      try writer.segment("DTM", ["150", .date(firstDay)])
      try writer.segment("DTM", ["151", .date(lastDay)])
    }
    try adjustments.write(&writer)
    if !controlNumber.isEmpty { try writer.segment("REF", ["6R", .words(controlNumber, most: 50)]) }
    if allowed.isPositive { try writer.segment("AMT", ["B6", .money(allowed)]) }
    for remark in remarks { try writer.segment("LQ", ["HE", .text(remark)]) }
  }

  /// Units of service, with at most three decimals and without zeros that say nothing.
  private var units: String {
    let (whole, rest) = unitsThousandths.quotientAndRemainder(dividingBy: 1000)
    guard rest != 0 else { return "\(whole)" }
    var text = "\(whole)." + String(String(1000 + rest).dropFirst())
    while text.last == "0" { text.removeLast() }
    return text
  }
}

extension [RemittedAdjustment] {
  /// One CAS for each group code, with up to six reasons; zero amounts are not sent.
  fileprivate func write(_ writer: inout X12Writer) throws(X12WriteError) {
    var groups: [String] = []
    for adjustment in self where !groups.contains(adjustment.group) { groups.append(adjustment.group) }
    for group in groups {
      var reasons = filter { $0.group == group && !$0.amount.isZero }[...]
      while !reasons.isEmpty {
        var elements: [X12Element] = [.text(group)]
        for reason in reasons.prefix(6) { elements += [.text(reason.reason), .money(reason.amount), ""] }
        try writer.segment("CAS", elements)
        reasons = reasons.dropFirst(6)
      }
    }
  }
}
