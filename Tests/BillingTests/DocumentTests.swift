import Contracts
import Courier
import Foundation
import Kernel
import Runtime
import StoreTesting
import SwiftProtobuf
import Testing

@testable import Billing

@Suite struct `Numbers of documents` {
  static let series = Register.Series(kind: .invoice, year: 2027)

  static func entry(_ position: Int64) -> Register.Entry {
    Register.Entry(
      position: position, invoice: "inv_\(position)", account: "a", policy: "p", on: day("2027-01-01"), cents: position)
  }

  @Test func `follow each other, and what is read again gets no second one`() throws {
    let first = try Register.decide(.number([Self.entry(3), Self.entry(5)], in: Self.series), in: .init())
    #expect(first == [.numbered(.init(series: Self.series, first: 1, entries: [Self.entry(3), Self.entry(5)]))])
    let state = Register.replay(first)
    #expect(state == Register.State(count: 2, through: 5))
    let again = try Register.decide(.number([Self.entry(3), Self.entry(5)], in: Self.series), in: state)
    #expect(again == [])
    let more = try Register.decide(.number([Self.entry(5), Self.entry(9)], in: Self.series), in: state)
    #expect(more == [.numbered(.init(series: Self.series, first: 3, entries: [Self.entry(9)]))])
    #expect(Self.series.number(1_234_567) == "INV-2027-1234567")
    #expect(Self.series.number(7) == "INV-2027-000007")
  }

  @Test func `are given in the order of issue, a series a kind and a year`() async throws {
    let world = World("2026-12-10")
    var policy = snapshot(1, from: "2027-01-01", gross: 31_000, aptc: 12_400)
    try await world.say("Policy.Bound", of: policy)
    try await world.pay(1, 18_600, for: policy.policyID)
    try await world.say("Policy.Issued", of: policy)
    try await world.live(until: "2027-02-20")
    policy.endDate = "2027-02-15"
    try await world.say("Policy.Terminated", of: policy)
    while try await world.billing.pump(Numbering.reader) > 0 {}
    let documents = try await world.documents()
    #expect(
      documents.map(\.number) == [
        "CRN-2027-000001", "CRN-2027-000002", "INV-2026-000001", "INV-2027-000001",
        "INV-2027-000002",
      ])
    #expect(try await world.mismatches() == [])
    #expect(try await world.billing.pump(Numbering.reader) == 0)
  }

  /// Two readers on one store; a third of their commits never comes about, as when a process is killed.
  @Test(arguments: 1...8) func `have no gap and no double however often the readers die`(_ seed: Int) async throws {
    let clock = SandboxClock(Instant(date: day("2027-01-02")))
    let memory = MemoryStore()
    let writer = Engine(context: "billing", store: memory, clock: clock)
    try await BillingBench.seed(engine: writer, accounts: 40, start: day("2027-01-01"))
    let flaky = InterceptedStore(memory) { number throws(StoreFailure) in
      var random = SplitMix64(seed: UInt64(seed * 10_000 + number))
      if random.next() % 3 == 0 { throw .unavailable("killed") }
    }
    var month = 0
    for _ in 0..<60 {
      if month < 12 {
        _ = try await BillingRun.run(engine: writer, asOf: BillingBench.run(month, start: day("2027-01-01")))
        month += 1
      }
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<2 {
          // A new process each time: it remembers nothing.
          let reader = Engine(context: "billing", store: flaky, clock: clock)
          group.addTask { _ = try? await reader.pump(Numbering.reader) }
        }
      }
    }
    while try await writer.pump(Numbering.reader) > 0 {}
    var issued = 0
    var place: Int64 = 0
    while true {
      let page = try await memory.published(after: place, limit: 500, about: nil)
      guard let last = page.last else { break }
      place = last.position
      let types = try page.map { try Premia_Common_V1_Envelope(record: $0.record, position: $0.position).type }
      issued += types.count { $0 == "Invoice.Issued" }
    }
    let rows = try await memory.tally(
      BillingTables.documents, by: ["kind", "year"], sums: ["ordinal"], where: [("kind", "INV")])
    #expect(issued > 400)
    #expect(rows.reduce(0) { $0 + $1.count } == Int64(issued))
    for row in rows { #expect(row.sums == [row.count * (row.count + 1) / 2]) }
    let report = try await writer.verify(BillingContext.context.aggregates, tables: BillingContext.context.tables)
    #expect(report.mismatches == [])
  }
}

@Suite struct `Documents` {
  static let carrier = Carrier(name: "PREMIA & CO", lines: ["100 WACKER DRIVE", "CHICAGO, IL 60606"], phone: "800")

  static func press(_ name: String = "Ann Lee", engine: PrintEngine = PrintEngine()) throws -> Press {
    try Press(
      carrier: carrier,
      addressees: { _ in
        Addressee(
          name: name, lines: ["1 Main St", "Albany, NY 12207"], policyNumber: "P-1", plans: ["silver": "Silver 3000"])
      },
      payers: { _ in Addressee(name: "Acme & Sons", lines: ["2 Main St", "Albany, NY 12207"], policyNumber: "") },
      engine: engine)
  }

