// The book's 837P: about one claim for two members a month, from practices of the member's state, with the mistakes of
// real life: the same claim sent twice, services before coverage, numbers that nobody has.

public import Kernel
public import X12

extension SyntheticBook {
  private static let version = "005010X222A1"
  /// Claims of one transaction.
  private static let claimsPerTransaction = 2_000

  struct Line: Sendable, Hashable {
    let procedure: String
    let charge: Money
  }

  struct SyntheticClaim: Sendable, Hashable {
    let controlNumber: String
    /// As sent; in one of a hundred it is nobody's.
    let memberNumber: String
    let patient: Person
    let subscriber: Person
    let household: Household
    /// In the recipe.
    let practice: Int
    let placeOfService: String
    let day: CalendarDate
    let diagnoses: [String]
    let lines: [Line]

    var charge: Money { lines.reduce(.zero) { $0 + $1.charge } }
  }

  /// Writes the claims of services in the month of a day, practice by practice.
  ///
  /// - Returns: how many claims; where there are none, nothing is written.
  @discardableResult
  public func claims837(
    month day: CalendarDate, to sink: @escaping X12Writer.Sink
  ) throws(X12WriteError) -> Int {
    let month = Period.month(containing: day)
    var writer = X12Writer(sink: sink)
    var transaction = ClaimTransaction(book: self, day: month.lastDay)
    for practice in recipe.practices.indices {
      for household in households {
        for claim in claims(of: household, in: month) where claim.practice == practice {
          if transaction.total == 0 {
            try beginFile("claims/\(month)", "HC", Self.version, on: month.lastDay, &writer)
          }
          try transaction.add(claim, &writer)
        }
      }
      try transaction.finish(&writer)
    }
    if transaction.total > 0 { try endFile(&writer) }
    return transaction.total
  }

  /// A household's claims of a month.
  func claims(of household: Household, in month: Period) -> [SyntheticClaim] {
    var claims: [SyntheticClaim] = []
    for index in household.people.indices {
      var random = SplitMix64(seed: seed, label: "claims/\(household.index)/\(index)/\(month)")
      // None for 62 of 100 members, one for 28, two for 8, three for 2: half a claim each.
      let draw = random.below(100)
      let count = draw < 62 ? 0 : draw < 90 ? 1 : draw < 98 ? 2 : 3
      for number in 0..<count {
        let claim = claim("\(index)\(number)", of: index, in: household, month, &random)
        guard let claim else { continue }
        claims.append(claim)
        if random.below(50) == 0 { claims.append(claim.again) }
      }
    }
    return claims
  }

  private func claim(
    _ name: String, of index: Int, in household: Household, _ month: Period, _ random: inout SplitMix64
  ) -> SyntheticClaim? {
    var day = month.start.adding(days: random.below(month.days))
    // In the first month of a coverage three of a hundred services were before it.
    let isEarly = random.below(100) < 3 && month.contains(household.start)
    if isEarly { day = household.start.adding(days: -1 - random.below(20)) }
    let practices = recipe.practices.indices.filter { recipe.practices[$0].place.state == household.place.state }
    let practice = practices.isEmpty ? random.below(recipe.practices.count) : random.pick(practices)
    let first = random.pick(recipe.services, weight: \.weight)
    var procedures = [first]
    let more = random.below(3)
    for _ in 0..<more {
      let next = random.pick(recipe.services, weight: \.weight)
      guard next.placeOfService == first.placeOfService, !procedures.contains(next) else { continue }
      procedures.append(next)
    }
    var lines: [Line] = []
    for service in procedures {
      let percent = Int64(80 + random.below(41))
      lines.append(
        Line(
          procedure: service.procedure, charge: service.charge.scaled(by: Ratio(percent, 100), rounding: .halfUp)))
    }
    var diagnoses = [random.pick(recipe.diagnoses)]
    let second = random.pick(recipe.diagnoses)
    if second != diagnoses[0] { diagnoses.append(second) }
    let isUnknown = random.below(100) == 0
    guard isEarly || household.covers(day) else { return nil }
    return SyntheticClaim(
      controlNumber: "\(household.number)-\(month.start.compact.dropFirst(2).prefix(4))-\(name)",
      memberNumber: isUnknown ? "X" + household.number.dropFirst() : household.number,
      patient: household.people[index], subscriber: household.people[0], household: household, practice: practice,
      placeOfService: first.placeOfService, day: day, diagnoses: diagnoses, lines: lines)
  }

  /// The identifier of a practice: nine digits and the check digit of ISO 7812 over 80840 and them (45 CFR 162.406).
  func npi(of practice: Int) -> String {
    var random = SplitMix64(seed: seed, label: "npi/\(practice)")
    let digits = "19" + String(String(10_000_000 + random.below(1_000_000) * 10 + practice % 10).dropFirst())
    var sum = 0
    for (place, digit) in "80840\(digits)".utf8.reversed().enumerated() {
      let value = Int(digit - UInt8(ascii: "0"))
      let doubled = place % 2 == 0 ? value * 2 : value
      sum += doubled > 9 ? doubled - 9 : doubled
    }
    return digits + "\((10 - sum % 10) % 10)"
  }

