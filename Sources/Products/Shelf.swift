// The one aggregate of the catalogue: a thing that is published in editions, one stream for each thing.

package import Kernel
package import Runtime

package enum Shelf<Item: CatalogueItem>: Aggregate {
  package typealias State = Editions<Item>

  package enum Command: Sendable {
    case publish(Item, from: CalendarDate, to: CalendarDate?, source: String, today: CalendarDate)
  }

  package enum Event: Codable, Equatable, Sendable {
    case published(Edition<Item>)
  }

  package static var kind: String { Item.kind.rawValue }
  package static var initial: Editions<Item> { Editions() }

  package static func stream(_ name: String) -> StreamID { StreamID("\(kind)/\(name)") }

  package static func name(of event: Event) -> String {
    switch event {
    case .published: "published"
    }
  }

  /// What was published before changes nothing. A new edition replaces those of days to come, never of days gone by.
  package static func decide(_ command: Command, in state: State) throws(ShelfRefusal) -> [Event] {
    switch command {
    case .publish(let item, let from, let to, let source, let today):
      for known in state.all where known.item == item && known.from == from && known.to == to { return [] }
      for segment in state.inForce.segments {
        let replaced = max(segment.start, from)
        let isReplaced = (segment.end.map { replaced < $0 } ?? true) && (to.map { replaced < $0 } ?? true)
        if isReplaced, replaced <= today {
          throw .inForce(state.all[segment.value - 1].reference, on: replaced, today: today)
        }
      }
      return [.published(Edition(number: state.all.count + 1, item: item, from: from, to: to, source: source))]
    }
  }

  package static func evolve(_ state: State, with event: Event) -> State {
    switch event {
    case .published(let edition):
      var state = state
      state.add(edition)
      return state
    }
  }

  package static func rows(for recorded: Recorded<Event>, in state: State) -> [RowChange] {
    switch recorded.event {
    case .published(let edition): [ProductsTables.row(of: edition)]
    }
  }

  package static func publications(of recorded: Recorded<Event>, in state: State) -> [Publication] {
    switch recorded.event {
    case .published(let edition): [Item.publication(of: edition)]
    }
  }
}

/// Why an edition was not published.
package enum ShelfRefusal: Refusal, Equatable {
  /// It would change what another edition has been saying since before tomorrow.
  case inForce(String, on: CalendarDate, today: CalendarDate)

  /// What, where and why, in a phrase.
  package var reason: String {
    switch self {
    case .inForce(let edition, let date, let today):
      "\(edition) is in force on \(date), and what is in force up to today, \(today), cannot be changed"
    }
  }

  package var problem: Problem {
    switch self {
    case .inForce(_, _, let today):
      Problem(
        kind: .conflict, code: "products.in_force", detail: "\(reason).",
        remedy: "Publish a new edition that starts after \(today).")
    }
  }
}
