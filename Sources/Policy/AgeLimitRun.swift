// The part of the day's work that needs rates: children who reach the age limit leave, and the others are rated anew.

import Kernel
import Runtime

struct AgeLimitRun: Sendable {
  let engine: Engine
  let pricing: Pricing
  let day: CalendarDate
  let act: Act

  /// Policies looked at in one go.
  private static let page = 500

  struct Report {
    var events: Int64 = 0
    /// The policies that have no rates without the child, or refuse the change.
    var parked: [StreamID: Problem] = [:]
  }

  func run() async throws -> Report {
    var report = Report()
    var place: DuePlace?
    while true {
      let page = try await engine.store.due(
        Policy.kind, through: Instant(date: day), after: place, limit: Self.page)
      guard let last = page.last, let due = last.due else { return report }
      place = DuePlace(due: due, stream: last.stream)
      for stored in page {
        do {
          report.events += try await removeWhoIsTooOld(from: stored.stream)
        } catch let refusal as any Refusal {
          report.parked[stored.stream] = refusal.problem
        }
      }
    }
  }

  private func removeWhoIsTooOld(from stream: StreamID) async throws -> Int64 {
    let events = try await engine.run(act) { [pricing, day] unit in
      var events: Int64 = 0
      var state = try await unit.state(of: Policy.self, stream)
      while let limit = state.held?.ageLimit(dueOn: day), Policy.allows(.endorse, in: state.stage) {
        let wish = Policy.Wish(
          change: .removeMember(party: limit.party), reason: .age, event: nil, effective: nil)
        let command = try await pricing.endorsement(wish, of: state, on: day)
        state = try await unit.decide(Policy.self, stream, command)
        events += 1
      }
      return events
    }
    return events ?? 0
  }
}
