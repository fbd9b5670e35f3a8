import Contracts
import Exchange
import Kernel
import Payments
import Runtime
import SwiftProtobuf
import StoreTesting
import Testing
import X12

@Suite("Premium payments through the door")
struct PaymentImportTests {
  private static let yaml =
    ProfileTests.yaml + """

      tax_credit: {insurance_line: HLT, amount: R}
      remittances:
        match:
          - {source: RMR*AZ, is: policy}
          - {source: REF*AZ, is: policy}
          - {source: REF*POL, is: exchange_policy}
          - {source: RMR*CT, is: subscriber}
          - {source: REF*0F, is: subscriber}
          - {source: NM1*EI, is: subscriber}
        tax_credits: [APTC, APTCADJ]
      """

  private static func profiles() throws -> PartnerProfiles {
    PartnerProfiles([try PartnerProfile(yaml: yaml, file: "acme.yaml")])
  }

  /// The subscribers S1, S2 with health coverage and S3 with two coverages, and their policies in that order.
  private static func enrol(_ world: World) async throws -> [String] {
    let both = ["HD*021**HLT*SILVER", "DTP*348*D8*20270201", "HD*021**DEN", "DTP*348*D8*20270201"]
    let members =
      Enrolment.member("S1") + Enrolment.member("S2", name: "ROE*JOHN")
      + Enrolment.member("S3", name: "POE*JIM", coverage: both)
    #expect(try await world.take(Enrolment(segments: members).text).accepted == 4)
    let policies = try await world.policies()
    return ["S1", "S2", "S3"].compactMap { number in
      policies.first { $0.members.first?.memberNumber == number }?.policyID
    }
  }

  @Test("A group's lines are applied to the policies they name; what is too much or of nobody is in suspense")
  func group() async throws {
    try await World.run(try Self.profiles()) { world in
      let policies = try await Self.enrol(world)
      try await world.bill(policies[0], 300_00)
      try await world.bill(policies[1], 300_00)
      let payment = Payment(
        lines: [
          ("RMR*AZ*\(policies[0])", 300_00), ("RMR*CT*S2", 350_00), ("RMR*CT*S3", 40_00), ("RMR*CT*S9", 10_00),
          ("RMR*CT*S1", 0),
        ])
      let report = try await world.take(payment.text)
      #expect(report.kind == .payments && report.accepted == 5 && report.refused == 0)
      #expect(String(decoding: report.acknowledgement, as: UTF8.self).contains("AK9*A*1*1*1~"))
      try await #expect(Surroundings.complaints(about: report.acknowledgement) == "")
      let held = try await world.suspense()
      // S3 has two coverages: nobody says which.
      #expect(held.map(\.suspense.cents) == [50_00, 40_00, 10_00])
      #expect(held.map(\.reason) == ["above_owed", "unmatched", "unmatched"])
      #expect(held.allSatisfy { $0.payer == "ACME" && $0.reference == "TRACE1" })
      #expect(try await world.cents("collected") == 600_00)
    }
  }

  @Test("What an employer sends is for what it owes, whomever its lines name")
  func employer() async throws {
    let payer = "pty_01h455vb4pex5vsknk084sn02q"
    let profile = try PartnerProfile(yaml: Self.yaml + "\n  contributor: \(payer)", file: "acme.yaml")
    try await World.run(PartnerProfiles([profile])) { world in
      let policies = try await Self.enrol(world)
      try await world.bill(policies[0], 150_00, contribution: 150_00, of: payer)
      let report = try await world.take(Payment(lines: [("RMR*CT*S1", 100_00), ("RMR*CT*S9", 80_00)]).text)
      #expect(report.accepted == 2 && report.refused == 0, "\(report.findings)")
      #expect(try await world.cents("contributions_received") == 150_00)
      #expect(try await world.cents("collected") == 0)
      #expect(try await world.suspense().map(\.suspense.cents) == [30_00])
    }
  }

