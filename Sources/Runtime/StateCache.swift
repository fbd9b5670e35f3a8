// States of the streams that were changed last, so that a busy stream is not decoded for each command. It is safe to
// be wrong: a state that is no longer the newest loses its race at the commit and is forgotten, and one that was only
// looked at is compared with the store before anything is concluded from it.

import Kernel
import Synchronization

final class StateCache: Sendable {
  private struct Generations {
    var young: [StreamID: (version: Int64, state: any Sendable)] = [:]
    var old: [StreamID: (version: Int64, state: any Sendable)] = [:]
  }

  /// Streams of one generation; two are kept.
  private static let generationSize = 4_096
  private let generations = Mutex(Generations())

  func state<State>(of stream: StreamID, as _: State.Type) -> (version: Int64, state: State)? {
    generations.withLock { generations in
      guard let hot = generations.young[stream] ?? generations.old[stream], let state = hot.state as? State else {
        return nil
      }
      return (hot.version, state)
    }
  }

  func remember(_ stream: StreamID, version: Int64, state: any Sendable) {
    generations.withLock { generations in
      // A slower task must not put an older state over a newer one.
      if let known = generations.young[stream] ?? generations.old[stream], known.version > version { return }
      generations.young[stream] = (version, state)
      if generations.young.count >= Self.generationSize {
        generations.old = generations.young
        generations.young = [:]
      }
    }
  }

  func forget(_ stream: StreamID) {
    generations.withLock { generations in
      generations.young[stream] = nil
      generations.old[stream] = nil
    }
  }
}
