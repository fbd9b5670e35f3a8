// The smallest aggregate that shows order: it keeps the amounts that it took, and tells others of each.

import Kernel
import Runtime
import SwiftProtobuf

enum Tally: Aggregate {
  struct State: Codable, Equatable, Sendable {
    var amounts: [Int64] = []
  }

  enum Command: Sendable {
    case take(Int64)
  }

  enum Event: Codable, Equatable, Sendable {
    case took(Int64)
  }

  enum Refusal: Kernel.Refusal, Equatable {
    case poison(Int64)

    var problem: Problem {
      switch self {
      case .poison(let amount):
        Problem(kind: .invalid, code: "tally.poison", detail: "\(amount) cannot be taken.", remedy: "None.")
      }
    }
  }

  static let kind = "tally"
  static let initial = State()

  static func decide(_ command: Command, in state: State) throws(Refusal) -> [Event] {
    switch command {
    case .take(let amount): [.took(amount)]
    }
  }

  static func evolve(_ state: State, with event: Event) -> State {
    switch event {
    case .took(let amount): State(amounts: state.amounts + [amount])
    }
  }

  static func name(of event: Event) -> String {
    switch event {
    case .took: "took"
    }
  }

  static func publications(of recorded: Recorded<Event>, in state: State) -> [Publication] {
    switch recorded.event {
    case .took(let amount): [Publication("Tally.Took", about: "", Google_Protobuf_Int64Value(amount))]
    }
  }
}
