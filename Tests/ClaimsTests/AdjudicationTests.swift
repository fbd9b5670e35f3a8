// What every line comes to. Each row: the lines of the claim (procedure, charge, x units, @ day of March), what the
// person and the family have used (deductible/out-of-pocket), and of each line what is allowed, the deductible, the
// copay, the coinsurance and what is paid. The plan is `Samples.costSharing`.

import Kernel
import Testing

@testable import Claims

struct AdjudicationTests {
  @Test(arguments: Self.table.split(separator: "\n").map(String.init))
  func `the shares of every line`(row: String) throws {
    let columns = row.split(separator: "|").map { $0.trimmingSpaces }
    try #require(columns.count == 5, "\(row)")
    let claim = Samples.claim(columns[1].split(separator: ",").enumerated().map { Self.line($0 + 1, $1) })
    let use = YearUse(person: Self.used(columns[2]), family: Self.used(columns[3]))
    let judgement = Adjudication.judge(claim, Samples.facts(for: claim, used: [2027: use]))
    let shown = judgement.lines.map { line in
      [line.allowed, line.deductible, line.copay, line.coinsurance, line.paid].map(\.decimalString).joined(
        separator: " ")
    }
    let expected = columns[4].split(separator: ",").map { line in
      line.split(separator: " ").map { money($0).decimalString }.joined(separator: " ")
    }
    #expect(shown == expected, "\(columns[0])")
    for line in judgement.lines { expectBalance(line) }
  }

  static let table = """
    copay alone                   | 99213 150              | 0/0       | 0/0       | 110 0 25 0 85
    charge below the fee          | 99213 80               | 0/0       | 0/0       | 80 0 25 0 55
    charge equal to the fee       | 99213 110              | 0/0       | 0/0       | 110 0 25 0 85
    allowed below the copay       | 99213 20               | 0/0       | 0/0       | 20 0 20 0 0
    charge of zero                | 99213 0                | 0/0       | 0/0       | 0 0 0 0 0
    deductible untouched          | 80053 50               | 0/0       | 0/0       | 20 20 0 0 0
    deductible within a line      | 70450 600              | 900/900   | 900/900   | 400 100 0 60 240
    deductible met                | 70450 600              | 1000/1000 | 1000/1000 | 400 0 0 80 320
    deductible met but for a cent | 70450 600              | 999.99/0  | 999.99/0  | 400 0.01 0 80 319.99
    copay behind a deductible     | 99243 250              | 0/0       | 0/0       | 180 180 0 0 0
    copay of what is left         | 99243 250              | 900/900   | 900/900   | 180 100 50 0 30
    copay above what is left      | 99243 250              | 850/850   | 850/850   | 180 150 30 0 0
    copay, deductible met         | 99243 250              | 1000/1000 | 1000/1000 | 180 0 50 0 130
    copay, then coinsurance       | 99285 1000             | 1000/1000 | 1000/1000 | 800 0 200 120 480
    deductible, copay, the rest   | 99285 1000             | 700/700   | 700/700   | 800 300 200 60 240
    preventive in full            | 99396 200              | 0/0       | 0/0       | 150 0 0 0 150
    unlisted procedure            | X9999 100              | 0/0       | 0/0       | 60 60 0 0 0
    unlisted, deductible met      | X9999 100              | 1000/1000 | 1000/1000 | 60 0 0 24 36
    unlisted, odd cents           | X9999 0.99             | 1000/1000 | 1000/1000 | 0.59 0 0 0.24 0.35
    units                         | A0425 500 x20000       | 0/0       | 0/0       | 199 0 0 39.80 159.20
    half a unit, rounded          | A0425 500 x1500        | 0/0       | 0/0       | 14.93 0 0 2.99 11.94
    units above the charge        | A0425 30 x20000        | 0/0       | 0/0       | 30 0 0 6 24
    out-of-pocket within a line   | 70450 600              | 1000/2950 | 1000/2950 | 400 0 0 50 350
    out-of-pocket met             | 70450 600              | 1000/3000 | 1000/3000 | 400 0 0 0 400
    out-of-pocket cuts a copay    | 99213 150              | 1000/2990 | 1000/2990 | 110 0 10 0 100
    coinsurance is cut first      | 99285 1000             | 1000/2700 | 1000/2700 | 800 0 200 100 500
    then the copay                | 99285 1000             | 1000/2900 | 1000/2900 | 800 0 100 0 700
    then the deductible           | 70450 600              | 500/2900  | 500/2900  | 400 100 0 0 300
    family met the deductible     | 70450 600              | 0/0       | 2000/2000 | 400 0 0 80 320
    family nearly met it          | 70450 600              | 0/0       | 1950/1950 | 400 50 0 70 280
    person's met, family's not    | 70450 600              | 1000/1000 | 1200/1200 | 400 0 0 80 320
    family reaches out-of-pocket  | 70450 600              | 1000/1000 | 2000/4960 | 400 0 0 40 360
    family met out-of-pocket      | 70450 600              | 0/0       | 2000/5000 | 400 0 0 0 400
    a lowered limit was passed    | 70450 600              | 1500/3500 | 1500/3500 | 400 0 0 0 400
    deductible on the 1st line  | 27447 6000, 70450 600  | 0/0       | 0/0       | 5000 1000 0 800 3200, 400 0 0 80 320
    family limit within a claim   | 70450 600, 70450 500   | 0/0       | 1700/1700 | 400 300 0 20 80, 400 0 0 80 320
    out-of-pocket within a claim  | 70450 600, 70450 500   | 1000/2900 | 1000/2900 | 400 0 0 80 320, 400 0 0 20 380
    deductible across categories  | 80053 50, 70450 600    | 990/990   | 990/990   | 20 10 0 2 8, 400 0 0 80 320
    one copay a visit             | 99213 150, 99213 140   | 0/0       | 0/0       | 110 0 25 0 85, 110 0 0 0 110
    the rest of a visit's copay   | 99213 20, 99213 150    | 0/0       | 0/0       | 20 0 20 0 0, 110 0 5 0 105
    two visits, two copays        | 99213 150, 99213 150@2 | 0/0       | 0/0       | 110 0 25 0 85, 110 0 25 0 85
    two kinds, two copays         | 99213 150, 99243 250   | 1000/1000 | 1000/1000 | 110 0 25 0 85, 180 0 50 0 130
    """

