import Kernel
import Testing

/// A switch that can be turned on once.
private enum Switch: Decider {
  enum Command { case turnOn }
  enum Event: Equatable { case turnedOn }
  enum Refusal: Kernel.Refusal, Equatable {
    case alreadyOn

    var problem: Problem {
      Problem(
        kind: .conflict, code: "switch.already_on", detail: "The switch is on already.",
        remedy: "Turn it off first.", fields: ["switch": "is on"])
    }
  }

  static let initial = false

  static func decide(_ command: Command, in isOn: Bool) throws(Refusal) -> [Event] {
    guard !isOn else { throw .alreadyOn }
    return [.turnedOn]
  }

  static func evolve(_ isOn: Bool, with event: Event) -> Bool { true }
}

@Suite("Deciders and problems")
struct DeciderTests {
  @Test func replaying() throws {
    #expect(Switch.replay([]) == false)
    #expect(Switch.replay(try Switch.decide(.turnOn, in: Switch.initial)) == true)
    #expect(Switch.replay([], from: true) == true)
    #expect(throws: Switch.Refusal.alreadyOn) { try Switch.decide(.turnOn, in: true) }
  }

  @Test func words() {
    let problem = Switch.Refusal.alreadyOn.problem
    #expect(problem.description == "switch.already_on: The switch is on already. Turn it off first.")
    #expect(problem.problem == problem)
  }

  @Test("each kind has a status of its own at both doors")
  func statuses() {
    #expect(Set(Problem.Kind.allCases.map(\.httpStatus)).count == Problem.Kind.allCases.count)
    #expect(Set(Problem.Kind.allCases.map(\.grpcCode)).count == Problem.Kind.allCases.count)
    #expect(Problem.Kind.allCases.allSatisfy { (400...599).contains($0.httpStatus) && (1...16).contains($0.grpcCode) })
  }
}