  /// A house with one policy that was billed and then ended.
  static func world() async throws -> World {
    let world = World("2026-12-10")
    var policy = snapshot(1, from: "2027-01-15", gross: 31_000, aptc: 12_400)
    try await world.say("Policy.Bound", of: policy)
    policy.endDate = "2027-01-20"
    try await world.say("Policy.Terminated", of: policy)
    while try await world.billing.pump(Numbering.reader) > 0 {}
    return world
  }

  static func document(
    _ number: String, _ press: Press, pdf: Bool = false, in world: World
  ) async throws -> Premia_Billing_V1_Document {
    let service = BillingService(engine: world.billing, press: press)
    return try await service.getDocument(
      request: .with {
        $0.number = number
        $0.pdf = pdf
      }, context: .test("GetDocument"))
  }

  @Test func `an invoice says what was issued, whatever became of it since`() async throws {
    let world = try await Self.world()
    let document = try await Self.document("INV-2026-000001", try Self.press(), in: world)
    #expect(document.kind == .invoice)
    #expect(document.amount.cents == 10_200)
    for words in [
      "INV-2026-000001", "Premium, Silver 3000", "$170.00", "-$68.00", "$102.00", "17 of 31 days",
      "January 15, 2027 to January 31, 2027", "December 10, 2026", "Ann Lee", "Albany, NY 12207",
      "Please send this part", "size: letter", "PREMIA &amp; CO",
    ] {
      #expect(document.html.contains(words), "\(words)")
    }
  }

  @Test func `a credit note names its invoice and has no stub`() async throws {
    let world = try await Self.world()
    let document = try await Self.document("CRN-2026-000001", try Self.press(), in: world)
    #expect(document.kind == .creditNote)
    // 5 of 31 days stay: 50.00 less 20.00 of the 102.00.
    #expect(document.amount.cents == -7_200)
    #expect(document.html.contains("INV-2026-000001"))
    #expect(document.html.contains("$72.00"))
    #expect(!document.html.contains("Please send this part"))
  }

  @Test func `what people write is text on the page and never markup`() async throws {
    let world = try await Self.world()
    let press = try Self.press(#"<script>alert("1")</script> & Söhne"#)
    let document = try await Self.document("INV-2026-000001", press, in: world)
    #expect(!document.html.contains("<script"))
    #expect(document.html.contains("&lt;script&gt;"))
    #expect(document.html.contains("&amp; Söhne"))
  }

  @Test func `an unknown number is refused, and so is a PDF without a print engine`() async throws {
    let world = try await Self.world()
    let press = try Self.press(engine: PrintEngine(program: "weasyprint", folders: ["/nowhere"]))
    await #expect(throws: Problem.notFound("document", "INV-2026-000009")) {
      try await Self.document("INV-2026-000009", press, in: world)
    }
    let problem = await #expect(throws: Problem.self) {
      try await Self.document("INV-2026-000001", press, pdf: true, in: world)
    }
    #expect(problem?.code == "billing.no_print_engine")
    #expect(problem?.remedy.contains("scripts/system-packages") == true)
    let broken = try Self.press(engine: PrintEngine(program: "false", folders: ["/usr/bin", "/bin"]))
    let failure = await #expect(throws: Problem.self) {
      try await Self.document("INV-2026-000001", broken, pdf: true, in: world)
    }
    #expect(failure?.code == "billing.print_failed")
  }

  @Test(.enabled(if: PrintEngine().isInstalled && pdftotext != nil, "needs weasyprint and poppler-utils"))
  func `a PDF is one letter page with the same words`() async throws {
    let world = try await Self.world()
    let document = try await Self.document("INV-2026-000001", try Self.press("Søren <Ø>"), pdf: true, in: world)
    #expect(document.pdf.starts(with: Data("%PDF-".utf8)))
    let folder = FileManager.default.temporaryDirectory.appending(path: "premia-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (pdf, text) = (folder.appending(path: "i.pdf"), folder.appending(path: "i.txt"))
    try document.pdf.write(to: pdf)
    let process = Process()
    process.executableURL = URL(filePath: try #require(pdftotext))
    process.arguments = ["-layout", pdf.path(percentEncoded: false), text.path(percentEncoded: false)]
    try process.run()
    process.waitUntilExit()
    let words = try String(contentsOf: text, encoding: .utf8)
    for expected in ["INV-2026-000001", "$102.00", "-$68.00", "Søren <Ø>", "Page 1 of 1", "Amount enclosed"] {
      #expect(words.contains(expected), "\(expected)")
    }
  }
}

/// Reads what a PDF says, where it is installed.
private let pdftotext = ["/usr/bin/pdftotext", "/usr/local/bin/pdftotext"]
  .first { FileManager.default.isExecutableFile(atPath: $0) }

extension World {
  func documents() async throws -> [Premia_Billing_V1_Document] {
    try await service.listDocuments(request: .init(), context: .test("ListDocuments")).documents
  }
}
