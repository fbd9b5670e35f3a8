import Exchange
import Runtime
import Testing
import X12

@Suite("Broken files")
struct BrokenFileTests {
  struct Broken: CustomTestStringConvertible, Sendable {
    let what: String
    /// Code and segment of what is found, and a part of what people are told of it.
    let finding: String
    let says: String
    let damage: @Sendable (String) -> String
    var testDescription: String { what }
  }

  private static func replacing(_ old: String, _ new: String) -> @Sendable (String) -> String {
    { $0.replacing(old, with: new) }
  }

  private static func cut(at byte: Int) -> @Sendable (String) -> String { { String($0.prefix(byte)) } }

  static let broken: [Broken] = [
    .init(
      what: "a wrong count of segments", finding: "4 SE", says: "SE01 says 913 segments",
      damage: replacing("SE*", "SE*9")),
    .init(
      what: "a wrong count of transactions", finding: "5 GE", says: "GE01 says 2 transactions but 1 were found",
      damage: replacing("GE*1*", "GE*2*")),
    .init(
      what: "a wrong count of groups", finding: "021 IEA", says: "IEA01 says 2 groups but 1 were found",
      damage: replacing("IEA*1*", "IEA*2*")),
    .init(what: "a bad date", finding: "8 DTP", says: "\"20270231\"", damage: replacing("20270201", "20270231")),
    .init(
      what: "a cut end", finding: "023 IEA", says: "no IEA trailer before the file ends; it may have been cut off",
      damage: replacing("\nIEA*1*000000001~", "")),
    .init(
      what: "a cut segment", finding: "023 ISA",
      says: "At byte 425: the file ends inside the segment SE; it was cut off",
      damage: replacing("~\nGE*1*1~\nIEA*1*000000001~", "")),
    .init(
      what: "wrong delimiters", finding: "026 ISA",
      says: "At byte 0: the delimiters that the ISA segment declares are not four different punctuation characters",
      damage: replacing("*:~", "***")),
    .init(
      what: "a short ISA", finding: "024 ISA",
      says: "At byte 0: the ISA segment has fixed widths, and the separator before element 9 is not where it must be",
      damage: replacing("*PREMIA         *", "*PREMIA*")),
    .init(
      what: "a cut ISA", finding: "023 ISA", says: "At byte 0: the file ends inside the segment ISA",
      damage: cut(at: 70)),
    .init(
      what: "nothing but ISA", finding: "023 IEA", says: "no IEA trailer before the file ends", damage: cut(at: 106)),
    .init(
      what: "a cut group header", finding: "023 ISA", says: "At byte 107: the file ends inside the segment GS",
      damage: cut(at: 120)),
  ]

  @Test("A broken file changes nothing, and is told what is wrong and where", arguments: broken)
  func refused(_ row: Broken) async throws {
    try await World.run(PartnerProfiles([try ProfileTests.profile()])) { world in
      let text = Enrolment(segments: Enrolment.member("S1")).text
      let damaged = row.damage(text)
      #expect(damaged != text)
      let report = try await world.take(damaged)
      #expect(report.kind == .rejected)
      let found = report.findings.map { "\($0.code) \($0.segmentID): \($0.message)" }
      #expect(
        found.contains { $0.hasPrefix(row.finding + ": ") && $0.contains(row.says) && $0.contains("byte ") },
        "\(found)")
      #expect(try await world.policies().isEmpty)
      #expect(try await world.exchange.store.streams(after: nil, limit: 1).isEmpty)
      let answer = String(decoding: report.acknowledgement, as: UTF8.self)
      #expect(answer.isEmpty || answer.contains("AK9*R*"), "\(answer)")
      if !answer.isEmpty { try await #expect(Surroundings.complaints(about: report.acknowledgement) == "") }
      // The same file, mended, is taken.
      #expect(try await world.take(text).accepted == 1)
    }
  }
}
