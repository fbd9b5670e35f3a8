// One unit of work: what it loaded, what was decided, and the commit that becomes of it.

import Contracts
public import Kernel
import SwiftProtobuf

/// Collects the decisions of one unit of work. Several aggregates may change in it; they are written together.
public struct Unit: Sendable {
  /// A stream that the unit has looked at.
  struct Entry: Sendable {
    let stream: StreamID
    let kind: String
    let loadedVersion: Int64
    /// Taken from what was at hand, not from the store.
    var isHot = false
    /// One of many that bulk work decides on.
    var isBulk = false
    var version: Int64
    var state: any Sendable
    var events: [EventRecord] = []
    var due: Instant?
    var encode: @Sendable () -> [UInt8]
  }

  public let act: Act
  /// The business instant of the whole unit.
  public let now: Instant
  public var today: CalendarDate { now.date }

  let engine: Engine
  var commit = Commit()
  private(set) var entries: [Entry] = []

  init(engine: Engine, act: Act) {
    self.engine = engine
    self.act = act
    self.now = engine.clock.now
  }

  /// The state of a stream, with what this unit has decided so far.
  public mutating func state<A: Aggregate>(of _: A.Type, _ stream: StreamID) async throws -> A.State {
    // The index first: as an argument it would be found on a copy of the unit made before the wait.
    let index = try await index(of: A.self, stream)
    return state(A.self, at: index)
  }

  /// Decides a command on a stream.
  ///
  /// - Returns: the state that follows.
  /// - Throws: the aggregate's refusal.
  @discardableResult
  public mutating func decide<A: Aggregate>(
    _: A.Type, _ stream: StreamID, _ command: A.Command
  ) async throws -> A.State {
    let index = try await index(of: A.self, stream)
    return try decide(A.self, at: index, command)
  }

  /// The version of a stream that this unit has looked at, with what it has decided.
  public func version(of stream: StreamID) -> Int64 {
    guard let entry = entries.first(where: { $0.stream == stream }) else {
      preconditionFailure("this unit has not looked at \(stream)")
    }
    return entry.version
  }

  /// Decides on a state that is at hand, as bulk work has it.
  mutating func decide<A: Aggregate>(
    _: A.Type, loaded: StoredStream, state: A.State, _ command: A.Command
  ) throws(A.Refusal) -> A.State {
    entries.append(
      Entry(
        stream: loaded.stream, kind: A.kind, loadedVersion: loaded.version, isBulk: true, version: loaded.version,
        state: state, due: loaded.due, encode: { preconditionFailure("nothing decided on \(loaded.stream)") }))
    return try decide(A.self, at: entries.count - 1, command)
  }

  mutating func decideAgain<A: Aggregate>(_: A.Type, _ command: A.Command) throws(A.Refusal) -> A.State {
    try decide(A.self, at: entries.count - 1, command)
  }

  /// A new identifier for something that this act makes. The same act makes the same identifier, so that a message
  /// delivered again or a unit run again changes nothing.
  ///
  /// - Parameter label: what it is for, unique within the act.
  public func newID<Tag: IDTag>(_: Tag.Type, for label: String) -> ID<Tag> {
    ID(at: now, derivedFrom: "\(engine.context)/\(act.causation)/\(label)")
  }

  /// How much was decided so far.
  struct Place {
    let entries: Int
    let rows: Int
    let outbox: Int
  }

  var place: Place { Place(entries: entries.count, rows: commit.rows.count, outbox: commit.outbox.count) }

  /// Forgets what bulk work decided since a place; only whole streams are decided between places.
  mutating func rollBack(to place: Place) {
    entries.removeLast(entries.count - place.entries)
    commit.rows.removeLast(commit.rows.count - place.rows)
    commit.outbox.removeLast(commit.outbox.count - place.outbox)
  }

  /// Moves a named place on, in the same transaction. Where somebody else was first the unit is run again.
  public mutating func moveCursor(_ name: String, from: Int64, to: Int64) {
    commit.cursors[name] = CursorMove(from: from, to: to)
  }

  /// Reads rows as they were before this unit.
  public func rows(_ query: Query) async throws(StoreFailure) -> [Row] { try await engine.store.rows(query) }

