// The book's 834: additions, for each month the ends in it, and the full file to compare with (005010X220A1).

public import Kernel
public import X12

extension SyntheticBook {
  private static let version = "005010X220A1"
  /// Households of one transaction.
  private static let householdsPerTransaction = 2_000

  /// Writes everybody's addition.
  public func enrolment(to sink: @escaping X12Writer.Sink) throws(X12WriteError) {
    try write("enrolment", EnrolmentTransaction(day: start.adding(days: -20)), to: sink)
  }

  /// Writes the full file: everybody as they were added, to be compared and not to be acted upon.
  public func fullFile(on day: CalendarDate, to sink: @escaping X12Writer.Sink) throws(X12WriteError) {
    try write("full/\(day)", EnrolmentTransaction(day: day, purpose: .verification), to: sink)
  }

  private func write(
    _ file: String, _ transaction: EnrolmentTransaction, to sink: @escaping X12Writer.Sink
  ) throws(X12WriteError) {
    var writer = X12Writer(sink: sink)
    var transaction = transaction
    try beginFile(file, "BE", Self.version, on: transaction.day, &writer)
    for household in households { try transaction.add(household, &writer) }
    try transaction.finish(&writer)
    try endFile(&writer)
  }

  /// Writes the ends whose last day lies in the month of a day.
  ///
  /// - Returns: how many households end; where none does, nothing is written.
  @discardableResult
  public func terminations(
    inMonthOf day: CalendarDate, to sink: @escaping X12Writer.Sink
  ) throws(X12WriteError) -> Int {
    let month = Period.month(containing: day)
    let leaving = households.lazy.filter { household in household.lastDay.map(month.contains) ?? false }
    var writer = X12Writer(sink: sink)
    var transaction = EnrolmentTransaction(day: month.start)
    var count = 0
    for household in leaving {
      if count == 0 { try beginFile("terminations/\(month)", "BE", Self.version, on: month.start, &writer) }
      try transaction.end(household, &writer)
      count += 1
    }
    if count > 0 {
      try transaction.finish(&writer)
      try endFile(&writer)
    }
    return count
  }

  func beginFile(
    _ file: String, _ functionalID: String, _ version: String, on day: CalendarDate, _ writer: inout X12Writer
  ) throws(X12WriteError) {
    let number = controlNumber(file)
    try writer.beginInterchange(
      InterchangeAddress(
        sender: Self.sender, receiver: Self.receiver, date: String(day.compact.suffix(6)), time: "1200",
        controlNumber: number))
    try writer.beginGroup(
      GroupHeader(
        functionalID: functionalID, sender: Self.sender, receiver: Self.receiver, date: day.compact, time: "1200",
        controlNumber: "\(number)", version: version))
  }

  func endFile(_ writer: inout X12Writer) throws(X12WriteError) {
    try writer.endGroup()
    try writer.endInterchange()
    try writer.finish()
  }

  /// What the receiver is to do with a file.
  private enum Purpose {
    case change, verification

    /// BGN08.
    var action: String { self == .change ? "2" : "4" }
    /// INS03 and HD01 of somebody who is added or listed.
    var maintenance: String { self == .change ? "021" : "030" }
    /// INS04.
    var reason: String { self == .change ? "20" : "XN" }
  }

  /// Opens transactions as they are needed.
  private struct EnrolmentTransaction {
    let day: CalendarDate
    private let purpose: Purpose
    private var count = 0
    private var households = 0

    init(day: CalendarDate, purpose: Purpose = .change) {
      self.day = day
      self.purpose = purpose
    }

    mutating func add(_ household: Household, _ writer: inout X12Writer) throws(X12WriteError) {
      try open(&writer)
      for person in household.people { try add(person, of: household, &writer) }
    }

    mutating func end(_ household: Household, _ writer: inout X12Writer) throws(X12WriteError) {
      guard let lastDay = household.lastDay else { return }
      try open(&writer)
      let subscriber = household.people[0]
      try writer.segment("INS", ["Y", "18", "024", "14", "A", "", "", "TE"])
      try writer.segment("REF", ["0F", .text(household.number)])
      try writer.segment("NM1", ["IL", "1", .text(subscriber.familyName), .text(subscriber.givenName)])
      try writer.segment("HD", ["024", "", "HLT", .text(household.coverage)])
      try writer.segment("DTP", ["349", "D8", .date(lastDay)])
    }

    mutating func finish(_ writer: inout X12Writer) throws(X12WriteError) {
      if households > 0 { try writer.endTransaction() }
      households = 0
    }

    private mutating func open(_ writer: inout X12Writer) throws(X12WriteError) {
      if households == SyntheticBook.householdsPerTransaction { try finish(&writer) }
      households += 1
      guard households == 1 else { return }
      count += 1
      let control = String(String(10_000 + count).dropFirst())
      try writer.beginTransaction("834", controlNumber: control, version: SyntheticBook.version)
      try writer.segment(
        "BGN", ["00", .text("BOOK\(day.compact)\(control)"), .date(day), "1200", "", "", "", .text(purpose.action)])
      try writer.segment("N1", ["P5", "PREMIA BOOK", "FI", "999999991"])
      try writer.segment("N1", ["IN", "PREMIA HEALTH PLANS", "FI", "999988776"])
    }

    private func add(
      _ person: Person, of household: Household, _ writer: inout X12Writer
    ) throws(X12WriteError) {
      let isSubscriber = person.relationship == "18"
      try writer.segment(
        "INS",
        [
          .text(isSubscriber ? "Y" : "N"), .text(person.relationship), .text(purpose.maintenance),
          .text(purpose.reason), "A",
        ]
          + (isSubscriber ? ["", "", "FT"] : []))
      try writer.segment("REF", ["0F", .text(household.number)])
      try writer.segment("NM1", ["IL", "1", .text(person.familyName), .text(person.givenName)])
      try writer.segment("N3", [.text(household.street)])
      let place = household.place
      try writer.segment(
        "N4", [.text(place.city), .text(place.state), .text(place.postalCode), "", "CY", .text(place.county)])
      try writer.segment("DMG", ["D8", .date(person.birthDate), .text(person.sex)])
      try writer.segment("HLH", [.text(person.tobacco ? "T" : "N")])
      try writer.segment(
        "HD", [.text(purpose.maintenance), "", "HLT", .text(household.coverage), .text(household.coverageLevel)])
      try writer.segment("DTP", ["348", "D8", .date(household.start)])
      guard isSubscriber, household.taxCredit.isPositive else { return }
      try writer.segment("LS", ["2700"])
      try writer.segment("LX", ["1"])
      try writer.segment("N1", ["75", "APTC AMT"])
      try writer.segment("REF", ["9V", .money(household.taxCredit)])
      try writer.segment("LE", ["2700"])
    }
  }
}

extension SyntheticBook.Household {
  /// HD05.
  fileprivate var coverageLevel: String {
    let hasSpouse = people.contains { $0.relationship == "01" }
    let hasChildren = people.contains { $0.relationship == "19" }
    return hasChildren ? (hasSpouse ? "FAM" : "ECH") : hasSpouse ? "ESP" : "IND"
  }
}
