// What a context says about one kind of stream. All of it is pure, so that a replay of the events rebuilds the state,
// the rows, the publications and the timer exactly; `Verification` does just that.

public import Kernel
public import SwiftProtobuf

/// The rules of one kind of stream, and what the house derives from them.
public protocol Aggregate: Decider, SendableMetatype where State: Codable, Event: Codable, Refusal: Kernel.Refusal {
  /// The stable name of the kind, such as "account". Unique within its context.
  static var kind: String { get }

  /// The events of a command, each with the state that it leads to. An aggregate that evolves while it decides has
  /// both at hand, so that nothing is evolved twice.
  static func unfold(_ command: Command, in state: State) throws(Refusal) -> [(event: Event, state: State)]

  /// The stable name of a private event, such as "invoiceIssued".
  static func name(of event: Event) -> String

  /// How states are kept; JSON, unless bulk work changes every stream of the kind and needs a form that costs less.
  static var stateForm: StoredForm<State> { get }

  /// How events are kept; JSON, as for states.
  static var eventForm: StoredForm<Event> { get }

  /// The read rows that the event changes; `state` already contains the event.
  static func rows(for recorded: Recorded<Event>, in state: State) -> [RowChange]

  /// What others are told of the event; `state` already contains the event.
  static func publications(of recorded: Recorded<Event>, in state: State) -> [Publication]

  /// When something is due next for this stream, if ever.
  static func nextStep(for state: State) -> Instant?
}

extension Aggregate {
  public static func unfold(_ command: Command, in state: State) throws(Refusal) -> [(event: Event, state: State)] {
    var steps: [(event: Event, state: State)] = []
    for event in try decide(command, in: state) {
      steps.append((event, evolve(steps.last?.state ?? state, with: event)))
    }
    return steps
  }

  public static var stateForm: StoredForm<State> { .json }
  public static var eventForm: StoredForm<Event> { .json }
  public static func rows(for recorded: Recorded<Event>, in state: State) -> [RowChange] { [] }
  public static func publications(of recorded: Recorded<Event>, in state: State) -> [Publication] { [] }
  public static func nextStep(for state: State) -> Instant? { nil }
}

/// The name of one stream: the aggregate's identifier, unique within its context.
public struct StreamID: Hashable, Sendable, Comparable, CustomStringConvertible {
  public let rawValue: String

  public init(_ rawValue: String) { self.rawValue = rawValue }

  public init<Tag>(_ id: ID<Tag>) { rawValue = id.description }

  public var description: String { rawValue }

  public static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// A private event with its place in history.
public struct Recorded<Event: Sendable>: Sendable {
  public let stream: StreamID
  /// From 1.
  public let version: Int64
  public let event: Event
  public let at: Instant
  public let act: Act

  public init(stream: StreamID, version: Int64, event: Event, at: Instant, act: Act) {
    self.stream = stream
    self.version = version
    self.event = event
    self.at = at
    self.act = act
  }

  /// The business day on which it was recorded.
  public var on: CalendarDate { at.date }
}

/// What set a change off. It travels with everything that follows from it.
public struct Act: Hashable, Sendable {
  /// The act that the running unit of work belongs to; calls to other contexts carry it on.
  @TaskLocal public static var current: Act?

  /// Shared by all that one outside act set off.
  public var correlation: String
  /// The event or request that directly caused this.
  public var causation: String
  /// Who did it: "system", "member", a user's name, a partner's name.
  public var actor: String
  /// Where the data first came from, such as "x12:acme:000010216/1/3".
  public var lineage: String

  public init(correlation: String, causation: String = "", actor: String = "system", lineage: String = "") {
    self.correlation = correlation
    self.causation = causation
    self.actor = actor
    self.lineage = lineage
  }
}

/// An event of a contract, before it is put into its envelope.
public struct Publication: Sendable {
  /// The stable name, such as "Invoice.Issued".
  public let type: String
  /// The policy it is about, empty where there is none.
  public let about: String
  public let message: any Message
  public let schemaVersion: Int32

  public init(_ type: String, about: String, _ message: any Message, schemaVersion: Int32 = 1) {
    self.type = type
    self.about = about
    self.message = message
    self.schemaVersion = schemaVersion
  }
}
