import Exchange
import Kernel
import Testing
import X12

@Suite("Generated books")
struct BookTests {
  private static let start = CalendarDate(dayNumber: 20_819)  // 2027-01-01

  private static func book(_ members: Int, seed: UInt64 = 7) throws -> SyntheticBook {
    SyntheticBook(
      recipe: try .load(path: Surroundings.config("books/demo.yaml")), members: members, seed: seed, start: start)
  }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  @Test("The enrolment has exactly the members asked for, and is valid", arguments: [1, 2, 77, 500])
  func members(_ count: Int) async throws {
    let book = try Self.book(count)
    var bytes: [UInt8] = []
    try book.enrolment { bytes += $0 }
    #expect(Self.text(bytes).split(separator: "\nINS*").count - 1 == count)
    #expect(try Surroundings.findings(in: bytes) == [])
    #expect(try await Surroundings.complaints(about: bytes) == "")
  }

  @Test("Claims and ends are valid, and about as many as people and months promise")
  func months() async throws {
    let book = try Self.book(600)
    var claims = 0
    var ends = 0
    for month in 0..<12 {
      let day = Self.start.adding(months: month)
      var bytes: [UInt8] = []
      claims += try book.claims837(month: day) { bytes += $0 }
      #expect(try Surroundings.findings(in: bytes) == [])
      if month < 2 { #expect(try await Surroundings.complaints(about: bytes) == "") }
      bytes = []
      ends += try book.terminations(inMonthOf: day) { bytes += $0 }
      if !bytes.isEmpty {
        #expect(try Surroundings.findings(in: bytes) == [])
        #expect(try await Surroundings.complaints(about: bytes) == "")
      }
    }
    #expect((2_800...4_000).contains(claims), "\(claims)")
    #expect((5...60).contains(ends), "\(ends)")
  }

  @Test("The same seed gives the same bytes, another seed others")
  func deterministic() throws {
    func files(_ seed: UInt64) throws -> [UInt8] {
      let book = try Self.book(90, seed: seed)
      var bytes: [UInt8] = []
      try book.enrolment { bytes += $0 }
      try book.claims837(month: Self.start) { bytes += $0 }
      return bytes
    }
    let (first, again, other) = (try files(1), try files(1), try files(2))
    #expect(first == again && first != other)
  }

  @Test("Practices have identifiers with a right check digit")
  func identifiers() throws {
    var bytes: [UInt8] = []
    try Self.book(400).claims837(month: Self.start) { bytes += $0 }
    let identifiers = Set(
      Self.text(bytes).split(separator: "~\n").filter { $0.hasPrefix("NM1*85") }
        .compactMap { $0.split(separator: "*").last.map(String.init) })
    #expect(identifiers.count > 5)
    for identifier in identifiers {
      var sum = 24  // of the prefix 80840
      for (place, digit) in identifier.utf8.reversed().enumerated() {
        let value = Int(digit) - 48
        sum += place % 2 == 0 ? value : value * 2 > 9 ? value * 2 - 9 : value * 2
      }
      #expect(identifier.count == 10 && sum % 10 == 0, "\(identifier)")
    }
  }

  @Test("A broken recipe is refused with its line")
  func broken() {
    let problem = #expect(throws: ConfigProblem.self) {
      try BookRecipe(yaml: "places:\n  - {state: ILL, county: COOK}\n", file: "book.yaml")
    }
    #expect(problem?.file == "book.yaml")
  }
}
