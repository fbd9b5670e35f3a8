// Who sold the demo's policies: four agencies, appointed wherever there is a policy. Six in ten policies are theirs. In
// April the last of them gives up its book, and it is found that it did no work since March.

import Contracts
import Courier
import Kernel
import Runtime
import SwiftProtobuf

extension DemoScript {
  private static let agencies = [
    "LAKESHORE BENEFITS", "HARBOR INSURANCE GROUP", "PRAIRIE BROKERAGE", "SUMMIT ADVISORS",
  ]

  /// Registers and appoints the agencies.
  ///
  /// - Returns: their identifiers, always in the same order.
  func appointProducers() async throws -> [String] {
    let counts = try await ask { try await house.lines.policy.getCounts(.init(), options: .long) }
    let states = Set(counts.counts.map(\.state)).sorted()
    var producers: [String] = []
    for (number, name) in Self.agencies.enumerated() {
      let party = try await once("register/\(name)") {
        try await house.lines.party.register(.agency(name, number: "\(8_000_001 + number)"), options: .bounded)
      }
      for state in states {
        let request = Premia_Commissions_V1_AppointProducerRequest.with {
          $0.producerID = party.partyID
          $0.appointment.state = state
          $0.appointment.from = "2020-01-01"
        }
        _ = try await once("appoint/\(name)/\(state)") {
          try await house.lines.commissions.appointProducer(request, options: .bounded)
        }
      }
      producers.append(party.partyID)
    }
    try await house.drain()
    return producers
  }

  /// Makes one of them producer of record from the policy's first day, or from today where that is past.
  func assignProducer(of producers: [String], to policy: Premia_Policy_V1_Policy) async throws {
    guard let seller = seller(of: policy) else { return }
    try await assign(producers[seller], to: policy, from: DemoParameters.start, because: "sold")
  }

  /// The policies of the last agency pass to the first, from the first of the month before.
  func passBook() async throws {
    let producers = try await appointProducers()
    let from = house.clock.today.firstOfMonth.adding(months: -1)
    try await house.lines.forEachPolicy { policy in
      guard seller(of: policy) == producers.count - 1 else { return }
      try await assign(producers[0], to: policy, from: from, because: "the agency gave up its book")
    }
  }

  /// The place of the agency that sold a policy; nil where none did.
  private func seller(of policy: Premia_Policy_V1_Policy) -> Int? {
    guard policy.status != .applied else { return nil }
    let name = policy.members.first?.memberNumber ?? policy.policyNumber
    // As the policy was sold, whatever became of it since.
    var random = SplitMix64(seed: parameters.seed, label: "producer/\(name)/\(policy.effectiveDate)")
    return random.next() % 10 < 6 ? Int(random.next() % UInt64(Self.agencies.count)) : nil
  }

  private func assign(
    _ producer: String, to policy: Premia_Policy_V1_Policy, from day: CalendarDate, because reason: String
  ) async throws {
    let request = Premia_Commissions_V1_AssignProducerRequest.with {
      $0.policyID = policy.policyID
      $0.producerID = producer
      // Dates as text sort as dates do.
      $0.from = max(policy.effectiveDate, day.description)
      $0.reason = reason
    }
    _ = try await once("producer/\(policy.policyID)/\(day)") {
      try await house.lines.commissions.assignProducer(request, options: .bounded)
    }
  }

  /// Asks under a key of its own, so that a walk that goes on changes nothing.
  private func once<Answer: Sendable>(
    _ what: String, _ call: @Sendable () async throws -> Answer
  ) async throws -> Answer {
    let key = "demo/\(what)"
    return try await Carriage.with(Act(correlation: key, causation: key, actor: "operator"), key: key) {
      try await ask(call)
    }
  }
}

extension Premia_Party_V1_RegisterRequest {
  /// - Parameter number: in the National Producer Registry; made up.
  fileprivate static func agency(_ name: String, number: String) -> Self {
    .with {
      $0.party.kind = .organisation
      $0.party.organisationName = name
      $0.party.identifiers = [
        .with {
          $0.system = "nipr"
          $0.kind = "npn"
          $0.value = number
        }
      ]
    }
  }
}
