// Products for the tests of those who ask them for prices.

public import Contracts
public import GRPCCore
import Kernel

/// Products that answer what plans cost; of anything else they have nothing to say, unless a test makes them.
public protocol ProductsStandIn: Premia_Products_V1_ProductsService.SimpleServiceProtocol {}

extension ProductsStandIn {
  public func publish(
    request: Premia_Products_V1_PublishRequest, context: ServerContext
  ) async throws -> Premia_Products_V1_PublishResponse { .init() }

  public func listPlans(
    request: Premia_Products_V1_ListPlansRequest, context: ServerContext
  ) async throws -> Premia_Products_V1_ListPlansResponse { .init() }

  public func getPlan(
    request: Premia_Products_V1_GetPlanRequest, context: ServerContext
  ) async throws -> Premia_Products_V1_Plan { .init() }

  /// As many questions by themselves.
  public func rateAll(
    request: Premia_Products_V1_RateAllRequest, context: ServerContext
  ) async throws -> Premia_Products_V1_RateAllResponse {
    var response = Premia_Products_V1_RateAllResponse()
    for question in request.questions {
      var answer = Premia_Products_V1_RateAnswer()
      do {
        answer.rates = try await rate(request: question, context: context)
      } catch is any Refusal {
        // Unset.
      }
      response.answers.append(answer)
    }
    return response
  }
}
