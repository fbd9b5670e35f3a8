// Being told to end, where no HTTP door waits for it.

import Dispatch
import Foundation

enum Ending {
  /// Returns at the first SIGINT or SIGTERM, or when the task is cancelled. From then on neither ends the process by
  /// itself.
  static func asked() async {
    let (told, tell) = AsyncStream<Void>.makeStream()
    let sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { tell.yield() }
      source.resume()
      return source
    }
    for await _ in told { break }
    for source in sources { source.cancel() }
  }
}
