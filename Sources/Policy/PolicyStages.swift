// Which command may be given in which stage of a policy's life, and where it leads: the table that `decide` asks first
// and the diagram of the README is made from.

package import Kernel

extension Policy {
  /// A state as far as it decides what may be asked. A policy whose end is set is in force and waits for it.
  package enum Stage: String, Hashable, Sendable, CaseIterable {
    case none, applied, pendingPayment, active, paused, ending, terminated, cancelled, voided
  }

  /// A command without what it carries.
  package enum Move: String, Hashable, Sendable, CaseIterable {
    case apply, bind, issue, endorse, pause, resume, renew, declineRenewal, terminate, giveBack, noticeRescission,
      rescind, reinstate, moveOn
  }

  /// What may be asked in each stage, and the stages in which the policy may be then; all else is refused.
  package static let moves: [Stage: [(move: Move, to: [Stage])]] = [
    .none: [(.apply, [.applied])],
    .applied: [(.bind, [.pendingPayment]), (.terminate, [.cancelled])],
    .pendingPayment: [(.issue, [.active]), (.terminate, [.cancelled])],
    .active: [
      (.endorse, [.active, .ending, .terminated]), (.pause, [.active, .paused]), (.resume, [.active]),
      (.renew, [.active]), (.declineRenewal, [.ending]), (.terminate, [.ending, .terminated]),
      (.giveBack, [.voided]), (.noticeRescission, [.active]), (.rescind, [.voided]), (.moveOn, [.active, .paused]),
    ],
    .paused: [
      (.endorse, [.paused, .terminated]), (.resume, [.active, .ending, .paused]), (.renew, [.paused]),
      (.declineRenewal, [.paused]), (.terminate, [.paused, .terminated]), (.giveBack, [.voided]),
      (.noticeRescission, [.paused]), (.rescind, [.voided]), (.reinstate, [.paused]),
      (.moveOn, [.active, .ending, .paused, .terminated]),
    ],
    .ending: [
      (.endorse, [.ending, .terminated]), (.terminate, [.ending, .terminated]), (.giveBack, [.voided]),
      (.noticeRescission, [.ending]), (.rescind, [.voided]), (.reinstate, [.active]),
      (.moveOn, [.ending, .paused, .terminated]),
    ],
    .terminated: [
      (.noticeRescission, [.terminated]), (.rescind, [.voided]), (.reinstate, [.active, .paused]),
    ],
    .cancelled: [],
    .voided: [],
  ]

  /// Whether a command may be given in a stage.
  package static func allows(_ move: Move, in stage: Stage) -> Bool {
    moves[stage]?.contains { $0.move == move } ?? false
  }

  /// The stages and moves as Mermaid draws them.
  package static var diagram: String {
    var lines = ["stateDiagram-v2"]
    func name(_ stage: Stage) -> String { stage == .none ? "[*]" : stage.rawValue }
    for stage in Stage.allCases {
      for next in Stage.allCases {
        let words = (moves[stage] ?? []).filter { $0.to.contains(next) }.map(\.move.rawValue)
        guard !words.isEmpty else { continue }
        lines.append("  \(name(stage)) --> \(name(next)): \(words.joined(separator: ", "))")
      }
    }
    return lines.joined(separator: "\n")
  }
}

extension Policy.State {
  package var stage: Policy.Stage {
    switch self {
    case .none: .none
    case .applied: .applied
    case .pendingPayment: .pendingPayment
    case .active(let held): held.ending == nil ? .active : .ending
    case .paused: .paused
    case .terminated: .terminated
    case .cancelled: .cancelled
    case .voided: .voided
    }
  }
}

extension Policy.Command {
  /// The business day on which it is given; nil for the first, before which nothing can have come into effect.
  package var today: CalendarDate? {
    switch self {
    case .apply: nil
    case .bind(let today), .issue(let today, _), .endorse(_, _, let today), .pause(_, _, _, let today),
      .resume(_, _, let today), .renew(_, _, _, _, let today), .declineRenewal(_, let today), .terminate(_, let today),
      .giveBack(_, let today), .noticeRescission(_, let today), .rescind(_, let today), .reinstate(_, let today),
      .moveOn(let today):
      today
    }
  }

  package var move: Policy.Move {
    switch self {
    case .apply: .apply
    case .bind: .bind
    case .issue: .issue
    case .endorse: .endorse
    case .pause: .pause
    case .resume: .resume
    case .renew: .renew
    case .declineRenewal: .declineRenewal
    case .terminate: .terminate
    case .giveBack: .giveBack
    case .noticeRescission: .noticeRescission
    case .rescind: .rescind
    case .reinstate: .reinstate
    case .moveOn: .moveOn
    }
  }
}
