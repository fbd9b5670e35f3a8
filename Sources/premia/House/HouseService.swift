// The gRPC service of the whole house: its clock and its checks.

import Contracts
import Courier
import GRPCCore
import Kernel
import Ledger
import Runtime
import SwiftProtobuf

struct HouseService: Premia_House_V1_HouseService.SimpleServiceProtocol {
  let house: House

  func getClock(request: Premia_House_V1_GetClockRequest, context: ServerContext) async throws -> Premia_House_V1_Clock
  {
    clock
  }

  func advanceClock(
    request: Premia_House_V1_AdvanceClockRequest, context: ServerContext
  ) async throws -> Premia_House_V1_Clock {
    let day = try CalendarDate(request.to, field: "to")
    // The key is kept before the days are lived through: the same request, sent again after a stop, goes on.
    let answer = try await Desk(house.room("exchange").engine).act("AdvanceClock", request) { [house] _ in
      try house.checkAdvance(to: day)
      return Premia_House_V1_Clock.with {
        $0.today = day.description
        $0.sandbox = true
      }
    }
    if house.clock.today < day { try await house.advance(to: day) }
    return answer
  }

  func verify(request: Premia_House_V1_VerifyRequest, context: ServerContext) async throws
    -> Premia_House_V1_VerifyResponse
  {
    Premia_House_V1_VerifyResponse(try await house.verify())
  }

  func reconcile(
    request: Premia_House_V1_ReconcileRequest, context: ServerContext
  ) async throws -> Premia_House_V1_ReconcileResponse {
    let (rules, defects) = try await house.reconcile()
    var response = Premia_House_V1_ReconcileResponse()
    response.rules = Int32(rules)
    response.defects = defects.map { defect in
      var word = Premia_House_V1_Defect()
      word.rule = "\(defect.what): \(defect.place)"
      word.left = defect.left.map(String.init) ?? ""
      word.right = defect.right.map(String.init) ?? ""
      word.advice = defect.lookAt
      return word
    }
    return response
  }

  private var clock: Premia_House_V1_Clock {
    var words = Premia_House_V1_Clock()
    words.today = house.clock.today.description
    words.sandbox = house.clock.isSandbox
    return words
  }
}
