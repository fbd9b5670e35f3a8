// The smallest thing that others are told of: what is measured with it is the way that it takes, not the rules.

import Foundation
import Kernel
import Runtime
import SwiftProtobuf

/// A count with a row, whose every event is published.
enum Beat: Aggregate {
  enum Refusal: Kernel.Refusal, Equatable {
    case notPositive

    var problem: Problem {
      Problem(kind: .invalid, code: "beat.not_positive", detail: "A beat counts on.", remedy: "Add at least 1.")
    }
  }

  static let kind = "beat"
  static var initial: Int64 { 0 }
  static let table = Table("beats", columns: [.text("beat_id"), .integer("total")], key: ["beat_id"])

  /// What is published of it, which makes an envelope as large as those of a book are on average (docs/scale.md).
  private static let told = Google_Protobuf_BytesValue(Data(repeating: 7, count: 300))

  static func decide(_ command: Int64, in state: Int64) throws(Refusal) -> [Int64] {
    guard command > 0 else { throw .notPositive }
    return [command]
  }

  static func evolve(_ state: Int64, with event: Int64) -> Int64 { state + event }

  static func name(of event: Int64) -> String { "counted" }

  static func rows(for recorded: Recorded<Int64>, in state: Int64) -> [RowChange] {
    [.put(table, [.text(recorded.stream.rawValue), .integer(state)])]
  }

  static func publications(of recorded: Recorded<Int64>, in state: Int64) -> [Publication] {
    [Publication("Beat.Counted", about: "", told)]
  }
}

extension Engine {
  /// One command on one stream.
  func beat(_ stream: Int, by amount: Int64 = 1_000) async throws {
    try await run(Act(correlation: "bench", causation: "bench/\(stream)")) { unit in
      _ = try await unit.decide(Beat.self, StreamID("\(stream)"), amount)
    }
  }
}
