import Foundation
import Kernel
import Testing

private enum PolicyTag: IDTag { static let prefix = "pol" }

@Suite("Stored forms")
struct CodingTests {
  private func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  private func decode<Value: Decodable>(_ type: Value.Type, _ json: String) throws -> Value {
    try JSONDecoder().decode(type, from: Data(json.utf8))
  }

  private func expect<Value: Codable & Equatable>(_ value: Value, as text: String) throws {
    #expect(try json(value) == text)
    #expect(try decode(Value.self, text) == value)
  }

  @Test func forms() throws {
    let euro = try #require(Currency("EUR"))
    let policy = try #require(ID<PolicyTag>("pol_01h455vb4pex5vsknk084sn02q"))
    try expect(Currency.usd, as: #""USD""#)
    try expect(Money(cents: -123_456), as: "-123456")
    try expect(Money(cents: 1234, euro), as: #""EUR 1234""#)
    try expect(Money(cents: -5, euro), as: #""EUR -5""#)
    try expect(Ratio(227, 200), as: #""227/200""#)
    try expect(Rounding.halfEven, as: #""halfEven""#)
    try expect(date("2027-01-09"), as: #""2027-01-09""#)
    try expect(CalendarDate.DayOfWeek.sunday, as: "7")
    try expect(Instant(date: date("1970-01-02")), as: "86400000000")
    try expect(Period.month(containing: date("2027-01-09")), as: #""2027-01-01/2027-02-01""#)
    try expect(policy, as: #""pol_01h455vb4pex5vsknk084sn02q""#)
    try expect([policy: [date("2027-01-09"): Money(cents: 7)]], as: #"{"\#(policy)":{"2027-01-09":7}}"#)
    try expect(
      Problem(kind: .notFound, code: "c", detail: "d", remedy: "r", fields: ["a": "b"]),
      as: #"{"code":"c","detail":"d","fields":{"a":"b"},"kind":"notFound","remedy":"r"}"#)
  }

  @Test func timeline() throws {
    var timeline = Timeline(1, from: date("2027-01-01"))
    timeline.set(2, from: date("2027-02-01"))
    try expect(
      timeline, as: #"[{"from":"2027-01-01","to":"2027-02-01","value":1},{"from":"2027-02-01","value":2}]"#)
    try expect(Timeline<Int>(), as: "[]")
  }

  @Test(
    "a timeline out of order, overlapping or with an empty segment is refused",
    arguments: [
      #"[{"from":"2027-02-01","to":"2027-02-01","value":1}]"#,
      #"[{"from":"2027-02-01","value":1},{"from":"2027-03-01","value":2}]"#,
      #"[{"from":"2027-02-01","to":"2027-03-02","value":1},{"from":"2027-03-01","value":2}]"#,
      #"[{"from":"2027-02-01","to":"2027-03-01","value":1},{"from":"2027-01-01","to":"2027-02-01","value":2}]"#,
    ])
  func refusingTimelines(text: String) {
    #expect(throws: DecodingError.self) { try decode(Timeline<Int>.self, text) }
  }

  @Test("neighbours that should be one are joined when read")
  func joining() throws {
    let text = #"[{"from":"2027-02-01","to":"2027-03-01","value":1},{"from":"2027-03-01","value":1}]"#
    #expect(try decode(Timeline<Int>.self, text) == Timeline(1, from: date("2027-02-01")))
  }

  @Test("what could not have been written is refused")
  func refusing() {
    func refuses<Value: Decodable>(_ type: Value.Type, _ texts: String...) {
      for text in texts { #expect(throws: DecodingError.self) { try decode(type, text) } }
    }
    refuses(Currency.self, #""XAU""#, #""usd""#, "1")
    refuses(Money.self, "1.5", "null", "9223372036854775808")
    refuses(Money.self, #""1""#, #""ZZZ 1""#, #""EUR 1.5""#, #""EUR""#, #""EUR 1 ""#)
    refuses(Ratio.self, #""1/0""#, "1")
    refuses(CalendarDate.self, #""2027-02-29""#, "20270101")
    refuses(Instant.self, "9223372036854775807", "-9223372036854775808", #""2027-01-01T00:00:00Z""#)
    refuses(Period.self, #""2027-02-01/2027-02-01""#)
    refuses(ID<PolicyTag>.self, #""inv_01h455vb4pex5vsknk084sn02q""#)
    refuses([CalendarDate: Int].self, #"{"2027-02-29":1}"#)
  }
}