  private static func line(_ number: Int, _ text: Substring) -> ServiceLine {
    let words = text.split(separator: " ").map(String.init)
    let (charge, date) = words[1].cut(at: "@")
    let units = words.count > 2 ? Int64(words[2].dropFirst()) ?? 0 : 1_000
    return Samples.line(number, words[0], charge, on: date.map { "2027-03-0\($0)" } ?? "2027-03-01", units: units)
  }

  private static func used(_ text: String) -> Used {
    let (deductible, outOfPocket) = text.cut(at: "/")
    return Used(deductible: money(deductible), outOfPocket: money(outOfPocket ?? "0"))
  }

  @Test func `every cent that is not paid has its code`() {
    let claim = Samples.claim([Samples.line(1, "99285", "1000")])
    let use = Used(deductible: money("700"), outOfPocket: money("700"))
    let judgement = Adjudication.judge(
      claim, Samples.facts(for: claim, used: [2027: YearUse(person: use, family: use)]))
    #expect(
      judgement.lines[0].adjustments == [
        Adjustment(group: .contractual, reason: "45", amount: money("200")),
        Adjustment(group: .patient, reason: "1", amount: money("300")),
        Adjustment(group: .patient, reason: "2", amount: money("60")),
        Adjustment(group: .patient, reason: "3", amount: money("200")),
      ])
    #expect(judgement.patient == money("560"))
  }

  @Test func `each benefit year has its own limits`() {
    let claim = Samples.claim(
      [Samples.line(1, "70450", "600", on: "2026-12-31"), Samples.line(2, "70450", "600", on: "2027-01-01")])
    let use = Used(deductible: money("1000"), outOfPocket: money("1000"))
    let judgement = Adjudication.judge(
      claim, Samples.facts(for: claim, used: [2026: YearUse(person: use, family: use)]))
    #expect(judgement.lines.map(\.deductible) == [.zero, money("400")])
    #expect(
      judgement.used == [
        2026: Used(deductible: .zero, outOfPocket: money("80")),
        2027: Used(deductible: money("400"), outOfPocket: money("400")),
      ])
  }

  @Test func `an answer names the rules it used`() {
    let claim = Samples.claim([Samples.line(1, "99213", "150"), Samples.line(2, "80053", "50")])
    let judgement = Adjudication.judge(claim, Samples.facts(for: claim))
    #expect(judgement.rules == ["plan:NY-SILVER@1", "fees:standard@1", "claims-codes@1"])
    #expect(judgement.planID == "NY-SILVER")
  }
}

/// Charged = paid + patient + contractual + other, and nothing is negative.
func expectBalance(_ line: AdjudicatedLine) {
  let adjusted = [AdjustmentGroup.patient, .contractual, .other, .payerInitiated].map(line.adjusted).reduce(.zero, +)
  #expect(line.charge == line.paid + adjusted)
  #expect(line.adjustments.allSatisfy { $0.amount.isPositive })
  #expect([line.allowed, line.deductible, line.copay, line.coinsurance, line.paid].allSatisfy { !$0.isNegative })
  if !line.isDenied {
    #expect(line.adjusted(.patient) == line.deductible + line.copay + line.coinsurance)
    #expect(line.allowed == line.paid + line.adjusted(.patient))
  }
}

extension StringProtocol {
  var trimmingSpaces: String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }

  func cut(at mark: Character) -> (String, String?) {
    guard let place = firstIndex(of: mark) else { return (String(self), nil) }
    return (String(self[..<place]), String(self[index(after: place)...]))
  }
}