  @Test("What an exchange pays and takes back goes to its account of the policy, and nothing else does")
  func exchange() async throws {
    try await World.run(try Self.profiles()) { world in
      let policies = try await Self.enrol(world)
      try await world.bill(policies[0], 100_00, subsidy: 200_00)
      let report = try await world.take(
        Payment(
          version: "005010X306", person: ["NM1*IL*1*DOE*JANE****C1*777", "REF*POL*4567", "REF*0F*S1"],
          lines: [("RMR*ZZ*APTC", 200_00), ("RMR*ZZ*CSR", 30_00), ("RMR*ZZ*UF", -5_00), ("RMR*ZZ*APTCADJ", -60_00)]
        ).text)
      #expect(report.accepted == 4 && report.refused == 0, "\(report.findings)")
      #expect(try await world.cents("exchange_received") == 140_00)
      #expect(try await world.cents("collected") == 0)
      #expect(try await world.suspense().map(\.amount.cents) == [30_00, -5_00])
    }
  }

  @Test("A policy that was enrolled with an exchange's number is found by it, and one without is not")
  func policyNumber() async throws {
    let profile = try PartnerProfile(yaml: Self.yaml + "\npolicy_number: REF*1L", file: "acme.yaml")
    try await World.run(PartnerProfiles([profile])) { world in
      let coverage = ["HD*021**HLT*SILVER", "DTP*348*D8*20270201", "REF*1L*4567"]
      let members =
        Enrolment.member("S1", coverage: coverage) + Enrolment.member("S2", name: "ROE*JOHN")
      #expect(try await world.take(Enrolment(segments: members).text).accepted == 2)
      let enrolled = try #require(
        try await world.policies().first { policy in policy.identifiers.contains { $0.kind == "exchange_policy" } })
      #expect(enrolled.members.first?.memberNumber == "S1")
      #expect(enrolled.identifiers.first { $0.kind == "exchange_policy" }?.value == "4567")
      try await world.bill(enrolled.policyID, 100_00, subsidy: 200_00)
      for (number, name) in ["4567", "4568"].enumerated() {
        var payment = Payment(version: "005010X306", lines: [("RMR*ZZ*APTC", 100_00)])
        payment.person = ["NM1*IL*1*DOE*JANE****C1*777", "REF*POL*\(name)"]
        payment.number += number
        let report = try await world.take(payment.text)
        #expect(report.accepted == 1 && report.refused == 0, "\(report.findings)")
      }
      #expect(try await world.cents("exchange_received") == 100_00)
      #expect(try await world.suspense().map(\.reason) == ["unmatched"])
    }
  }

  @Test("Two coverages with one number are not both taken")
  func policyNumberTwice() async throws {
    let profile = try PartnerProfile(yaml: Self.yaml + "\npolicy_number: REF*1L", file: "acme.yaml")
    try await World.run(PartnerProfiles([profile])) { world in
      let both = [
        "HD*021**HLT*SILVER", "DTP*348*D8*20270201", "REF*1L*4567", "HD*021**DEN", "DTP*348*D8*20270201", "REF*1L*4567",
      ]
      let report = try await world.take(Enrolment(segments: Enrolment.member("S1", coverage: both)).text)
      #expect(report.accepted == 1 && report.refused == 1, "\(report.findings)")
    }
  }

  @Test("An adjustment of an earlier payment is part of the sum, and waits to be settled")
  func adjustment() async throws {
    try await World.run(try Self.profiles()) { world in
      let policies = try await Self.enrol(world)
      try await world.bill(policies[0], 300_00)
      var payment = Payment(lines: [("RMR*CT*S1", 300_00)], total: 280_00)
      payment.person = ["NM1*EY*1*DOE*JANE****EI*S1", "ADX*-20*52"]
      let report = try await world.take(payment.text)
      #expect(report.accepted == 2, "\(report.findings)")
      let held = try await world.suspense()
      #expect(held.map(\.amount.cents) == [-20_00] && held.map(\.reason) == ["takes_back"])
      #expect(try await world.cents("collected") == 300_00)
    }
  }

  struct Refused: CustomTestStringConvertible, Sendable {
    let what: String
    let old: String
    let new: String
    let finding: String
    var testDescription: String { what }
  }

  @Test(
    "What is wrong is refused at its segment and element, and no money is received",
    arguments: [
      Refused(what: "a total that is not its lines", old: "BPR*C*100*", new: "BPR*C*101*", finding: "I12 BPR-2"),
      Refused(what: "another currency", old: "TRN*1*TRACE1", new: "TRN*1*TRACE1~\nCUR*PR*CAD", finding: "7 CUR-2"),
      Refused(what: "a currency unknown", old: "TRN*1*TRACE1", new: "TRN*1*TRACE1~\nCUR*PR*QQQ", finding: "7 CUR-2"),
      Refused(what: "a line without an amount", old: "RMR*CT*S1**100", new: "RMR*CT*S1", finding: "1 RMR-4"),
      Refused(what: "a file that was cut", old: "\nIEA*1*000000002~", new: "", finding: "023 IEA"),
      Refused(what: "a prenotification", old: "BPR*C*", new: "BPR*P*", finding: "I12 RMR-4"),
    ])
  func refused(_ row: Refused) async throws {
    try await World.run(try Self.profiles()) { world in
      let payment = Payment(lines: [("RMR*CT*S1", 100_00)])
      let text = payment.text.replacing(row.old, with: row.new)
      #expect(text != payment.text)
      let report = try await world.take(Payment.recounted(text))
      let found = report.findings.map { "\($0.code) \($0.segmentID)" + ($0.element.map { "-\($0)" } ?? "") }
      #expect(found.contains(row.finding), "\(found)")
      #expect(report.accepted == 0)
      #expect(try await world.suspense().isEmpty)
    }
  }

  @Test("The same file, and another under the number of the first, are refused")
  func twice() async throws {
    try await World.run(try Self.profiles()) { world in
      let payment = Payment(lines: [("RMR*CT*S1", 100_00)])
      #expect(try await world.take(payment.text).accepted == 1)
      for (text, code) in [
        (payment.text, "exchange.duplicate_file"),
        (Payment(lines: [("RMR*CT*S1", 90_00)]).text, "exchange.control_number_used"),
      ] {
        guard case .refused(let problem) = try await world.take(text).kind else {
          Issue.record("it was taken")
          continue
        }
        #expect(problem.code == code)
      }
      #expect(try await world.suspense().map(\.amount.cents) == [100_00])
    }
  }

  @Test(
    "An import that broke off goes on, and receives each line once though it matches another policy by now",
    arguments: ["exchange", "payments"], 2...4)
  func resumed(failing name: String, commit: Int) async throws {
    let store = InterceptedStore(MemoryStore()) { number throws(StoreFailure) in
      // The first commits of the door take the enrolment in after the failure; only one fails.
      if number == commit { throw .full("memory") }
    }
    try await World.run(try Self.profiles(), stores: [name: store]) { world in
      let payment = Payment(lines: (1...60).map { ("RMR*CT*S\($0)", Int64($0) * 100) })
      try await Scratch.file(Array(payment.text.utf8), name: "payment.820") { path in
        await #expect(throws: Problem.self) { try await world.door.take(path: path) }
        let policies = try await Self.enrol(world)
        try await world.bill(policies[0], 300_00)
        let report = try await world.door.take(path: path)
        #expect(report.accepted == 60 && report.refused == 0, "\(report.findings)")
      }
      let total = try await world.cents("suspense") + world.cents("collected")
      #expect(total == 1_830_00)
      let check = try await world.cash.verify(
        PaymentsContext.context.aggregates, tables: PaymentsContext.context.tables)
      #expect(check.mismatches == [])
    }
  }
}

