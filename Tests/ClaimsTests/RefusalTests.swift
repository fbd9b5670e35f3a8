// Given a claim in a state, when a command, then nothing changes and the reason is told. Every refusal has a row.

import Contracts
import Kernel
import Runtime
import Testing

@testable import Claims

struct RefusalTests {
  private static let filed = Samples.claim([Samples.line(1, "99213", "150")])
  private static let payout = Claim.Payout(id: id(70), on: day("2027-03-12"))

  private static func after(_ commands: Claim.Command...) -> Claim.State {
    commands.reduce(into: .unfiled) { state, command in
      guard let events = try? Claim.decide(command, in: state) else { preconditionFailure("\(command) was refused") }
      state = Claim.replay(events, from: state)
    }
  }

  private static func file(
    _ alter: (inout FiledClaim) -> Void = { _ in }, facts: (FiledClaim) -> Facts = { Samples.facts(for: $0) }
  ) -> Claim.Command {
    var claim = filed
    alter(&claim)
    return .file(id(50), claim, facts(claim), on: day("2027-03-10"))
  }

  private static let approved = after(file())
  private static let denied = after(file(facts: { _ in Facts() }))
  private static let nothingToPay = after(
    file { claim in
      claim.charge = money("20")
      claim.lines[0].charge = money("20")
    })
  private static let paid = after(file(), .pay(payout, amount: money("85")))

  static let table: [(String, Claim.State, Claim.Command, ClaimRefusal)] = [
    ("filed twice     ", approved, file(), .alreadyFiled(id(50))),
    ("a replacement   ", .unfiled, file { $0.frequency = "7" }, .frequency("7")),
    ("a void          ", .unfiled, file { $0.frequency = "8" }, .frequency("8")),
    ("no lines        ", .unfiled, file { $0.lines = [] }, .lineCount(0)),
    (
      "too many lines  ", .unfiled,
      file { $0.lines = (1...51).map { Samples.line($0, "99213", "1") } }, .lineCount(51)
    ),
    ("a number twice  ", .unfiled, file { $0.lines += $0.lines }, .lineNumberTwice(1)),
    ("days reversed   ", .unfiled, file { $0.lines[0].lastDay = day("2027-02-28") }, .daysReversed(line: 1)),
    (
      "from the future ", .unfiled, file { $0.receivedOn = day("2027-03-11") },
      .receivedInFuture(day("2027-03-11"), today: day("2027-03-10"))
    ),
    ("never filed     ", .unfiled, .pay(payout, amount: money("85")), .notFiled),
    ("denied          ", denied, .pay(payout, amount: money("85")), .denied(id(50))),
    ("nothing to pay  ", nothingToPay, .pay(payout, amount: .zero), .nothingToPay(id(50))),
    (
      "another amount  ", approved, .pay(payout, amount: money("84.99")),
      .amountDiffers(id(50), due: money("85"), paid: money("84.99"))
    ),
    (
      "paid before     ", paid, .pay(Claim.Payout(id: id(71), on: day("2027-03-12")), amount: money("85")),
      .paidBefore(id(50), by: id(70))
    ),
  ]

  @Test(arguments: 0..<RefusalTests.table.count)
  func `a claim is refused`(row: Int) {
    let (name, state, command, refusal) = Self.table[row]
    #expect(throws: refusal, "\(name)") { try Claim.decide(command, in: state) }
    #expect(refusal.problem.code.hasPrefix("claims.") && !refusal.problem.remedy.isEmpty)
  }

  @Test func `the same payout again changes nothing`() throws {
    #expect(try Claim.decide(.pay(Self.payout, amount: money("85")), in: Self.paid) == [])
  }

  @Test func `a claim goes from filed to approved to paid`() throws {
    let events = try Claim.decide(Self.file(), in: .unfiled)
    #expect(events.map(Claim.name) == ["filed", "approved"])
    #expect(Self.approved.version == 2 && Self.paid.version == 3)
    #expect(Self.paid.payout == Self.payout)
  }

