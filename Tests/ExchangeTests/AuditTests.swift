import Contracts
import Exchange
import Foundation
import Kernel
import Runtime
import StoreTesting
import Synchronization
import Testing

@Suite("An audit of a partner's full file")
struct AuditTests {
  private static let us = EnrolmentExport.Address(interchange: "ZZ*PREMIA", group: "PREMIA", name: "Premia")
  private static let partner = EnrolmentExport.Address(
    interchange: "ZZ*PREMIABOOK", group: "PREMIABOOK", name: "Premia book")

  private struct Audited {
    let world: World
    let profiles: PartnerProfiles
    let book: SyntheticBook
    /// The book as its partner would send it.
    let text: String
    let policies: Int

    func audit(_ text: String) async throws -> AuditReport {
      try await Scratch.file(Array(text.utf8), name: "full.834") { try await world.door.audit(path: $0) }
    }

    /// The segments of the family that stands at a place, from its subscriber's INS to the next one's.
    func family(_ place: Int) -> String {
      let families = text.components(separatedBy: "INS*Y*")
      return "INS*Y*" + families[place + 1]
    }
  }

  /// A book of 60 people, taken in from their enrolment.
  private func withBook(
    stores: [String: any Store] = [:], _ body: (Audited) async throws -> Void
  ) async throws {
    let profiles = try PartnerProfiles.load(directory: Surroundings.config("partners"))
    let profile = try #require(profiles.all.first { $0.name == "premia-book" })
    let book = SyntheticBook(
      recipe: try .load(path: Surroundings.config("books/demo.yaml")), members: 60, seed: 11,
      start: CalendarDate(dayNumber: 20_819))
    var enrolment: [UInt8] = []
    try book.enrolment { enrolment += $0 }
    try await World.run(profiles, stores: stores) { [enrolment] world in
      _ = try await world.take(String(decoding: enrolment, as: UTF8.self))
      var bytes: [UInt8] = []
      let count = try await EnrolmentExport(profile: profile, party: world.party, policy: world.policy).writeBook(
        from: Self.partner, to: Self.us, at: world.exchange.clock.now, controlNumber: 77
      ) { bytes += $0 }
      #expect(count > 20)
      #expect(try Surroundings.findings(in: bytes) == [])
      #expect(try await Surroundings.complaints(about: bytes) == "")
      try await body(
        Audited(
          world: world, profiles: profiles, book: book, text: String(decoding: bytes, as: UTF8.self), policies: count))
    }
  }

  @Test("of what the partner sent before finds nothing")
  func partnersOwn() async throws {
    try await withBook { audited in
      var bytes: [UInt8] = []
      try audited.book.fullFile(on: audited.world.exchange.clock.now.date) { bytes += $0 }
      #expect(try Surroundings.findings(in: bytes) == [])
      #expect(try await Surroundings.complaints(about: bytes) == "")
      let report = try await audited.audit(String(decoding: bytes, as: UTF8.self))
      #expect(report.findings == [])
      #expect(report.coverages == audited.book.householdCount)
    }
  }

  @Test("of the book itself finds nothing, and changes nothing")
  func itself() async throws {
    try await withBook { audited in
      let before = try await audited.world.policies()
      let report = try await audited.audit(audited.text)
      #expect(report.findings == [] && report.findingCount == 0)
      #expect(report.coverages == audited.policies && report.policies == audited.policies)
      #expect(try await audited.world.policies() == before)
      let context = ExchangeContext.context
      let check = try await audited.world.exchange.verify(context.aggregates, tables: context.tables)
      #expect(check.mismatches == [])
    }
  }

