// Moving a house to other storage: each context from its store here to its store there, then proved.

import Kernel
import Runtime

/// The stores of a house where it is and where it goes.
struct Migration: Sendable {
  private struct Move: Sendable {
    let context: Context
    let source: any Store
    let target: any Store
    let copy: StoreCopy
  }

  struct Report: Sendable {
    /// Streams, events, rows and all the rest.
    var copied: Int64 = 0
    var verified = VerificationReport.empty
  }

  private let moves: [Move]

  /// Opens the stores, and makes those of the target.
  ///
  /// - Throws: `StoreFailure` naming the store.
  private init(_ contexts: [Context], from: Storage, to: Storage) async throws(StoreFailure) {
    var moves: [Move] = []
    for context in contexts {
      let (source, target) = (try await from.open(context), try await to.open(context))
      let copy = StoreCopy(of: context.name, from: source, to: target, tables: context.tables)
      moves.append(Move(context: context, source: source, target: target, copy: copy))
    }
    self.moves = moves
  }

  /// Copies all contexts and replays their events on the target. Stopped anywhere and run again, it goes on.
  ///
  /// - Parameter onProgress: called after each part with what is done, of how much, and what it is about.
  /// - Throws: `StoreCopy.Refusal` or `StoreFailure`; the source is as it was.
  static func run(
    _ contexts: [Context], from: Storage, to: Storage, clock: any BusinessClock,
    onProgress: (Int64, Int64, String) -> Void
  ) async throws -> Report {
    let migration = try await Migration(contexts, from: from, to: to)
    do {
      let report = try await migration.run(clock: clock, onProgress: onProgress)
      await migration.close()
      return report
    } catch {
      await migration.close()
      throw error
    }
  }

  private func run(clock: any BusinessClock, onProgress: (Int64, Int64, String) -> Void) async throws -> Report {
    var inventories: [Inventory] = []
    for move in moves {
      onProgress(0, 1, "counting \(move.context.name)")
      inventories.append(try await move.copy.check())
    }
    // All are marked before the first is copied: a house with half of its contexts must not open.
    for (move, inventory) in zip(moves, inventories) { try await move.copy.begin(inventory) }
    let total = inventories.reduce(0) { $0 + $1.count }
    var report = Report()
    for (move, inventory) in zip(moves, inventories) {
      let before = report.copied
      try await move.copy.run(inventory) { things in
        report.copied += things
        onProgress(report.copied, total, move.context.name)
      }
      report.copied = before + inventory.count
      onProgress(report.copied, total, "\(move.context.name) is the same there")
    }
    for move in moves {
      onProgress(total, total, "replaying \(move.context.name)")
      let engine = Engine(context: move.context.name, store: move.target, clock: clock)
      report.verified.add(try await engine.verify(move.context.aggregates, tables: move.context.tables))
    }
    return report
  }

  private func close() async {
    for move in moves {
      await move.source.close()
      await move.target.close()
    }
  }
}
