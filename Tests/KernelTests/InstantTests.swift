import Kernel
import Testing

@Suite("Instants")
struct InstantTests {
  @Test func parts() {
    let nine = Instant(date: date("2027-01-01"), secondsOfDay: 9 * 3600)
    #expect(nine.description == "2027-01-01T09:00:00.000000Z")
    #expect(nine.date == date("2027-01-01"))
    #expect(nine.secondsOfDay == 32_400)
    #expect(nine.adding(seconds: -32_401).description == "2026-12-31T23:59:59.000000Z")
    #expect(nine.adding(microseconds: 1) > nine)
    #expect(Instant(microseconds: -1).description == "1969-12-31T23:59:59.999999Z")
    #expect(Instant(microseconds: -1).date == date("1969-12-31"))
  }

  @Test("text round-trips, at the limits too")
  func roundTrip() {
    var random = SplitMix64(seed: 8, label: "instants")
    let first = Instant(date: .earliest).microseconds
    let last = Instant(date: .latest, secondsOfDay: 86_399).microseconds + 999_999
    let instants = (0..<20_000).map { _ in Instant(microseconds: .random(in: first...last, using: &random)) }
    #expect(instants.first { Instant($0.description) != $0 } == nil)
    #expect(Instant(microseconds: first).description == "0000-01-01T00:00:00.000000Z")
    #expect(Instant(microseconds: last).description == "9999-12-31T23:59:59.999999Z")
  }

  @Test(
    "RFC 3339 is read with any offset and any exact fraction",
    arguments: [
      ("2027-01-01T09:00:00Z", "2027-01-01T09:00:00.000000Z"),
      ("2027-01-01T09:00:00.5Z", "2027-01-01T09:00:00.500000Z"),
      ("2027-01-01T09:00:00.123456000Z", "2027-01-01T09:00:00.123456Z"),
      ("2027-01-01T00:30:00+01:00", "2026-12-31T23:30:00.000000Z"),
      ("2026-12-31T19:00:00.25-05:30", "2027-01-01T00:30:00.250000Z"),
    ] as [(String, String)])
  func reading(text: String, utc: String) {
    #expect(Instant(text)?.description == utc)
  }

  @Test(
    "what is not an instant is refused",
    arguments: [
      "", "2027-01-01", "2027-01-01T09:00:00", "2027-01-01 09:00:00Z", "2027-02-29T09:00:00Z", "2027-01-01T24:00:00Z",
      "2027-01-01T09:60:00Z", "2027-01-01T09:00:60Z", "2027-01-01T09:00:00.Z", "2027-01-01T09:00:00.1234567Z",
      "2027-01-01T09:00:00+0100", "2027-01-01T09:00:00+24:00", "2027-01-01T09:00:00Zx", "2027-01-01T9:00:00Z",
      "2027-01-01T09:00:00.5", "0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
    ])
  func refusing(text: String) {
    #expect(Instant(text) == nil)
  }

  @Test("times outside the day or the years trap")
  func traps() async {
    await #expect(processExitsWith: .failure) { _ = Instant(date: .earliest, secondsOfDay: 86_400) }
    await #expect(processExitsWith: .failure) { _ = Instant(date: .latest, secondsOfDay: -1) }
    await #expect(processExitsWith: .failure) { _ = Instant(date: .latest).adding(seconds: 86_400) }
    await #expect(processExitsWith: .failure) { _ = Instant(date: .earliest).adding(microseconds: -1) }
  }
}
