import Testing
import X12

@Suite("Public samples", .enabled(if: Samples.directory != nil, "no directory of samples beside the repository"))
struct SampleTests {
  @Test("Enrolments, professional claims, remittances, premium payments and acknowledgements are valid")
  func valid() throws {
    let names = ["834", "837P", "_835_", "_820", "_999_"].flatMap { Samples.names(containing: $0) }
    #expect(names.count >= 9)
    for name in names {
      let reading = try Reading(Samples.bytes(name))
      #expect(reading.summary == [], "\(name)")
      #expect(reading.isClean, "\(name)")
    }
  }

  @Test("Transactions without a guide are refused as groups", arguments: ["837I", "270", "271", "277"])
  func unsupported(_ part: String) throws {
    for name in Samples.names(containing: part) {
      let reading = try Reading(Samples.bytes(name))
      #expect(reading.groups.allSatisfy { $0.acceptedCount == 0 && ["1", "2"].contains($0.findings.first?.code) })
      #expect(reading.transactions.allSatisfy { $0.verdict == .rejected })
    }
  }

  @Test("Members are read with their coverages")
  func members() throws {
    for name in Samples.names(containing: "834") where !name.contains("999") {
      var reader = LoopReader(reader: X12Reader(bytes: try Samples.bytes(name)), guides: try .shipped())
      var count = 0
      while let record = try reader.next() {
        count += 1
        #expect(record.loop.first("INS") != nil && record.loop.child("2100A")?.first("NM1")?[3] != nil, "\(name)")
      }
      #expect(count > 0, "\(name)")
    }
  }

  @Test("Payments are read by whom they are for, with their lines")
  func payments() throws {
    var amounts: [[String?]] = []
    for name in Samples.names(containing: "_820") {
      var reader = LoopReader(reader: X12Reader(bytes: try Samples.bytes(name)), guides: try .shipped())
      while let record = try reader.next() {
        amounts.append((record.loop.children("2300B") + record.loop.children("2300")).map { $0.first("RMR")?[4] })
      }
    }
    #expect(
      amounts == [["7000"], ["10000"], ["3000"], ["500", "100", "-25", "-600", "500"], ["400", "50", "-15"]])
  }

  @Test("What is read is written back byte for byte")
  func rewritten() throws {
    for name in ["834", "837P", "_835_", "_820", "_999_"].flatMap({ Samples.names(containing: $0) }) {
      let bytes = try Samples.bytes(name)
      var reader = X12Reader(bytes: bytes)
      var written: [UInt8] = []
      while let value = try reader.next({ segment in segment.value }) {
        let separator = value.delimiters.element
        written += value.id.description.utf8
        for element in value.elements { written += [separator] + element.utf8 }
        written.append(value.delimiters.segment)
      }
      #expect(written == bytes.filter { $0 != 0x0a && $0 != 0x0d }, "\(name)")
    }
  }
}
