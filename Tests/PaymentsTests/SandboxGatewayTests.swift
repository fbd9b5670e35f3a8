import Kernel
import Testing

@testable import Payments

@Suite("Sandbox gateway")
struct SandboxGatewayTests {
  private func charge(_ named: String, attempt: Int = 1, month: String = "2027-03-01") -> Charge {
    Charge(
      key: "pay_1", token: token(named), amount: .dollars(1), reference: "pol_1", dueMonth: day(month),
      attempt: attempt)
  }

  /// The outcome in a letter: p posted, ? unknown, otherwise the code.
  private func letter(_ answer: GatewayAnswer?) -> String {
    switch answer {
    case .posted?: "p"
    case .declined(let code)?: code
    case .unknown?: "?"
    case nil: "-"
    }
  }

  @Test(
    "scripts, by attempt",
    arguments: [
      ("sandbox_ok", "p p p", "p"),
      ("sandbox_ok_0042", "p p p", "p"),
      ("sandbox_decline_51", "51 51 51", "51"),
      ("sandbox_decline_r1", "R1 R1 R1", "R1"),
      ("sandbox_decline_51_then_ok", "51 p p", "51"),
      ("sandbox_decline_51_then_ok_0042", "51 p p", "51"),
      ("sandbox_decline_05_twice_then_ok", "05 05 p", "05"),
      ("sandbox_timeout_then_ok", "? ? ?", "p"),
      ("sandbox_timeout_then_decline_51_then_ok", "? ? ?", "51"),
      ("sandbox_decline", "14 14 14", "14"),
      ("sandbox_fail_every_0_1", "14 14 14", "14"),
      ("sandbox_nonsense", "14 14 14", "14"),
      ("visa_1234", "14 14 14", "14"),
    ])
  func scripts(_ named: String, _ charges: String, _ lookUp: String) async {
    var letters: [String] = []
    for attempt in 1...3 { letters.append(letter(await SandboxGateway().charge(charge(named, attempt: attempt)))) }
    #expect(letters.joined(separator: " ") == charges)
    #expect(letter(await SandboxGateway().lookUp(charge(named))) == lookUp)
  }

  @Test("every seventh month, each number in its own, and only on the first attempt", arguments: 0..<14)
  func everySeventh(_ phase: Int) async {
    var failing = 0
    for month in 0..<14 {
      let date = day("2027-01-01").adding(months: month).description
      let first = await SandboxGateway().charge(charge("sandbox_fail_every_7_\(phase)", month: date))
      let second = await SandboxGateway().charge(charge("sandbox_fail_every_7_\(phase)", attempt: 2, month: date))
      if first == .declined(code: "51") { failing += 1 }
      #expect(letter(second) == "p")
    }
    #expect(failing == 2)
  }

  @Test("a trace number has 15 digits and follows from the key")
  func trace() {
    for key in 0..<100 {
      let trace = SandboxGateway.trace(of: "pout_\(key)/1")
      #expect(trace.utf8.count == 15)
      #expect(trace == SandboxGateway.trace(of: "pout_\(key)/1"))
    }
  }
}
