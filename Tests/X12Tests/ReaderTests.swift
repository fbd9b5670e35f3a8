import Testing
import X12

@Suite("Reading does not depend on how the bytes arrive")
struct ReaderTests {
  @Test(arguments: [1, 2, 3, 7, 64, 107, 1_000])
  func chunkSize(_ size: Int) throws {
    let bytes = [UInt8](Fixture.claim(replacing: "D8*20250115", with: "D8*20251315").utf8)
    #expect(try Reading(bytes, chunk: size) == Reading(bytes))
  }

  @Test("Delimiters come from ISA", arguments: ["|>^\n", "*:^~", "+;!'", "\u{1d}\u{1f}\u{1e}\u{1c}"])
  func delimiters(_ characters: String) throws {
    let new = Array(characters.utf8)
    let old = Array("*:^~".utf8)
    var bytes = [UInt8](Fixture.claim.utf8).filter { $0 != 0x0a }
    for (index, byte) in bytes.enumerated() {
      if let place = old.firstIndex(of: byte) { bytes[index] = new[place] }
    }
    let reading = try Reading(bytes)
    #expect(reading.summary == [])
    #expect(reading.transactions.first?.segmentCount == 28)
  }

  @Test("Line ends after terminators are passed over", arguments: ["", "\n", "\r\n", "\n\n"])
  func lineEnds(_ end: String) throws {
    let lines = Fixture.claim.split(separator: "\n").joined(separator: end)
    #expect(try Reading(lines + end).isClean)
  }

  @Test("Several interchanges in one stream, each with its own delimiters")
  func severalInterchanges() throws {
    let other = String(Fixture.claim.map { $0 == "*" ? "|" : $0 })
    let reading = try Reading(Fixture.claim + "\n\n" + other + Fixture.claim)
    #expect(reading.transactions.map(\.verdict) == [.accepted, .accepted, .accepted])
    #expect(reading.transactions.map(\.header.index) == [0, 1, 2])
    #expect(reading.interchanges.count == 3)
  }

  @Test("Segments are read as they lie, with position and ordinal")
  func segments() throws {
    let bytes = [UInt8](Fixture.claim.utf8)
    var reader = X12Reader(bytes: bytes)
    var ordinals: [Int] = []
    while let value = try reader.next({ segment in segment.value }) {
      ordinals.append(value.ordinal)
      let start = bytes[value.byteOffset...].prefix(value.id.description.utf8.count)
      #expect(String(decoding: start, as: UTF8.self) == value.id.description)
      if value.id == "CLM" {
        #expect(value[5, 1] == "11" && value[5, 4] == nil && value[99] == nil && value[0] == nil)
      }
    }
    #expect(ordinals == [0, 0] + Array(1...28) + [0, 0])
  }

  @Test("A file that is not there is an error, not a crash")
  func missingFile() {
    #expect(throws: X12SyntaxError.self) { _ = try X12Reader(path: "/nowhere/at/all.edi") }
  }
}

@Suite("Records of an accepted transaction")
struct LoopReaderTests {
  private func records(_ text: String, start: RecordCursor = RecordCursor()) throws -> [LoopRecord] {
    var reader = LoopReader(reader: X12Reader(bytes: [UInt8](text.utf8)), guides: try .shipped(), start: start)
    var records: [LoopRecord] = []
    while let record = try reader.next() { records.append(record) }
    return records
  }

  @Test("A claim comes with its lines and with all it is within")
  func claims() throws {
    let records = try records(Fixture.claim)
    #expect(records.map { $0.loop.first("CLM")?[1] } == ["C1", "C2"])
    let claim = try #require(records.last)
    #expect(claim.ancestors.map(\.id) == ["", "2000A", "2000B"])
    #expect(claim.loop("2010AA")?.first("NM1", qualifier: "85")?[9] == "1234567893")
    #expect(claim.loop("2010BA")?.first("NM1", qualifier: "IL")?[4] == "JOSEPHINE")
    #expect(claim.loop("2010BB")?.first("NM1")?[3] == "PREMIA")
    #expect(claim.loop("1000A")?.first("PER")?[4] == "8005551212")
    #expect(claim.loop.children("2400").first?.first("SV1")?[7, 2] == "2")
    #expect(claim.loop.first("HI", qualifier: "ABK")?[2, 2] == "R509")
    #expect(claim.cursor == RecordCursor(transaction: 0, record: 1))
    #expect(claim.ordinal == 23 && claim.transaction.controlNumber == "0001")
    #expect(String(decoding: [UInt8](Fixture.claim.utf8)[claim.byteOffset...].prefix(6), as: UTF8.self) == "CLM*C2")
  }

  @Test("An import goes on from a cursor as if it had not stopped")
  func resuming() throws {
    let text = Fixture.claim + Fixture.claim
    let all = try records(text)
    #expect(all.count == 4)
    for (index, record) in all.enumerated() {
      let rest = try records(text, start: record.cursor)
      #expect(rest.map(\.cursor) == all[index...].map(\.cursor))
      #expect(rest.map(\.loop) == all[index...].map(\.loop))
      #expect(rest.map(\.ancestors) == all[index...].map(\.ancestors))
    }
    #expect(try records(text, start: try #require(all.last).next).isEmpty)
  }
}