  @Test func `a plan whose family limit is below the person's is refused`() {
    var sharing = Samples.costSharing
    sharing.deductibleFamily = money("999")
    let edition = Plan.Edition(
      planID: "NY-SILVER", number: 1, from: day("2027-01-01"), costSharing: sharing, feeSchedule: "standard@1")
    #expect(throws: ProductRefusal.familyBelowPerson("NY-SILVER", "deductible")) {
      try Plan.decide(.publish(edition), in: Plan.initial)
    }
  }

  @Test func `an edition with other content, a price and a share out of bounds are refused`() throws {
    let edition = Plan.Edition(
      planID: "NY-SILVER", number: 1, from: day("2027-01-01"), costSharing: Samples.costSharing,
      feeSchedule: "standard@1")
    let known = Plan.replay([.published(edition)])
    var other = edition
    other.feeSchedule = "standard@2"
    #expect(throws: ProductRefusal.changed("NY-SILVER@1")) { try Plan.decide(.publish(other), in: known) }
    #expect(try Plan.decide(.publish(edition), in: known) == [])

    var prices = Samples.prices
    prices.unlisted = Ratio(11, 10)
    #expect(throws: ProductRefusal.share("standard@1", Ratio(11, 10))) {
      try FeeSchedule.decide(.publish(prices), in: .unknown)
    }
    prices = Samples.prices
    prices.prices["99213"]?.each = money("-1")
    #expect(throws: ProductRefusal.amount("standard@1", "99213", money("-1"))) {
      try FeeSchedule.decide(.publish(prices), in: .unknown)
    }
    #expect(throws: ProductRefusal.changed("standard@1")) {
      try FeeSchedule.decide(.publish(prices), in: .published(Samples.prices))
    }
  }

  @Test func `accumulators never fall below zero`() throws {
    let use = Accumulators.Use(
      policy: id(1), year: 2027, member: id(2), amounts: Used(deductible: money("10"), outOfPocket: money("15")),
      claim: id(50))
    var back = use
    back.amounts = Used(deductible: money("-10"), outOfPocket: money("-15"))
    #expect(throws: AccumulatorRefusal.belowZero(id(2), id(50))) { try Accumulators.decide(.add(back), in: .unused) }
    let open = Accumulators.replay([.added(use)])
    #expect(try Accumulators.replay(Accumulators.decide(.add(back), in: open), from: open).used(by: id(2)) == Used())
  }

  static let unreadable: [(String, @Sendable (inout Premia_Claims_V1_FiledClaim) -> Void)] = [
    ("claim.patient_control_number", { $0.patientControlNumber = "" }),
    ("claim.charge", { $0.charge.cents = -1 }),
    ("claim.charge", { $0.charge.currency = "EUR" }),
    ("claim.lines.charge", { $0.lines[0].charge.cents = 10_000_000_000 }),
    ("claim.lines.units_thousandths", { $0.lines[0].unitsThousandths = -1 }),
    ("claim.lines.service_from", { $0.lines[0].serviceFrom = "" }),
    ("claim.lines.service_to", { $0.lines[0].serviceTo = "2027-02-30" }),
    ("claim.provider_id", { $0.providerID = "pol_1" }),
    ("claim.patient_birth_date", { $0.patientBirthDate = "19900501" }),
    ("claim.received_on", { $0.receivedOn = "today" }),
  ]

  @Test(arguments: 0..<RefusalTests.unreadable.count)
  func `a field that cannot be read is named`(row: Int) {
    let (field, alter) = Self.unreadable[row]
    var message = Self.filed.message
    alter(&message)
    do {
      _ = try FiledClaim(message, today: day("2027-03-10"))
      Issue.record("\(field) was accepted")
    } catch {
      #expect(error.fields.keys.first == field)
    }
  }

  @Test func `a claim comes back from its message as it was`() throws {
    #expect(try FiledClaim(Self.filed.message, today: day("2027-03-10")) == Self.filed)
  }
}
