/// The rules of one aggregate, as values: no I/O, no clock, no randomness.
///
/// `decide` answers a command with events or a refusal; `evolve` folds an event into the state. Time, identifiers and
/// random numbers arrive inside the command, so the same history and the same command always give the same answer.
public protocol Decider {
  associatedtype State: Sendable & Equatable
  associatedtype Command: Sendable
  associatedtype Event: Sendable & Equatable
  associatedtype Refusal: Error & Equatable

  /// The state before anything has happened.
  static var initial: State { get }

  /// The events that follow from `command`, none if it changes nothing, or a refusal that changes nothing.
  static func decide(_ command: Command, in state: State) throws(Refusal) -> [Event]

  /// The state after `event`; traps on a history that `decide` could not have produced.
  static func evolve(_ state: State, with event: Event) -> State
}

extension Decider {
  /// The state after `events`, oldest first, on top of `state`.
  @inlinable
  public static func replay(_ events: some Sequence<Event>, from state: State = initial) -> State {
    events.reduce(state, evolve)
  }
}
