// A call to another context, whose refusal comes back typed.

public import GRPCCore
public import Kernel

/// Makes a call and gives its refusal back as the `Problem` that the other side threw.
///
/// - Throws: `Problem`; one of kind `unavailable` or `internalFault` where the call itself failed.
public func ask<Answer>(_ call: () async throws -> Answer) async throws(Problem) -> Answer {
  do {
    return try await call()
  } catch let error as RPCError {
    throw Problem(error) ?? Problem(failedCall: error)
  } catch let refusal as any Refusal {
    throw refusal.problem
  } catch {
    throw Problem(
      kind: .unavailable, code: "call.failed", detail: "A call to another context failed: \(error).",
      remedy: "Try again later.")
  }
}

extension Problem {
  fileprivate init(failedCall error: RPCError) {
    let mayRetry =
      switch error.code {
      case .unavailable, .deadlineExceeded, .resourceExhausted, .aborted, .cancelled: true
      default: false
      }
    self.init(
      kind: mayRetry ? .unavailable : .internalFault, code: "call.\(error.code)",
      detail: "A call to another context failed: \(error.message)",
      remedy: mayRetry ? "Try again later." : "Report this with the correlation of the request.")
  }
}

extension CallOptions {
  /// Ends after 30 seconds, or with the call that is being answered, if that is sooner.
  public static var bounded: CallOptions {
    var options = CallOptions.defaults
    options.timeout = min(.seconds(30), Call.timeLeft ?? .seconds(30))
    return options
  }
}
