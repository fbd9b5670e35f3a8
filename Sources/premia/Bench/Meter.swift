// Time and memory as the machine sees them.

import Foundation

enum Meter {
  private static let clock = ContinuousClock()

  /// Seconds that the body takes.
  static func seconds(_ body: () async throws -> Void) async rethrows -> Double {
    let duration = try await clock.measure(body)
    return Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
  }

  /// The most memory that the process has held so far, in megabytes.
  static var peakMegabytes: Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return Double(usage.ru_maxrss) / 1_024
  }
}

/// A directory that is there while the body runs.
func withScratch<Answer>(_ parent: String, _ body: (String) async throws -> Answer) async throws -> Answer {
  let path = "\(parent)/\(ProcessInfo.processInfo.globallyUniqueString)"
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  do {
    let answer = try await body(path)
    try FileManager.default.removeItem(atPath: path)
    return answer
  } catch {
    try? FileManager.default.removeItem(atPath: path)
    throw error
  }
}
