import Kernel
import Testing

private enum PrefixTag: IDTag { static let prefix = "prefix" }
private enum PolicyTag: IDTag { static let prefix = "pol" }
private enum LineTag: IDTag { static let prefix = "claim_line" }

@Suite("Identifiers")
struct IDTests {
  private let newYear = Instant(date: date("2027-01-01"))

  @Test("the vector of the TypeID specification")
  func vector() {
    let id = ID<PrefixTag>(hi: 0x0189_0a5d_ac96_774b, lo: 0xbcce_b302_099a_8057)
    #expect(id.description == "prefix_01h455vb4pex5vsknk084sn02q")
    #expect(ID<PrefixTag>("prefix_01h455vb4pex5vsknk084sn02q") == id)
    #expect(ID<PrefixTag>(hi: .max, lo: .max).description == "prefix_7zzzzzzzzzzzzzzzzzzzzzzzzz")
    #expect(ID<PrefixTag>(hi: 0, lo: 0).description == "prefix_00000000000000000000000000")
  }

  @Test("text round-trips and sorts as the identifiers do")
  func roundTrip() {
    var random = SplitMix64(seed: 13, label: "ids")
    let ids = (0..<10_000).map { _ in ID<LineTag>(hi: random.next(), lo: random.next()) }
    #expect(ids.first { ID<LineTag>($0.description) != $0 } == nil)
    #expect(ids.sorted().map(\.description) == ids.map(\.description).sorted())
  }

  @Test("later identifiers sort behind earlier ones")
  func order() {
    var random = SplitMix64(seed: 14, label: "order")
    var instant = Instant(microseconds: 0)
    var ids: [ID<PolicyTag>] = []
    for index in 0..<5000 {
      ids.append(
        index.isMultiple(of: 2)
          ? ID(at: instant, random: &random) : ID(at: instant, derivedFrom: "seed", index))
      instant = instant.adding(microseconds: Int64.random(in: 1000...10_000_000_000, using: &random))
    }
    #expect(ids == ids.sorted())
  }

  @Test("new identifiers are UUIDs of version 7 and variant 2 that begin with the milliseconds")
  func version7() {
    var random = SplitMix64(seed: 15)
    let instant = Instant(microseconds: 1_798_761_600_123_456)
    for id in [ID<PolicyTag>(at: instant, random: &random), ID(at: instant, derivedFrom: "a")] {
      #expect(id.hi >> 16 == 1_798_761_600_123)
      #expect(id.hi >> 12 & 0xf == 7)
      #expect(id.lo >> 62 == 2)
    }
  }

  @Test("every random and every derived bit takes both values")
  func bits() {
    var random = SplitMix64(seed: 16)
    let drawn = (0..<200).map { _ in ID<PolicyTag>(at: newYear, random: &random) }
    let derived = (0..<200).map { ID<PolicyTag>(at: newYear, derivedFrom: "seed", $0) }
    for ids in [drawn, derived] {
      let ever = ids.reduce((hi: UInt64(0), lo: UInt64(0))) { ($0.hi | $1.hi, $0.lo | $1.lo) }
      let always = ids.reduce((hi: UInt64.max, lo: UInt64.max)) { ($0.hi & $1.hi, $0.lo & $1.lo) }
      #expect((ever.hi & ~always.hi) == 0xfff)
      #expect((ever.lo & ~always.lo) == ~0 >> 2)
    }
  }

  @Test("derived identifiers follow from their arguments alone")
  func derived() {
    let id = ID<PolicyTag>(at: newYear, derivedFrom: "ISA*00*1234", 3)
    #expect(id == ID(at: newYear, derivedFrom: Array("ISA*00*1234".utf8), 3))
    #expect(id == ID(at: newYear.adding(microseconds: 999), derivedFrom: "ISA*00*1234", 3))
    // Stored identifiers depend on it: the hash may never change.
    #expect(id.description == "pol_01mb78qn00f538j7d74571z5kq")
    #expect(id != ID(at: newYear, derivedFrom: "ISA*00*1234", 4))
    #expect(id != ID(at: newYear, derivedFrom: "ISA*00*1235", 3))
    #expect(id.lo != ID<LineTag>(at: newYear, derivedFrom: "ISA*00*1234", 3).lo)
  }

  @Test("100,000 seeds and 100,000 ordinals derive as many identifiers")
  func distinct() {
    var ids: Set<ID<PolicyTag>> = []
    for number in 0..<100_000 {
      ids.insert(ID(at: newYear, derivedFrom: "\(number)"))
      ids.insert(ID(at: newYear, derivedFrom: "file", number))
    }
    #expect(ids.count == 200_000)
    #expect(Set(ids.map(\.lo)).count == 200_000)
  }

  @Test(
    "other text is refused",
    arguments: [
      "", "pol", "pol_", "pol_01h455vb4pex5vsknk084sn02", "pol_01h455vb4pex5vsknk084sn02qq",
      "prefix_01h455vb4pex5vsknk084sn02q", "po_01h455vb4pex5vsknk084sn02q", "pol-01h455vb4pex5vsknk084sn02q",
      "01h455vb4pex5vsknk084sn02q", "POL_01h455vb4pex5vsknk084sn02q", "pol_01H455VB4PEX5VSKNK084SN02Q",
      "pol_81h455vb4pex5vsknk084sn02q", "pol_01i455vb4pex5vsknk084sn02q", "pol_01l455vb4pex5vsknk084sn02q",
      "pol_01o455vb4pex5vsknk084sn02q", "pol_01u455vb4pex5vsknk084sn02q", "pol_01h455vb4pex5vsknk084sn02q ",
    ])
  func refusing(text: String) {
    #expect(ID<PolicyTag>(text) == nil)
  }

  @Test("an identifier made before 1970 traps")
  func traps() async {
    await #expect(processExitsWith: .failure) { _ = ID<PolicyTag>(at: Instant(microseconds: -1), derivedFrom: "") }
  }
}
