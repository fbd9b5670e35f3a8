// The walk: from an enrolment file to paid claims. Every step may be done again and then changes nothing, so that a
// walk that was cut off goes on where it was; the clock says how far it came.

import Contracts
import Courier
import Exchange
import Foundation
import Kernel
import Runtime
import SwiftProtobuf
import X12

/// What makes a walk what it is. The same parameters lead to the same summary, to the cent.
struct DemoParameters: Codable, Equatable, Sendable {
  var members = 2_000
  var months = 14
  var seed: UInt64 = 1
  /// Files and folders to take in before the generated book.
  var imports: [String] = []

  /// The business day on which the walk begins: coverage of the book starts a month later.
  static let start: CalendarDate = {
    guard let date = CalendarDate(year: 2026, month: 12, day: 1) else { preconditionFailure("2026-12-01 is a date") }
    return date
  }()

  /// The day on which it ends.
  var end: CalendarDate { Self.start.adding(months: months) }
}

/// A walk in a house.
struct DemoScript: Sendable {
  let house: House
  let parameters: DemoParameters
  private let book: SyntheticBook

  init(house: House, parameters: DemoParameters) throws {
    self.house = house
    self.parameters = parameters
    book = SyntheticBook(
      recipe: try .load(path: house.places.config("books/demo.yaml")), members: parameters.members,
      seed: parameters.seed, start: DemoParameters.start.firstOfNextMonth)
  }

  /// Walks from wherever the house is to the end, and writes the remittance.
  ///
  /// - Parameter report: called with the day and some words.
  func walk(_ report: (CalendarDate, String) -> Void) async throws {
    if house.clock.today == DemoParameters.start { try await begin(report) }
    // The day on which a walk was cut off is lived through again: what was done is recognised.
    try await live(report)
    while house.clock.today < parameters.end {
      try Task.checkCancellation()
      try house.clock.advance(to: house.clock.today.adding(days: 1))
      try await live(report)
    }
    report(house.clock.today, "remittance")
    _ = try await house.writeRemittance(
      Period(from: DemoParameters.start, to: parameters.end.adding(days: 1)),
      to: house.places.file("out/remittance.835"))
  }

  /// Takes in the given files and the book, and says how each policy is paid and who sold it.
  private func begin(_ report: (CalendarDate, String) -> Void) async throws {
    let today = house.clock.today
    for path in parameters.imports {
      for file in try InputFiles.all(at: path) {
        report(today, "import \(file)")
        try await house.take(file)
      }
    }
    report(today, "enrol \(parameters.members) members")
    try await take("enrolment.834") { try book.enrolment(to: $0) }
    try await house.drain()
    let producers = try await appointProducers()
    try await house.lines.forEachPolicy { policy in
      try await choosePaymentMethod(for: policy)
      try await assignProducer(of: producers, to: policy)
    }
    try await house.drain()
  }

  /// One day: what is due, then what arrives from outside on that day.
  private func live(_ report: (CalendarDate, String) -> Void) async throws {
    let today = house.clock.today
    report(today, "\(today)")
    try await house.liveThroughDay()
    if today == Self.addOnsChosenOn { try await chooseAddOns() }
    // On the fifth the claims of the month before arrive, and word of who leaves this month.
    guard today.day == 5, today >= book.start else { return }
    try await take("leavers-\(today.description.prefix(7)).834") { try book.terminations(inMonthOf: today, to: $0) }
    let month = today.firstOfMonth.adding(months: -1)
    if month >= book.start {
      try await take("claims-\(month.description.prefix(7)).837") { try book.claims837(month: month, to: $0) }
    }
    try await house.drain()
    if month == book.start.adding(months: 2) {
      try await passBook()
      try await house.drain()
    }
  }

  /// Writes a file of the book and takes it in; a file with nothing in it is not sent.
  private func take(_ name: String, _ write: (@escaping X12Writer.Sink) throws -> Void) async throws {
    let path = house.places.file("in/\(name)")
    try OutputFile.write(path, write)
    if FileManager.default.fileExists(atPath: path) { try await house.take(path) }
  }

  /// Most pay by a method that works; some fail now and then, some for good, a few give none.
  private func choosePaymentMethod(for policy: Premia_Policy_V1_Policy) async throws {
    let name = policy.members.first?.memberNumber ?? policy.policyNumber
    var random = SplitMix64(seed: parameters.seed, label: "payment/\(name)/\(policy.planID)")
    let draw = random.next() % 100
    let script: String? =
      switch draw {
      case 0..<82: "ok"
      case 82..<89: "fail_every_7_\(draw)"
      case 89..<93: "decline_51_then_ok"
      case 93..<96: "timeout_then_ok"
      case 96..<98: "decline_14"
      default: nil
      }
    guard let script else { return }
    var request = Premia_Payments_V1_AddMethodRequest()
    request.policyID = policy.policyID
    request.token = "tok_sandbox_\(script)"
    request.autopay = true
    let key = "demo/method/\(policy.policyID)"
    let act = Act(correlation: key, causation: key, actor: "member")
    _ = try await Carriage.with(act, key: key) { [request] in
      try await ask { try await house.lines.payments.addMethod(request, options: .bounded) }
    }
  }

  /// The day on which some tell that they lose the dental and vision coverage of a job at the end of the month.
  private static let addOnsChosenOn = DemoParameters.start.adding(months: 1).adding(days: 19)

  /// One in eight takes the dental plan of the state beside the plan, one in ten the vision plan, where there is one
  /// that is sold beside it.
  private func chooseAddOns() async throws {
    let today = house.clock.today
    let request = Premia_Products_V1_ListPlansRequest.with { $0.on = today.description }
    let plans = try await ask { try await house.lines.products.listPlans(request, options: .bounded) }.plans
    let addOns = plans.filter { $0.besideAny || !$0.beside.isEmpty }
    try await house.lines.forEachPolicy { policy in
      // Dates as text sort as dates do.
      guard policy.status == .active, policy.effectiveDate <= "\(today)", policy.endDate.isEmpty else { return }
      for addOn in addOns where addOn.state == policy.state {
        let isMedical = policy.level != .dental && policy.level != .vision
        guard addOn.besideAny ? isMedical : addOn.beside.contains(policy.planID) else { continue }
        try await choose(addOn, for: policy, today)
      }
    }
    try await house.drain()
  }

  private func choose(
    _ addOn: Premia_Products_V1_Plan, for policy: Premia_Policy_V1_Policy, _ today: CalendarDate
  ) async throws {
    let name = policy.members.first?.memberNumber ?? policy.policyNumber
    var random = SplitMix64(seed: parameters.seed, label: "add-on/\(name)/\(addOn.planID)")
    guard random.next() % (addOn.kind == .dental ? 8 : 10) == 0 else { return }
    var request = Premia_Policy_V1_AddAddOnRequest()
    request.policyID = policy.policyID
    request.planID = addOn.planID
    request.reason = "loss_of_coverage"
    request.eventDate = today.firstOfNextMonth.adding(days: -1).description
    let key = "demo/add-on/\(policy.policyID)/\(addOn.planID)"
    let act = Act(correlation: key, causation: key, actor: "member")
    _ = try await Carriage.with(act, key: key) { [request] in
      try await ask { try await house.lines.policy.addAddOn(request, options: .bounded) }
    }
  }
}
