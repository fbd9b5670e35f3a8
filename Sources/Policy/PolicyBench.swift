// A book of policies in force for timing bulk work, made through the same decisions and commits as any other.

public import Contracts
import Courier
import GRPCCore
public import Kernel
public import Runtime
import SwiftProtobuf

public enum PolicyBench {
  /// What one policy is quoted and applied for.
  public struct Wanted: Sendable {
    let quote: Premia_Policy_V1_QuoteRequest
    let application: Premia_Policy_V1_ApplyRequest

    public init(_ quote: Premia_Policy_V1_QuoteRequest, _ application: Premia_Policy_V1_ApplyRequest) {
      self.quote = quote
      self.application = application
    }
  }

  /// Brings policies into force, all in one commit: without quotes, people and binder payments.
  ///
  /// - Parameter number: of the first of them. As a book grows, a policy is made every two seconds from `start` on.
  /// - Throws: `Problem` where one has no price; a refusal of Policy; `StoreFailure`.
  public static func seed(
    _ wanted: [Wanted], from number: Int, start: Instant, engine: Engine,
    products: any Premia_Products_V1_ProductsService.ClientProtocol
  ) async throws {
    let questions = Premia_Products_V1_RateAllRequest.with {
      $0.questions = wanted.map { Premia_Products_V1_RateRequest($0.quote) }
    }
    let answers = try await ask { try await products.rateAll(questions, options: .bounded) }.answers
    try await engine.run(Act(correlation: "bench/policy", causation: "bench/policy/\(number)")) { unit in
      for (index, (wanted, answer)) in zip(wanted, answers).enumerated() {
        guard answer.hasRates else {
          throw Problem.field("plan_id", "is \(wanted.application.planID), which has no price")
        }
        let made = Instant(microseconds: start.microseconds + Int64(number + index) * 2_000_000)
        let id = ID<PolicyTag>(at: made, derivedFrom: "bench/policy", number + index)
        let quote = try Quote.Terms(wanted.quote, answer.rates, on: unit.today)
        let application = wanted.application.naming(people: start)
        let terms = try Policy.Terms(application, quote: quote, number: Policy.number(of: id))
        let (stream, today) = (StreamID(id), unit.today)
        try await unit.decide(Policy.self, stream, .apply(terms))
        try await unit.decide(Policy.self, stream, .bind(on: today))
        try await unit.decide(Policy.self, stream, .issue(on: today, waiver: "bench"))
      }
    }
  }
}

extension Premia_Policy_V1_ApplyRequest {
  /// With an identifier for each name: nobody is registered with Party.
  fileprivate func naming(people instant: Instant) -> Self {
    var application = self
    application.applicants = applicants.map { applicant in
      var applicant = applicant
      applicant.partyID = ID<PartyTag>(at: instant, derivedFrom: applicant.partyID).description
      return applicant
    }
    return application
  }
}
