import Kernel
import Testing

@testable import Payments

@Suite("Payment")
struct PaymentTests {
  static let order = PaymentOrder.sample()
  static let at = Instant(date: day("2027-03-01"))
  static let decline = Payment.Decline(code: "51", declineClass: .soft, method: .card)
  static let requested: [Payment.Event] = [.requested(order, at: at)]
  static let submitted = requested + [.submitted(at: at)]
  static let posted = submitted + [.posted(on: day("2027-03-01"))]
  static let failed = submitted + [.declined(decline, on: day("2027-03-01"))]

  static let commands: [(name: String, command: Payment.Command)] = [
    ("submit", .submit(at: at)), ("withdraw", .withdraw(on: day("2027-03-01"))),
    ("leave", .leaveUnanswered(at: at)), ("post", .post(on: day("2027-03-01"))),
    ("fail", .fail(decline, on: day("2027-03-01"))),
  ]

  /// What each command does in each state: an event's name, nothing, or a refusal's code.
  @Test(
    "every command in every state",
    arguments: [
      ("none", "unknown_payment unknown_payment unknown_payment unknown_payment unknown_payment"),
      ("requested", "submitted withdrawn not_submitted not_submitted not_submitted"),
      ("submitted", "- - unanswered posted declined"),
      ("posted", "- - - - contradicted"),
      ("failed", "- - - contradicted -"),
    ])
  func matrix(_ name: String, _ expected: String) {
    let pasts = [
      "none": [], "requested": Self.requested, "submitted": Self.submitted, "posted": Self.posted,
      "failed": Self.failed,
    ]
    let outcomes = Self.commands.map { _, command in
      do throws(Payment.Refusal) {
        return try Payment.given(pasts[name, default: []], when: command).first.map(Payment.name(of:)) ?? "-"
      } catch {
        return String(error.problem.code.dropFirst("payments.".count))
      }
    }
    #expect(outcomes.joined(separator: " ") == expected)
  }

  @Test("the same request again is nothing, another under its name is refused")
  func requestedAgain() throws {
    #expect(try Payment.given(Self.requested, when: .request(Self.order, at: Self.at)) == [])
    #expect(throws: Payment.Refusal.requestedBefore(Self.order.paymentID)) {
      try Payment.given(Self.requested, when: .request(.sample(amount: .dollars(1)), at: Self.at))
    }
  }

  @Test("a silent gateway is asked again after 15 minutes, then half an hour, at most 16 hours")
  func silence() {
    var past = Self.submitted
    var minutes: [Int64] = []
    for _ in 0..<8 {
      past.append(.unanswered(at: Self.at))
      guard let due = Payment.nextStep(for: Payment.replay(past)) else { break }
      minutes.append((due.microseconds - Self.at.microseconds) / 60_000_000)
    }
    #expect(minutes == [15, 30, 60, 120, 240, 480, 960, 960])
    #expect(Payment.nextStep(for: Payment.replay(Self.posted)) == nil)
    #expect(Payment.nextStep(for: Payment.replay(Self.failed)) == nil)
  }
}

@Suite("Payout")
struct PayoutTests {
  static let payee = Payout.Payee(id(5), npi: "1234567893", day: day("2027-03-05"))
  static let payable = Payout.Payable(claimID: id(6), policyID: policy, amount: .dollars(80))
  static let gathering: [Payout.Event] = [.opened(payee), .added(payable)]
  static let at = Instant(date: day("2027-03-08"))
  static let submitted = gathering + [.submitted(at: at)]
  static let posted = submitted + [.posted(trace: "1", on: day("2027-03-08"))]
  static let declined = submitted + [.declined(code: "R03", on: day("2027-03-08"))]

  @Test(
    "the next business day",
    arguments: [
      ("2027-03-04", "2027-03-05"), ("2027-03-05", "2027-03-08"), ("2027-03-06", "2027-03-08"),
      ("2027-03-07", "2027-03-08"), ("2027-03-08", "2027-03-09"),
    ])
  func nextBusinessDay(_ from: String, _ to: String) {
    #expect(day(from).nextBusinessDay == day(to))
  }

  @Test("is due when the business day after its day starts, and after a decline on the next")
  func due() {
    #expect(Payout.nextStep(for: Payout.replay(Self.gathering)) == Instant(date: day("2027-03-08")))
    #expect(Payout.nextStep(for: Payout.replay(Self.declined)) == Instant(date: day("2027-03-09")))
    #expect(Payout.nextStep(for: Payout.replay(Self.posted)) == nil)
  }

  @Test("a declined transfer is sent again under another key")
  func keys() {
    #expect(Transfer(Payout.replay(Self.submitted))?.key == "\(Self.payee.payoutID)/1")
    #expect(Transfer(Payout.replay(Self.declined))?.key == "\(Self.payee.payoutID)/2")
  }

  @Test(
    "every command in every stage",
    arguments: [
      ("none", "opened unknown_payout unknown_payout unknown_payout unknown_payout"),
      ("gathering", "added submitted not_submitted not_submitted not_submitted"),
      ("submitted", "payout_closed - unanswered posted declined"),
      ("declined", "payout_closed submitted - contradicted -"),
      ("posted", "payout_closed - - - contradicted"),
    ])
  func matrix(_ name: String, _ expected: String) {
    let pasts = [
      "none": [], "gathering": Self.gathering, "submitted": Self.submitted, "declined": Self.declined,
      "posted": Self.posted,
    ]
    let other = Payout.Payable(claimID: id(8), policyID: policy, amount: .dollars(1))
    let commands: [Payout.Command] = [
      .add(other, to: Self.payee), .submit(at: Self.at), .leaveUnanswered(at: Self.at),
      .post(trace: "1", on: day("2027-03-08")), .decline(code: "R03", on: day("2027-03-08")),
    ]
    let outcomes = commands.map { command in
      do throws(Payout.Refusal) {
        return try Payout.given(pasts[name, default: []], when: command).first.map(Payout.name(of:)) ?? "-"
      } catch {
        return String(error.problem.code.dropFirst("payments.".count))
      }
    }
    #expect(outcomes.joined(separator: " ") == expected)
  }

  @Test("a claim is added once, and only with an amount in dollars above zero")
  func amounts() throws {
    for past in [Self.gathering, Self.posted] {
      #expect(try Payout.given(past, when: .add(Self.payable, to: Self.payee)) == [])
    }
    let nothing = Payout.Payable(claimID: id(8), policyID: policy, amount: .zero)
    #expect(throws: Payout.Refusal.notPositive(id(8), .zero)) {
      try Payout.given([], when: .add(nothing, to: Self.payee))
    }
    let euro = try #require(Currency("EUR"))
    let foreign = Payout.Payable(claimID: id(8), policyID: policy, amount: Money(cents: 1, euro))
    #expect(throws: Payout.Refusal.currencyDiffers(euro)) {
      try Payout.given([], when: .add(foreign, to: Self.payee))
    }
  }

  @Test("a full payout takes no more")
  func full() {
    let many =
      [Payout.Event.opened(Self.payee)]
      + (0..<500).map { .added(Payout.Payable(claimID: id(1_000 + UInt64($0)), policyID: policy, amount: .dollars(1))) }
    #expect(!Payout.replay(many).takes(id(6)))
    #expect(Payout.replay(many).takes(id(1_000)))
  }
}
