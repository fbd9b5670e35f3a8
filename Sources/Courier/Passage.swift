// One attempt of a call across the network, from its stream's opening to its end.

import GRPCCore
import Synchronization

/// An attempt on its way, and what is heard of it.
final class Passage: Sendable {
  enum Outcome: Hashable, Sendable {
    case answered
    case failed
    /// The caller lost interest first.
    case abandoned
  }

  let method: MethodDescriptor
  let began: ContinuousClock.Instant
  private let news = Mutex<(code: Status.Code?, timeout: Duration?)>((nil, nil))

  init(method: MethodDescriptor, began: ContinuousClock.Instant) {
    self.method = method
    self.began = began
  }

  /// The metadata goes out.
  func sent(_ metadata: Metadata) {
    let timeout = metadata[stringValues: Carriage.timeout].first { _ in true }.flatMap(Duration.init(grpcTimeout:))
    news.withLock { $0.timeout = timeout }
  }

  /// The status comes in, or the connection breaks.
  func ended(_ code: Status.Code) { news.withLock { $0.code = code } }

  /// Whether what was asked for was done.
  var isDone: Bool { news.withLock { $0.code == .ok } }

  /// A context that says it is away is as good as one that says nothing.
  ///
  /// The library tells nobody why it gave a call up, and its clock started before this one. So one that was given up
  /// behind the half of its time was given up because of it.
  func outcome(at now: ContinuousClock.Instant) -> Outcome {
    news.withLock { news in
      if let code = news.code, code != .cancelled {
        return code == .unavailable || code == .deadlineExceeded ? .failed : .answered
      }
      return news.timeout.map { now >= began + $0 / 2 } ?? false ? .failed : .abandoned
    }
  }
}
