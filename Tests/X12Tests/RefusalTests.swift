import Testing
import X12

/// One malformed input and what must be said of it.
struct Refusal: CustomTestStringConvertible, Sendable {
  let name: String
  let old: String
  let new: String
  let expected: [String]
  var recount = true
  var testDescription: String { name }

  init(_ name: String, _ old: String, _ new: String, _ expected: String..., recount: Bool = true) {
    self.name = name
    self.old = old
    self.new = new
    self.expected = expected
    self.recount = recount
  }

  static let all: [Refusal] = [
    // Envelopes
    Refusal("wrong SE01", "SE*28*", "SE*27*", "transaction 4 SE", recount: false),
    Refusal("SE02 differs", "SE*28*0001", "SE*28*0002", "transaction 3 SE"),
    Refusal("no SE", "SE*28*0001~\n", "", "transaction 2 SE", recount: false),
    Refusal("wrong GE01", "GE*1*1", "GE*2*1", "group 5 GE"),
    Refusal("GE02 differs", "GE*1*1", "GE*1*9", "group 4 GE"),
    Refusal("no GE", "GE*1*1~\n", "", "group 3 GE"),
    Refusal("wrong IEA01", "IEA*1*", "IEA*2*", "interchange 021 IEA"),
    Refusal("IEA02 differs", "IEA*1*000000001", "IEA*1*000000002", "interchange 001 IEA"),
    Refusal("no IEA", "IEA*1*000000001~", "", "interchange 023 IEA"),
    Refusal("text between segments", "GE*1*1~\n", "GE*1*1~\nHELLO THERE~\n", "interchange 022 HELLO THERE"),
    Refusal("text before ISA", "ISA*00", "HELLO ISA*00", "interchange 022 ISA"),
    Refusal("ISA06 too short", "*SUBMITTER      *", "*SUBMITTER     *", "interchange 024 ISA"),
    Refusal("delimiters that clash", "*T*:~", "*T**~", "interchange 026 ISA"),
    Refusal("another release", "*00501*", "*00401*", "interchange 017 ISA"),
    Refusal("test indicator", "*0*T*", "*0*X*", "interchange 020 ISA"),
    Refusal("unknown guide", "*X*005010X222A1", "*X*005010X999A9", "group 2 GS", "transaction I6 ST"),
    Refusal("unknown kind of group", "GS*HC*", "GS*ZQ*", "group 1 GS", "transaction I6 ST"),
    Refusal(
      "ST03 differs from GS08", "0001*005010X222A1~\nBHT", "0001*005010X220A1~\nBHT", "transaction 1 ST",
      "transaction I6 ST"),
    Refusal("another transaction", "ST*837*", "ST*834*", "transaction 1 ST"),
    // Segments
    Refusal("unknown segment", "N3*42", "ZZ9*42", "segment 1 ZZ9"),
    Refusal("malformed segment", "N3*42 WALLABY WAY", "hello", "segment 1 hello"),
    Refusal("empty segment", "N3*42 WALLABY WAY~", "~", "segment 1 "),
    Refusal("segment of another loop", "N3*42 WALLABY WAY", "LX*1", "segment 2 LX"),
    Refusal("unknown qualifier", "NM1*PR*2", "NM1*Q9*2", "segment 2 NM1", "segment 3 NM1"),
    Refusal("missing segment", "BHT*0019*00*REF1*20250301*1200*CH~\n", "", "segment 3 BHT"),
    Refusal("missing loop", "NM1*40*2*PREMIA*****46*99999~\n", "", "segment 3 NM1"),
    Refusal("missing last segment", "HI*ABK:J0390*ABF:R509~\n", "", "segment 3 HI"),
    Refusal(
      "missing service line", "LX*1~\nSV1*HC:99212*80*UN*1***1:2~\nDTP*472*RD8*20250116-20250117~\n", "", "segment 3 LX"
    ),
    Refusal("repeated segment", "N3*42 WALLABY WAY~", "N3*42 WALLABY WAY~N3*43 WALLABY WAY~", "segment 5 N3"),
    Refusal(
      "swapped segments", "N3*42 WALLABY WAY~\nN4*TROY*NY*12180~", "N4*TROY*NY*12180~\nN3*42 WALLABY WAY~",
      "segment 7 N3"),
    // Elements
    Refusal("required element missing", "NM1*85*2*RIVERSIDE PRACTICE", "NM1*85*2*", "element 1 NM1-3"),
    Refusal("required trailing element missing", "LX*1~\nSV1*HC:99213", "LX~\nSV1*HC:99213", "element 1 LX-1"),
    Refusal(
      "required component missing", "11:B:1*Y*A*Y*Y~\nHI*ABK:J0390~", "11:B*Y*A*Y*Y~\nHI*ABK:J0390~",
      "element 1 CLM-5.3"),
    Refusal("paired element missing", "PRACTICE*****XX*1234567893", "PRACTICE*****XX", "element 2 NM1-9"),
    Refusal("too many elements", "LX*1~\nSV1*HC:99213", "LX*1*2~\nSV1*HC:99213", "element 3 LX-2"),
    Refusal("too short", "N4*TROY*NY*12180", "N4*T*NY*12180", "element 4 N4-1"),
    Refusal(
      "too long", "N3*42 WALLABY WAY", "N3*42 WALLABY WAY AND A STREET NAME THAT GOES ON FOR MUCH TOO LONG TO FIT",
      "element 5 N3-1"),
    Refusal("character", "N3*42 WALLABY WAY", "N3*42 WALLABY W\u{c9}Y", "element 6 N3-1"),
    Refusal("trailing blank", "N3*42 WALLABY WAY", "N3*42 WALLABY WAY ", "element 6 N3-1"),
    Refusal("not a number", "CLM*C1*245.5", "CLM*C1*24X.5", "element 6 CLM-2"),
    Refusal("not in the code list", "DMG*D8*19800704*F", "DMG*D8*19800704*Q", "element 7 DMG-3"),
    Refusal("not a state", "N4*TROY*NY", "N4*TROY*ZZ", "element 7 N4-2"),
    Refusal("component code", "SV1*HC:99213", "SV1*ZZ:99213", "element 7 SV1-1.1"),
    Refusal("30 February", "DMG*D8*19800704", "DMG*D8*19800230", "element 8 DMG-2"),
    Refusal("29 February of a common year", "DMG*D8*19800704", "DMG*D8*19000229", "element 8 DMG-2"),
    Refusal("period that ends before it begins", "20250116-20250117", "20250117-20250116", "element 8 DTP-3"),
    Refusal("date in another format", "D8*20250115", "D8*01152025", "element 8 DTP-3"),
    Refusal("time", "20250301*1200*CH", "20250301*2500*CH", "element 9 BHT-5"),
    Refusal(
      "element not used", "LX*1~\nSV1*HC:99213:25*245.5*UN*1***1", "LX*1~\nSV1*HC:99213:25*245.5*UN*1**X*1",
      "element I10 SV1-6"),
    Refusal("repetition where none may be", "N3*42 WALLABY", "N3*42^43 WALLABY", "element 12 N3-1"),
    Refusal("component in a simple element", "N3*42 WALLABY", "N3*42:43 WALLABY", "element 13 N3-1"),
    Refusal(
      "too many components", "11:B:1*Y*A*Y*Y~\nHI*ABK:J0390~", "11:B:1:9*Y*A*Y*Y~\nHI*ABK:J0390~",
      "element 13 CLM-5.4"),
    Refusal("HL01 out of order", "HL*2*1*22", "HL*3*1*22", "element 7 HL-1"),
    Refusal("HL02 names no level", "HL*2*1*22", "HL*2*7*22", "element 7 HL-2"),
  ]
}