  @Test("finds a family that is missing there, and one that is missing here")
  func missing() async throws {
    try await withBook { audited in
      let family = audited.family(3)
      let number = try #require(family.components(separatedBy: "REF*0F*").dropFirst().first?.prefix { $0 != "~" })
      let text = audited.text.replacingOccurrences(of: "REF*0F*\(number)~", with: "REF*0F*NOBODY~")
      let report = try await audited.audit(text)
      #expect(report.findings.map(\.kind) == ["missing_here", "missing_there"])
      #expect(report.findings.first?.subject.hasPrefix("NOBODY/") == true)
      #expect(report.findings.last?.subject.hasPrefix("\(number)/") == true)
      #expect(report.totals.reduce(0) { $0 + $1.policies } == audited.policies)
      #expect(report.totals.filter { $0.missingHere > 0 }.map(\.level) == [""])
      let there = report.totals.filter { $0.missingThere > 0 }
      #expect(there.map(\.missingThere) == [1] && there.allSatisfy { !$0.state.isEmpty && !$0.level.isEmpty })
    }
  }

  @Test(
    "finds each field that differs, alone",
    arguments: [
      ("start", "DTP*348*D8*20270101", "DTP*348*D8*20270201"),
      ("end", "DTP*348*D8*20270101", "DTP*348*D8*20270101~\nDTP*349*D8*20270630"),
      ("plan", "HD*030**HLT*SILVER", "HD*030**HLT*GOLD"),
      ("member", "DMG*D8*19", "DMG*D8*18"),
      ("member", "HLH*N", "HLH*T"),
    ])
  func differing(field: String, from: String, to: String) async throws {
    try await withBook { audited in
      let families = (0..<audited.policies).map(audited.family)
      // A family of one: what is said of its subscriber is all there is.
      let family = try #require(families.first { $0.contains(from) && !$0.contains("INS*N*") && !$0.contains("ISA*") })
      let changed = family.replacingOccurrences(of: from, with: to)
      var text = audited.text.replacingOccurrences(of: family, with: changed)
      if field == "end" { text = Self.counted(text) }
      let report = try await audited.audit(text)
      let fields = Set(report.findings.map(\.field))
      // Another plan is another coverage to this partner: the one is missing here, the other there.
      if field == "plan" {
        #expect(Set(report.findings.map(\.kind)) == ["missing_here", "missing_there"])
      } else if field == "start" {
        // The member starts with its coverage.
        #expect(fields == ["start", "member"])
      } else {
        #expect(fields == [field])
      }
    }
  }

  /// With the right number of segments in SE.
  private static func counted(_ text: String) -> String {
    var lines = text.components(separatedBy: "~\n")
    guard let first = lines.firstIndex(where: { $0.hasPrefix("ST*") }),
      let last = lines.firstIndex(where: { $0.hasPrefix("SE*") })
    else { return text }
    lines[last] = "SE*\(last - first + 1)*" + lines[last].split(separator: "*")[2]
    return lines.joined(separator: "~\n")
  }

  @Test("is answered with the book's version of what differs, which is valid X12")
  func answer() async throws {
    try await withBook { audited in
      let report = try await audited.audit(
        audited.text.replacingOccurrences(
          of: audited.family(2),
          with: audited.family(2).replacingOccurrences(
            of: "HLH*N", with: "HLH*T")))
      var bytes: [UInt8] = []
      let payer = try Payer.load(path: Surroundings.config("partners/payer.yml"))
      let count = try await audited.world.door.writeAnswer(to: report, from: payer) { bytes += $0 }
      #expect(count == 1)
      #expect(try Surroundings.findings(in: bytes) == [])
      #expect(try Surroundings.findings(in: report.acknowledgement) == [])
      #expect(String(decoding: bytes, as: UTF8.self).contains("INS*Y*18*030*XN*A"))
    }
  }

  @Test("that is stopped goes on and finds the same")
  func resumed() async throws {
    let commits = Mutex(Int.max)
    let store = InterceptedStore(MemoryStore()) { number throws(StoreFailure) in
      if number == commits.withLock({ $0 }) { throw .full("memory") }
    }
    try await withBook(stores: ["exchange": store]) { audited in
      let text = audited.text.replacingOccurrences(of: "REF*0F*", with: "REF*0F*X")
      for step in 1...3 {
        commits.withLock { $0 = store.commits + step }
        await #expect(throws: Problem.self) { try await audited.audit(text) }
      }
      commits.withLock { $0 = Int.max }
      let report = try await audited.audit(text)
      #expect(report.pass == 1 && report.findingCount == 2 * audited.policies)
    }
  }
}
