import Testing
import X12

@Suite("Writing")
struct WriterTests {
  private static let address = InterchangeAddress(
    sender: "PREMIA", receiver: "PARTNER", date: "250301", time: "1200", controlNumber: 42)
  private static let group = GroupHeader(
    functionalID: "HC", sender: "PREMIA", receiver: "PARTNER", date: "20250301", time: "1200", controlNumber: "7",
    version: "005010X222A1")

  private static func write(_ segments: [(SegmentID, [X12Element])]) throws(X12WriteError) -> [UInt8] {
    try X12Writer.bytes { writer throws(X12WriteError) in
      try writer.beginInterchange(address)
      try writer.beginGroup(group)
      try writer.beginTransaction("837", controlNumber: "0001", version: "005010X222A1")
      for (id, elements) in segments { try writer.segment(id, elements) }
      try writer.endTransaction()
      try writer.endGroup()
      try writer.endInterchange()
    }
  }

  @Test("Envelopes carry counts and control numbers; trailing empty elements are left out")
  func envelope() throws {
    let bytes = try Self.write([("NM1", ["41", "2", nil, "", .composite(["", ""])])])
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    #expect(
      lines[0] == "ISA*00*          *00*          *ZZ*PREMIA         *ZZ*PARTNER        *250301*1200*^*00501*"
        + "000000042*0*P*:~")
    #expect(lines.dropFirst(3) == ["NM1*41*2~", "SE*3*0001~", "GE*1*7~", "IEA*1*000000042~"])
  }

  @Test(
    "Delimiters and foreign characters inside data are refused", arguments: ["A*B", "A:B", "A^B", "A~B", "É", "A\nB"])
  func data(_ text: String) {
    #expect(throws: X12WriteError.self) { _ = try Self.write([("N3", [.text(text)])]) }
  }

  @Test("Envelopes out of order are refused")
  func order() {
    #expect(throws: X12WriteError.self) {
      _ = try X12Writer.bytes { writer throws(X12WriteError) in try writer.beginGroup(Self.group) }
    }
    #expect(throws: X12WriteError.self) {
      _ = try X12Writer.bytes { writer throws(X12WriteError) in try writer.beginInterchange(Self.address) }
    }
  }

  @Test("What is written is read back the same", arguments: 0..<200)
  func roundTrip(seed: Int) throws {
    var chance = Chance(state: UInt64(seed))
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,-/()'&")
    func word(_ chance: inout Chance) -> String {
      String((0..<Int.random(in: 0...12, using: &chance)).compactMap { _ in letters.randomElement(using: &chance) })
    }
    var segments: [(SegmentID, [X12Element])] = []
    for _ in 0..<Int.random(in: 1...30, using: &chance) {
      let elements = (0..<Int.random(in: 1...15, using: &chance)).map { _ -> X12Element in
        switch Int.random(in: 0..<4, using: &chance) {
        case 0: .composite((0...2).map { _ in word(&chance) })
        case 1: .repeated((0...1).map { _ in [word(&chance) + "X", word(&chance)] })
        case _: .text(word(&chance))
        }
      }
      segments.append((["REF", "NM1", "N3", "DTP"].randomElement(using: &chance) ?? "REF", elements))
    }
    var reader = X12Reader(bytes: try Self.write(segments))
    var read: [SegmentValue] = []
    while let value = try reader.next({ segment in segment.value }) {
      if value.ordinal > 1, value.id != "SE" { read.append(value) }
    }
    #expect(read.map(\.id) == segments.map(\.0))
    for (value, (_, elements)) in zip(read, segments) {
      for (index, element) in elements.enumerated() {
        switch element {
        case .text(let text): #expect(value[index + 1] ?? "" == text)
        case .composite(let parts):
          for (place, part) in parts.enumerated() { #expect(value[index + 1, place + 1] ?? "" == part) }
        case .repeated(let repetitions): #expect(value.repetitions(index + 1).count == repetitions.count)
        }
      }
    }
  }
}