@Suite("What is malformed is refused, and said where and why")
struct RefusalTests {
  @Test("The file that the refusals are made from is valid")
  func fixtureIsValid() throws {
    let reading = try Reading(Fixture.claim)
    #expect(reading.summary == [])
    #expect(reading.transactions.map(\.verdict) == [.accepted])
    #expect(reading.transactions.first?.segmentCount == 28)
    #expect(reading.groups.first?.acceptedCount == 1)
  }

  @Test(arguments: Refusal.all)
  func isRefused(_ row: Refusal) throws {
    let text = Fixture.claim(replacing: row.old, with: row.new, recount: row.recount)
    #expect(text != Fixture.claim)
    let reading = try Reading(text)
    #expect(reading.summary == row.expected)
    for finding in reading.findings {
      #expect(finding.message.hasSuffix(".") && finding.message.contains("byte"))
    }
  }

  @Test("An element finding carries everything a 999 needs")
  func elementFinding() throws {
    let reading = try Reading(Fixture.claim(replacing: "DMG*D8*19800704*F", with: "DMG*D8*19800230*F"))
    let finding = try #require(reading.findings.first)
    #expect(finding.segmentOrdinal == 16 && finding.loopID == "2010BA")
    #expect(finding.elementReference == 1251 && finding.badValue == "19800230")
    let text = [UInt8](Fixture.claim.utf8)[finding.byteOffset...].prefix(3)
    #expect(String(decoding: text, as: UTF8.self) == "DMG")
  }

  @Test("A file cut at any byte is refused and never more than that")
  func cutAnywhere() throws {
    let bytes = [UInt8](Fixture.claim.utf8)
    for length in 0..<bytes.count - 1 {
      let reading = try Reading(Array(bytes[..<length]))
      #expect(reading.refuses, "cut at \(length)")
    }
    #expect(try Reading(Array(bytes)).isClean)
  }

  @Test("Any one byte changed never crashes", arguments: [UInt8(0), 0x0a, 0x2a, 0x3a, 0x41, 0x5e, 0x7e, 0xff])
  func changedAnywhere(byte: UInt8) throws {
    let bytes = [UInt8](Fixture.claim.utf8)
    for index in bytes.indices {
      var changed = bytes
      changed[index] = byte
      _ = try Reading(changed)
    }
  }

  @Test("A transaction keeps at most 1,000 findings and counts the rest")
  func findingsAreBounded() throws {
    let text = Fixture.claim(replacing: "N3*42 WALLABY WAY~", with: String(repeating: "ZZ9*1~", count: 1_500))
    let report = try #require(try Reading(text).transactions.first)
    #expect(report.findings.count == 1_000 && report.suppressedFindings == 500)
    #expect(report.verdict == .rejected)
  }

  @Test("A segment without a terminator is refused before it fills memory")
  func endlessSegment() throws {
    let reading = try Reading(Fixture.claim.prefix(107) + String(repeating: "X", count: 300_000))
    #expect(reading.summary == ["interchange 004 ISA", "interchange 023 IEA"])
  }
}