/// An 820 of the partner "acme".
struct Payment {
  var number = 2
  var version = "005010X218"
  /// The segments between ENT and the first line.
  var person = ["NM1*EY*1*DOE*JANE****EI*E77"]
  var lines: [(name: String, cents: Int64)]
  /// The sum of the lines where nil.
  var total: Int64?

  private static func decimal(_ cents: Int64) -> String {
    let (whole, rest) = cents.magnitude.quotientAndRemainder(dividingBy: 100)
    return (cents < 0 ? "-" : "") + "\(whole)" + (rest == 0 ? "" : ".\(rest < 10 ? "0" : "")\(rest)")
  }

  var text: String {
    let sum = Self.decimal(total ?? lines.reduce(0) { $0 + $1.cents })
    let isGroup = version == "005010X218"
    let head = [
      "ST*820*0001*\(version)",
      "BPR*C*\(sum)*C*ACH*CCP*\(isGroup ? "01*011000015*DA*1*1234567890" : "****")**01*011000028*DA*2*20270201",
      "TRN*1*TRACE1", "N1*PE*PREMIA*FI*987654321", "N1*PR*ACME*FI*123456789",
    ]
    let body =
      head + [isGroup ? "ENT*1*2J*EI*E77" : "ENT*1"] + person
      + lines.map { "\($0.name)**\(Self.decimal($0.cents))" }
    let icn = String(String(1_000_000_000 + number).dropFirst())
    return
      ([
        "ISA*00*          *00*          *ZZ*ACME           *ZZ*PREMIA         *270101*1200*^*00501*\(icn)*0*P*:",
        "GS*RA*ACMEAPP*PREMIA*20270101*1200*\(number)*X*\(version)",
      ] + body + ["SE*\(body.count + 1)*0001", "GE*1*\(number)", "IEA*1*\(icn)"]).map { $0 + "~\n" }.joined()
  }

