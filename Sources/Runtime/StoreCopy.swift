// Moving a context from one store to another. Each part is written in one transaction together with the place reached,
// so that a copy that was stopped anywhere goes on behind its last part and copies nothing twice.

public import Kernel

/// A copy of all that a store holds into another store, which has nothing else. While it runs nobody else writes to
/// either.
public struct StoreCopy: Sendable {
  /// The context, to name it.
  public let context: String
  private let source: any Store
  private let target: any Store
  private let tables: [Table]

  /// What all places of copies begin with; they stay in the target and tell where it comes from.
  static let places = "copy/"
  /// The checksum of what is copied.
  private static let origin = "copy/origin"
  private static let completed = "copy/completed"

  public init(of context: String, from source: any Store, to target: any Store, tables: [Table]) {
    self.context = context
    self.source = source
    self.target = target
    self.tables = tables
  }

  public enum Refusal: Kernel.Refusal, Equatable {
    /// The target has data of its own.
    case targetInUse(String)
    /// The target has a part of something else, or the source has changed since.
    case otherOrigin(String)
    /// After the copy the two do not hold the same.
    case differs(String, [String])
    /// The copy was stopped half-way, and somebody wants to work with it.
    case incomplete(String)
  }

  /// Whether the copy was made before, proved and done.
  public func isCompleted() async throws(StoreFailure) -> Bool { try await target.cursor(Self.completed) > 0 }

  /// Refuses a store that a copy into was begun and not completed.
  public static func requireCompleted(_ store: any Store, of context: String) async throws {
    guard try await store.cursor(origin) != 0, try await store.cursor(completed) == 0 else { return }
    throw Refusal.incomplete(context)
  }

  /// Looks whether the copy can be made or gone on with. Changes nothing.
  ///
  /// - Returns: what is to be copied.
  /// - Throws: `Refusal` or `StoreFailure`.
  public func check() async throws -> Inventory {
    let inventory = try await Self.inventory(of: source, tables: tables)
    let known = try await target.cursor(Self.origin)
    if known == 0 {
      guard try await isEmpty(target) else { throw Refusal.targetInUse(context) }
    } else if known != inventory.checksum {
      throw Refusal.otherOrigin(context)
    }
    return inventory
  }

  /// Marks the target: until the copy is completed nobody works with it.
  public func begin(_ inventory: Inventory) async throws(StoreFailure) {
    if try await target.cursor(Self.origin) == 0 { try await move(Self.origin, to: inventory.checksum) }
  }

  /// Copies what is not copied yet, and proves the whole.
  ///
  /// - Parameters:
  ///   - inventory: what `check` answered; the copy was begun with it.
  ///   - onPart: called after each part with its size.
  /// - Throws: `Refusal` or `StoreFailure`; what was copied stays, and the next call goes on behind it.
  public func run(_ inventory: Inventory, onPart: (Int64) async -> Void = { _ in }) async throws {
    if try await isCompleted() { return }
    do {
      try await source.excerpts(of: tables) { section in
        try await target.cursor(Self.places + section)
      } _: { section, range, excerpt in
        var excerpt = excerpt
        excerpt.commit.cursors[Self.places + section] = CursorMove(from: range.lowerBound, to: range.upperBound)
        try await target.restore(excerpt)
        await onPart(range.upperBound - range.lowerBound)
      }
    } catch StoreFailure.moved {
      // The parts are not what they were, or somebody else makes the same copy.
      throw Refusal.otherOrigin(context)
    }
    let differences = inventory.differences(from: try await Self.inventory(of: target, tables: tables))
    guard differences.isEmpty else { throw Refusal.differs(context, differences) }
    try await move(Self.completed, to: 1)
  }

  /// Counts all that a store holds.
  public static func inventory(of store: any Store, tables: [Table]) async throws -> Inventory {
    var inventory = Inventory()
    try await store.excerpts(of: tables) { _, _, excerpt in inventory.add(excerpt) }
    return inventory
  }

  private func move(_ cursor: String, to place: Int64) async throws(StoreFailure) {
    var commit = Commit()
    commit.cursors[cursor] = CursorMove(from: 0, to: place)
    try await target.commit(commit)
  }

  private func isEmpty(_ store: any Store) async throws -> Bool {
    guard try await store.streams(after: nil, limit: 1).isEmpty, try await store.lastPublished() == 0,
      try await store.marks(after: nil, limit: 1).isEmpty, try await store.answers(after: nil, limit: 1).isEmpty,
      try await store.deadLetters(source: nil).isEmpty
    else { return false }
    return try await store.cursors().isEmpty
  }
}

extension StoreCopy.Refusal {
  public var problem: Problem {
    switch self {
    case .targetInUse(let context):
      Problem(
        kind: .conflict, code: "copy.target_in_use", detail: "The target has data of \(context) already.",
        remedy: "Name settings whose stores are new: another schema or another directory.")
    case .otherOrigin(let context):
      Problem(
        kind: .conflict, code: "copy.other_origin",
        detail: "The target has a part of \(context) as it was elsewhere or at another time.",
        remedy: "Empty the target, end everything that writes to the source, and begin again.")
    case .differs(let context, let differences):
      Problem(
        kind: .internalFault, code: "copy.differs",
        detail: "What was copied of \(context) is not what was there: \(differences.joined(separator: "; ")).",
        remedy: "Do not use the target. Empty it and begin again; the source is as it was.")
    case .incomplete(let context):
      Problem(
        kind: .precondition, code: "copy.incomplete",
        detail: "The copy of \(context) into this store was stopped half-way.",
        remedy: "Run the same 'premia migrate' again; it goes on where it was.")
    }
  }
}