  /// Opens transactions as they are needed and numbers their levels.
  private struct ClaimTransaction {
    let book: SyntheticBook
    let day: CalendarDate
    private(set) var total = 0
    private var transactions = 0
    private var claims = 0
    private var levels = 0

    init(book: SyntheticBook, day: CalendarDate) {
      self.book = book
      self.day = day
    }

    mutating func add(_ claim: SyntheticClaim, _ writer: inout X12Writer) throws(X12WriteError) {
      if claims == SyntheticBook.claimsPerTransaction { try finish(&writer) }
      if claims == 0 { try begin(claim.practice, &writer) }
      claims += 1
      total += 1
      try writeSubscriber(claim, &writer)
      try writeClaim(claim, &writer)
    }

    mutating func finish(_ writer: inout X12Writer) throws(X12WriteError) {
      if claims > 0 { try writer.endTransaction() }
      claims = 0
    }

    private mutating func begin(_ practice: Int, _ writer: inout X12Writer) throws(X12WriteError) {
      transactions += 1
      levels = 1
      let control = String(String(10_000 + transactions).dropFirst())
      let details = book.recipe.practices[practice]
      let npi = book.npi(of: practice)
      try writer.beginTransaction("837", controlNumber: control, version: SyntheticBook.version)
      try writer.segment("BHT", ["0019", "00", .text("BOOK\(day.compact)\(control)"), .date(day), "1200", "CH"])
      try writer.segment("NM1", ["41", "2", "BOOK CLEARING HOUSE", "", "", "", "", "46", .text(SyntheticBook.sender)])
      try writer.segment("PER", ["IC", "HELP DESK", "TE", "8005550143"])
      try writer.segment("NM1", ["40", "2", "PREMIA", "", "", "", "", "46", .text(SyntheticBook.receiver)])
      try writer.segment("HL", ["1", "", "20", "1"])
      try writer.segment("NM1", ["85", "2", .text(details.name), "", "", "", "", "XX", .text(npi)])
      try writer.segment("N3", [.text("\(100 + practice) MAIN ST")])
      try writer.segment(
        "N4", [.text(details.place.city), .text(details.place.state), .text(details.place.postalCode + "0001")])
      try writer.segment("REF", ["EI", .text("9" + npi.dropFirst(2))])
    }

    private mutating func writeSubscriber(
      _ claim: SyntheticClaim, _ writer: inout X12Writer
    ) throws(X12WriteError) {
      let isSubscriber = claim.patient.relationship == "18"
      levels += 1
      let level = levels
      try writer.segment("HL", [.text("\(level)"), "1", "22", .text(isSubscriber ? "0" : "1")])
      try writer.segment(
        "SBR", ["P", .text(isSubscriber ? "18" : ""), "", "", "", "", "", "", "CI"])
      let subscriber = claim.subscriber
      try writer.segment(
        "NM1",
        [
          "IL", "1", .text(subscriber.familyName), .text(subscriber.givenName), "", "", "", "MI",
          .text(claim.memberNumber),
        ])
      if isSubscriber { try writePerson(subscriber, claim, &writer) }
      try writer.segment("NM1", ["PR", "2", "PREMIA", "", "", "", "", "PI", .text(SyntheticBook.receiver)])
      guard !isSubscriber else { return }
      levels += 1
      try writer.segment("HL", [.text("\(levels)"), .text("\(level)"), "23", "0"])
      try writer.segment("PAT", [.text(claim.patient.relationship)])
      try writer.segment("NM1", ["QC", "1", .text(claim.patient.familyName), .text(claim.patient.givenName)])
      try writePerson(claim.patient, claim, &writer)
    }

    private func writePerson(
      _ person: Person, _ claim: SyntheticClaim, _ writer: inout X12Writer
    ) throws(X12WriteError) {
      let place = claim.household.place
      try writer.segment("N3", [.text(claim.household.street)])
      try writer.segment("N4", [.text(place.city), .text(place.state), .text(place.postalCode)])
      try writer.segment("DMG", ["D8", .date(person.birthDate), .text(person.sex)])
    }

    private func writeClaim(_ claim: SyntheticClaim, _ writer: inout X12Writer) throws(X12WriteError) {
      try writer.segment(
        "CLM",
        [
          .text(claim.controlNumber), .money(claim.charge), "", "", .composite([claim.placeOfService, "B", "1"]), "Y",
          "A", "Y", "Y",
        ])
      let codes = claim.diagnoses.enumerated().map { X12Element.composite([$0 == 0 ? "ABK" : "ABF", $1]) }
      try writer.segment("HI", codes)
      for (index, line) in claim.lines.enumerated() {
        try writer.segment("LX", [.text("\(index + 1)")])
        try writer.segment(
          "SV1", [.composite(["HC", line.procedure]), .money(line.charge), "UN", "1", "", "", .composite(["1"])])
        try writer.segment("DTP", ["472", "D8", .date(claim.day)])
        try writer.segment("REF", ["6R", .text("\(index + 1)")])
      }
    }
  }
}

extension SyntheticBook.SyntheticClaim {
  /// The same services under another account number.
  fileprivate var again: Self {
    Self(
      controlNumber: controlNumber + "-R", memberNumber: memberNumber, patient: patient, subscriber: subscriber,
      household: household, practice: practice, placeOfService: placeOfService, day: day, diagnoses: diagnoses,
      lines: lines)
  }
}
