// Everything that happened to one policy, across the contexts, in the order in which it happened.

import Contracts
import Courier
import Kernel

struct HistoryPart {
  struct Day {
    let day: String
    let rows: [Row]
  }

  struct Row {
    let anchor: String
    let time: String
    let context: String
    let type: String
    let words: String
    let tone: String
    let more: [Sheet.Link]
    let correlation: String
    let correlationHref: String
    /// The event that caused it, where it is on the page; otherwise what its context names as the cause.
    let causes: [Sheet.Link]
    let causation: [String]
    /// Who had it done, where somebody had.
    let actor: [String]
  }

  let days: [Day]
  let hasDays: Bool
  let summary: String
  let filter: [Sheet.Link]
  /// Contexts that could not be asked.
  let away: [String]

  /// - Parameter correlation: shows only what one outside act set off; empty shows everything.
  init(of policy: String, correlation: String, in house: House) async {
    var events: [Premia_Common_V1_Envelope] = []
    var away: [String] = []
    for context in House.contexts {
      switch await house.history(about: policy, in: context) {
      case .success(let found): events += found
      case .failure(let problem): away.append(problem.words)
      }
    }
    events = Self.inOrderOfCause(events)
    let shown = correlation.isEmpty ? events : events.filter { $0.correlation == correlation }
    var causes: [String: Premia_Common_V1_Envelope] = [:]
    for event in events { causes[event.id] = event }
    days = shown.chunked(by: { Instant(clamping: $0.timeMicros).date }).map { date, events in
      Day(
        day: Words.day(date),
        rows: events.map { Row($0, of: policy, cause: causes[$0.causation], isShown: correlation.isEmpty) })
    }
    hasDays = !days.isEmpty
    self.away = away
    if correlation.isEmpty {
      summary = Words.count(Int64(events.count), "event") + ", oldest first"
      filter = []
    } else {
      summary = "\(shown.count) of \(Words.count(Int64(events.count), "event")): what \(correlation) set off"
      filter = [Sheet.Link(label: "Show everything", href: "/policies/\(policy)#timeline")]
    }
  }

  /// By time; of what happened at the same time, each event is followed by what it caused. Otherwise the contexts stay
  /// in their order, and each context's events in theirs.
  static func inOrderOfCause(_ events: [Premia_Common_V1_Envelope]) -> [Premia_Common_V1_Envelope] {
    var ordered: [Premia_Common_V1_Envelope] = []
    var placed: Set<String> = []
    for (_, moment) in events.sorted(by: { $0.timeMicros < $1.timeMicros }).chunked(by: \.timeMicros) {
      let here = Set(moment.map(\.id))
      let effects = Dictionary(grouping: moment, by: \.causation)
      func place(_ event: Premia_Common_V1_Envelope) {
        guard placed.insert(event.id).inserted else { return }
        ordered.append(event)
        for effect in effects[event.id] ?? [] { place(effect) }
      }
      for event in moment where !here.contains(event.causation) { place(event) }
      // What names itself as its own cause, however far around.
      for event in moment { place(event) }
    }
    return ordered
  }
}

extension Array {
  /// Neighbours that have the same key, together.
  fileprivate func chunked<Key: Equatable>(by key: (Element) -> Key) -> [(key: Key, elements: [Element])] {
    var chunks: [(key: Key, elements: [Element])] = []
    for element in self {
      let key = key(element)
      if chunks.last?.key == key {
        chunks[chunks.count - 1].elements.append(element)
      } else {
        chunks.append((key, [element]))
      }
    }
    return chunks
  }
}

extension HistoryPart.Row {
  fileprivate init(
    _ event: Premia_Common_V1_Envelope, of policy: String, cause: Premia_Common_V1_Envelope?, isShown: Bool
  ) {
    let words = EventWords(event)
    anchor = event.id
    time = Words.time(Instant(clamping: event.timeMicros))
    context = event.source
    type = event.type
    self.words = words.text
    tone = words.tone.rawValue
    more = words.href.map { [Sheet.Link(label: "Read it", href: $0)] } ?? []
    correlation = event.correlation
    correlationHref = "/policies/\(policy)?correlation=\(event.correlation.percentEncoded)#timeline"
    if let cause {
      causes = [Sheet.Link(label: cause.type, href: isShown ? "#\(cause.id)" : "/policies/\(policy)#\(cause.id)")]
      causation = []
    } else {
      causes = []
      causation = [event.causation]
    }
    actor = ["", "system"].contains(event.actor) ? [] : [event.actor]
  }
}

extension House {
  /// The most of one context that a page shows.
  private static let mostEvents = 2_000

  func history(about policy: String, in context: String) async -> Result<[Premia_Common_V1_Envelope], Problem> {
    await hear {
      let log = try log(of: context)
      var events: [Premia_Common_V1_Envelope] = []
      while events.count < Self.mostEvents {
        var request = Premia_Common_V1_ReadLogRequest()
        request.about = policy
        request.limit = 1_000
        request.afterPosition = events.last?.position ?? 0
        let page = try await log.read(request, options: .bounded).events
        events += page
        if page.count < Int(request.limit) { break }
      }
      return events
    }
  }
}

extension Instant {
  /// A time of somebody else's, brought into what can be shown.
  fileprivate init(clamping microseconds: Int64) {
    let earliest = Instant(date: .earliest).microseconds
    let latest = Instant(date: .latest).microseconds
    self.init(microseconds: min(max(microseconds, earliest), latest))
  }
}