  /// With SE01 as it must be for the segments that there are.
  static func recounted(_ text: String) -> String {
    let segments = text.split(separator: "~\n")
    guard let start = segments.firstIndex(where: { $0.hasPrefix("ST*") }),
      let end = segments.firstIndex(where: { $0.hasPrefix("SE*") })
    else { return text }
    return text.replacing(segments[end], with: "SE*\(end - start + 1)*0001")
  }
}

extension World {
  private enum InvoiceTag: IDTag { static let prefix = "inv" }
  private enum AccountTag: IDTag { static let prefix = "acc" }

  /// Payments hears that a policy was billed: what the member owes, the exchange and another payer.
  func bill(
    _ policyID: String, _ cents: Int64, subsidy: Int64 = 0, contribution: Int64 = 0, of payer: String = ""
  ) async throws {
    var event = Premia_Billing_V1_InvoiceIssued()
    event.invoice.invoiceID = ID<InvoiceTag>(at: cash.clock.now, derivedFrom: policyID).description
    event.invoice.accountID = ID<AccountTag>(at: cash.clock.now, derivedFrom: policyID).description
    event.invoice.policyID = policyID
    event.invoice.issuedOn = "2027-01-05"
    event.invoice.dueOn = "2027-02-01"
    event.invoice.total.cents = cents
    if subsidy > 0 {
      event.invoice.lines = [
        .with {
          $0.kind = "subsidy"
          $0.amount.cents = -subsidy
        }
      ]
    }
    if contribution > 0 {
      event.invoice.lines.append(
        .with {
          $0.kind = "contribution"
          $0.name = payer
          $0.amount.cents = -contribution
        })
    }
    var envelope = Premia_Common_V1_Envelope()
    envelope.data = try event.serializedData()
    let subscription = PaymentsContext.context.subscriptions.first { $0.type == "Invoice.Issued" }
    guard let subscription else { preconditionFailure("Payments does not hear of invoices") }
    try await cash.run(Act(correlation: "bill", causation: policyID)) { [envelope] unit in
      try await subscription.take(envelope, &unit)
    }
  }

  /// In the order in which it was received.
  func suspense() async throws -> [Premia_Payments_V1_Receipt] {
    var request = Premia_Payments_V1_ListSuspenseRequest()
    request.page.size = 500
    return try await payments.listSuspense(request).receipts.sorted {
      Self.place($0.source).lexicographicallyPrecedes(Self.place($1.source))
    }
  }

  /// Transaction, record and line out of `sha256/0.1/line/2`.
  private static func place(_ source: String) -> [Int] {
    source.split { $0 == "/" || $0 == "." }.dropFirst().compactMap { Int($0) }
  }

  func cents(_ total: String) async throws -> Int64 {
    try await payments.getTotals(.init()).totals.first { $0.name == total }?.amount.cents ?? 0
  }
}