@Suite("Acknowledgements")
struct AcknowledgementTests {
  /// The 999 for every group of a file, with the findings of business checks for its first transaction.
  static func acknowledge(_ bytes: [UInt8], business: [X12Finding] = []) throws -> [UInt8] {
    let reading = try Reading(bytes)
    return try X12Writer.bytes { writer throws(X12WriteError) in
      try writer.beginInterchange(
        InterchangeAddress(sender: "PREMIA", receiver: "PARTNER", date: "250301", time: "1200", controlNumber: 1))
      try writer.beginGroup(
        GroupHeader(
          functionalID: Acknowledgement.functionalID, sender: "PREMIA", receiver: "PARTNER", date: "20250301",
          time: "1200", controlNumber: "1", version: Acknowledgement.version))
      for (index, group) in reading.groups.enumerated() {
        let number = "000\(index + 1)"
        var acknowledgement = try Acknowledgement(of: group.header, controlNumber: number, to: &writer)
        for report in reading.transactions where report.header.groupControlNumber == group.header.controlNumber {
          try acknowledgement.add(report.header.index == 0 ? report.adding(business) : report, to: &writer)
        }
        try acknowledgement.finish(group, to: &writer)
      }
      try writer.endGroup()
      try writer.endInterchange()
    }
  }

  private func lines(_ bytes: [UInt8]) -> [String] {
    String(decoding: bytes, as: UTF8.self).split(separator: "\n").dropFirst(3).dropLast(3).map(String.init)
  }

  @Test("An accepted transaction")
  func accepted() throws {
    #expect(
      try lines(Self.acknowledge([UInt8](Fixture.claim.utf8))) == [
        "AK1*HC*1*005010X222A1~", "AK2*837*0001*005010X222A1~", "IK5*A~", "AK9*A*1*1*1~",
      ])
  }

  @Test("A rejected transaction names segment, element and reason")
  func rejected() throws {
    let text = Fixture.claim(replacing: "DMG*D8*19800704*F", with: "DMG*D8*19800230*Q")
    #expect(
      try lines(Self.acknowledge([UInt8](text.utf8))) == [
        "AK1*HC*1*005010X222A1~", "AK2*837*0001*005010X222A1~", "IK3*DMG*16*2010*8~", "IK4*2*1251*8*19800230~",
        "IK4*3*1068*7*Q~", "IK5*R*5~", "AK9*R*1*1*0~",
      ])
  }

  /// One claim refused for a business reason.
  private func refusal() throws -> X12Finding {
    var records = LoopReader(reader: X12Reader(bytes: [UInt8](Fixture.claim.utf8)), guides: try .shipped())
    let record = try #require(try records.next())
    let claim = try #require(record.loop.first("CLM"))
    return .refusal(
      at: claim, loopID: record.loop.id, element: 1, context: .init(name: "CLM01", value: claim[1] ?? ""),
      message: "Claim C1 was received before.")
  }

  @Test("A transaction taken but for one claim")
  func refusedRecord() throws {
    #expect(
      try lines(Self.acknowledge([UInt8](Fixture.claim.utf8), business: [refusal()])) == [
        "AK1*HC*1*005010X222A1~", "AK2*837*0001*005010X222A1~", "IK3*CLM*18*2300*8~", "CTX*CLM01:C1~",
        "IK4*1**I12*C1~", "IK5*E*5~", "AK9*E*1*1*1~",
      ])
  }

  @Test("Every acknowledgement is valid by our own guide")
  func ownGuide() throws {
    for row in Refusal.all {
      let text = Fixture.claim(replacing: row.old, with: row.new, recount: row.recount)
      let bytes = try Self.acknowledge([UInt8](text.utf8))
      guard String(decoding: bytes, as: UTF8.self).contains("AK1*") else { continue }
      let code = String(decoding: bytes, as: UTF8.self).contains("AK1*ZQ")
      #expect(try code || Reading(bytes).summary == [], "\(row.name)")
    }
  }

  @Test(
    "Every acknowledgement is valid by another validator",
    .enabled(if: ReferenceValidator.command != nil, "the reference validator is not installed"))
  func otherValidator() throws {
    var files = [try Self.acknowledge([UInt8](Fixture.claim.utf8), business: [refusal()])]
    for row in Refusal.all where !row.new.contains("ZQ") {
      let text = Fixture.claim(replacing: row.old, with: row.new, recount: row.recount)
      let bytes = try Self.acknowledge([UInt8](text.utf8))
      if String(decoding: bytes, as: UTF8.self).contains("AK1*") { files.append(bytes) }
    }
    let names = ["834", "837", "820", "270", "271"].flatMap { Samples.names(containing: $0) }
    for name in names where !name.contains("999") {
      files.append(try Self.acknowledge(Samples.bytes(name)))
    }
    for bytes in files {
      let complaints = try ReferenceValidator.complaints(about: bytes)
      #expect(complaints.isEmpty, "\(complaints)\n\(String(decoding: bytes, as: UTF8.self))")
    }
  }
}