  /// The commit of what was decided; nil where there is nothing to write.
  func finished() -> Commit? {
    var commit = commit
    for entry in entries where !entry.events.isEmpty {
      commit.writes.append(
        StreamWrite(
          stream: entry.stream, kind: entry.kind, expectedVersion: entry.loadedVersion, events: entry.events,
          state: entry.encode(), due: entry.due))
    }
    let isEmpty =
      commit.writes.isEmpty && commit.cursors.isEmpty && commit.taken == nil && commit.answer == nil
      && commit.deadLetters.isEmpty && commit.revived.isEmpty
    return isEmpty ? nil : commit
  }

  private func state<A: Aggregate>(_: A.Type, at index: Int) -> A.State {
    guard let state = entries[index].state as? A.State else {
      preconditionFailure("\(entries[index].stream) is a \(entries[index].kind), not a \(A.kind)")
    }
    return state
  }

  private mutating func index<A: Aggregate>(of _: A.Type, _ stream: StreamID) async throws(StoreFailure) -> Int {
    if let index = entries.firstIndex(where: { $0.stream == stream }) { return index }
    var version: Int64 = 0
    var state = A.initial
    let hot = engine.cache.state(of: stream, as: A.State.self)
    if let hot {
      (version, state) = hot
    } else if let stored = try await engine.store.load(stream) {
      (version, state) = try A.read(stored)
    }
    entries.append(
      Entry(
        stream: stream, kind: A.kind, loadedVersion: version, isHot: hot != nil, version: version, state: state,
        encode: { preconditionFailure("nothing decided on \(stream)") }))
    return entries.count - 1
  }

  private mutating func decide<A: Aggregate>(
    _: A.Type, at index: Int, _ command: A.Command
  ) throws(A.Refusal) -> A.State {
    var state = state(A.self, at: index)
    let steps = try A.unfold(command, in: state)
    for (event, next) in steps {
      state = next
      entries[index].version += 1
      let recorded = Recorded(
        stream: entries[index].stream, version: entries[index].version, event: event, at: now, act: act)
      entries[index].events.append(
        EventRecord(
          version: recorded.version, name: A.name(of: event), data: A.eventForm.write(event), at: now, act: act))
      commit.rows += A.rows(for: recorded, in: state)
      let publications = A.publications(of: recorded, in: state)
      for (ordinal, publication) in publications.enumerated() {
        commit.outbox.append(
          publication.sealed(
            source: engine.context, stream: recorded.stream, version: recorded.version, ordinal: ordinal, at: now,
            act: act))
      }
    }
    if !steps.isEmpty {
      let decided = state
      entries[index].state = decided
      entries[index].due = A.nextStep(for: decided)
      entries[index].encode = { A.stateForm.write(decided) }
    }
    return state
  }
}

extension Aggregate {
  /// - Throws: `corrupt` where it is a stream of another kind, or cannot be read.
  static func read(_ stored: StoredStream) throws(StoreFailure) -> (version: Int64, state: State) {
    guard stored.kind == kind else { throw .corrupt("\(stored.stream) is a \(stored.kind), not a \(kind)") }
    return (stored.version, try stateForm.read(stored.state, of: stored.stream))
  }
}

/// The tag of published events' identifiers.
public enum EventTag: IDTag {
  public static let prefix = "evt"
}

extension Publication {
  /// Puts the event into its envelope. The identifier follows from the place in history, so that a replay makes
  /// the same one.
  func sealed(
    source: String, stream: StreamID, version: Int64, ordinal: Int, at: Instant, act: Act
  ) -> OutboxRecord {
    let id = ID<EventTag>(at: at, derivedFrom: "\(source)/\(stream.rawValue)/\(version)", ordinal).description
    var envelope = Premia_Common_V1_Envelope()
    envelope.id = id
    envelope.source = source
    envelope.type = type
    envelope.schemaVersion = schemaVersion
    envelope.subject = stream.rawValue
    envelope.subjectVersion = version
    envelope.about = about
    envelope.timeMicros = at.microseconds
    envelope.recordedMicros = at.microseconds
    envelope.correlation = act.correlation
    envelope.causation = act.causation
    envelope.lineage = act.lineage
    envelope.actor = act.actor
    envelope.data = Coding.bytes(of: message)
    return OutboxRecord(
      id: id, subject: stream.rawValue, about: about, envelope: Coding.bytes(of: envelope))
  }
}
