import Testing
import X12

@Suite("Premium payments")
struct PremiumPaymentTests {
  /// A payment of 250 by a group: 200 for one employee, 100 for another less 30, and 20 back of an earlier payment.
  private static let group = file(
    "005010X218",
    [
      "BPR*C*250*C*ACH*CCP*01*011000015*DA*1*1234567890**01*011000028*DA*2*20270201", "TRN*1*TRACE1", "CUR*PR*USD",
      "N1*PE*PREMIA*FI*987654321", "N1*PR*ACME*FI*123456789", "ENT*1*2J*EI*E1", "NM1*EY*1*DOE*JANE****EI*E1",
      "RMR*AZ*POL1**200", "ENT*2*2J*EI*E2", "NM1*EY*1*ROE*JOHN****EI*E2", "ADX*-20*52", "RMR*AZ*POL2**70*100",
      "ADX*-30*52",
    ])

  /// A payment of 480.50 by an exchange: a tax credit less a correction for a person, and a fee of the issuer's.
  private static let exchange = file(
    "005010X306",
    [
      "BPR*I*480.5*C*ACH*CCP*******01*011000028*DA*2*20270201", "TRN*3*TRACE2", "N1*PE*PREMIA*FI*987654321",
      "N1*RM*CMS*58*CMS", "ENT*1", "NM1*IL*1*DOE*JANE****C1*777222", "REF*POL*4567", "RMR*ZZ*APTC**500.50",
      "DTM*582****RD8*20270201-20270228", "RMR*ZZ*APTCADJ**-10", "ENT*2", "RMR*ZZ*ADM**-10",
    ])

  private static func file(_ version: String, _ body: [String]) -> String {
    let transaction = ["ST*820*0001*\(version)"] + body
    let lines =
      [
        "ISA*00*          *00*          *ZZ*PAYER          *ZZ*PREMIA         *270201*1200*^*00501*000000001*0*T*:",
        "GS*RA*PAYER*PREMIA*20270201*1200*1*X*\(version)",
      ] + transaction + ["SE*\(transaction.count + 1)*0001", "GE*1*1", "IEA*1*000000001"]
    return lines.map { $0 + "~\n" }.joined()
  }

  @Test("Whose lines and adjustments add up are accepted", arguments: [group, exchange])
  func accepted(_ text: String) throws {
    let reading = try Reading(text)
    #expect(reading.isClean, "\(reading.summary)")
  }

  static let refusals: [Refusal] = [
    Refusal("a total above the lines", "BPR*C*250*", "BPR*C*250.01*", "element I12 BPR-2"),
    Refusal("a total below the lines", "BPR*C*250*", "BPR*C*24.99*", "element I12 BPR-2"),
    Refusal("a line that was left out", "RMR*AZ*POL1**200~\n", "", "segment 3 RMR", "element I12 BPR-2"),
    Refusal("a line that came to nothing", "**200~", "**0~", "element I12 BPR-2"),
    Refusal("a correction with the wrong sign", "ADX*-20*", "ADX*20*", "element I12 BPR-2"),
    Refusal("a correction of this payment where earlier ones stand", "ADX*-20*52", "ADX*-20*IA", "element 7 ADX-2"),
    Refusal(
      "a member's number that is too short", "EY*1*DOE*JANE****EI*E1", "EY*1*DOE*JANE****EI*1", "element 4 NM1-9"),
    Refusal("a total that is no number", "BPR*C*250*", "BPR*C*2X0*", "element 6 BPR-2", "element I12 BPR-2"),
    Refusal("a line without an amount", "POL1**200~", "POL1~", "element 1 RMR-4", "element I12 BPR-2"),
    Refusal("another currency", "CUR*PR*USD", "CUR*PR*CAD", "element 7 CUR-2"),
    Refusal("a currency that is none", "CUR*PR*USD", "CUR*PR*US", "element 4 CUR-2"),
    Refusal("nobody who pays", "N1*PR*ACME*FI*123456789~\n", "", "segment 3 N1"),
    Refusal("a debit", "BPR*C*250*C*", "BPR*C*250*D*", "element 7 BPR-3"),
  ]

  @Test("A payment that cannot be right is refused, at its segment and element", arguments: refusals)
  func refused(_ row: Refusal) throws {
    let text = Self.recounted(Self.group.replacing(row.old, with: row.new))
    #expect(text != Self.group)
    #expect(try Reading(text).summary == row.expected)
  }

  @Test("A total that is wrong says what the lines add up to")
  func difference() throws {
    let reading = try Reading(Self.exchange.replacing("BPR*I*480.5*", with: "BPR*I*480*"))
    let finding = try #require(reading.findings.first)
    #expect(finding.segmentOrdinal == 2 && finding.elementReference == 782 && finding.badValue == "480")
    #expect(finding.message.contains("BPR02 \"480\"") && finding.message.contains("add up to 480.50"))
    #expect(reading.transactions.map(\.verdict) == [.rejected])
  }

  @Test("An amount too large to be added up is refused, not trapped on")
  func overflow() throws {
    let large = String(repeating: "9", count: 18)
    let text = Self.group.replacing("POL1**200", with: "POL1**\(large)")
    #expect(try Reading(text).summary == ["element I12 BPR-2"])
  }

  @Test("A payment that is cut is refused, wherever it is cut", arguments: [group, exchange])
  func cutAnywhere(_ text: String) throws {
    let bytes = [UInt8](text.utf8)
    for length in stride(from: 0, to: bytes.count - 2, by: 7) {
      #expect(try Reading(Array(bytes[..<length])).refuses, "cut at \(length)")
    }
  }

  /// With SE01 as it must be for the segments that there are.
  private static func recounted(_ text: String) -> String {
    let segments = text.split(separator: "~\n")
    guard let start = segments.firstIndex(where: { $0.hasPrefix("ST*") }),
      let end = segments.firstIndex(where: { $0.hasPrefix("SE*") })
    else { return text }
    return text.replacing(segments[end], with: "SE*\(end - start + 1)*0001")
  }
}
