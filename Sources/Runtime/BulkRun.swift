// A bulk run: one question asked of a whole book, a page at a time. How far it got is an aggregate of its own, decided
// in the transaction that changes the page's streams: a run that is stopped anywhere goes on behind its last page.
//
// Words: a subject is a stream that is asked; a subject is changed, left as it is for a reason that is named, or parked
// with its problem. A pass is one walk through the book; a run that is done and begun again makes another.

public import Kernel

public enum BulkRun: Aggregate {
  public static let kind = "bulk_run"

  /// How many subjects of one state and level were changed, and their monthly amounts before and after.
  public struct Total: Hashable, Sendable, Codable {
    public let state: String
    public let level: String
    public internal(set) var subjects: Int64
    public internal(set) var beforeCents: Int64
    public internal(set) var afterCents: Int64

    /// Of one subject.
    public init(state: String, level: String, beforeCents: Int64, afterCents: Int64) {
      self.state = state
      self.level = level
      subjects = 1
      self.beforeCents = beforeCents
      self.afterCents = afterCents
    }
  }

  /// How many subjects were left as they are for one reason.
  public struct Left: Hashable, Sendable, Codable {
    /// A stable name, such as "policy.already_renewed".
    public let code: String
    public internal(set) var subjects: Int64
  }

  /// A subject that could not be changed, and why; it did not stop the run.
  public struct Parked: Hashable, Sendable, Codable {
    public let subject: String
    public let code: String
    public let detail: String
    public let remedy: String

    init(_ subject: StreamID, _ problem: Problem) {
      self.subject = subject.rawValue
      code = problem.code
      detail = problem.detail
      remedy = problem.remedy
    }
  }

  /// What became of some subjects that follow each other.
  public struct Page: Hashable, Sendable, Codable {
    /// The last of them.
    public let to: String
    public internal(set) var seen: Int64 = 0
    public internal(set) var totals: [Total] = []
    public internal(set) var left: [Left] = []
    public internal(set) var parked: [Parked] = []

    init(to: StreamID) { self.to = to.rawValue }
  }

  public struct Progress: Hashable, Sendable, Codable {
    /// From 1.
    public let pass: Int
    public let begunOn: CalendarDate
    /// The last subject that was looked at; empty before the first.
    public fileprivate(set) var cursor = ""
    public fileprivate(set) var seen: Int64 = 0
    public fileprivate(set) var parked: Int64 = 0
    /// In the order of states and levels.
    public fileprivate(set) var totals: [Total] = []
    /// In the order of codes.
    public fileprivate(set) var left: [Left] = []

    init(pass: Int, begunOn: CalendarDate) {
      self.pass = pass
      self.begunOn = begunOn
    }

    public var changed: Int64 { totals.reduce(0) { $0 + $1.subjects } }
  }

  public enum State: Hashable, Sendable, Codable {
    case none
    case running(Progress)
    case done(Progress)
  }

  public enum Command: Sendable {
    /// Goes on where a pass was stopped, or makes another.
    case begin(on: CalendarDate)
    case advance(from: String, Page)
    case finish
  }

  public enum Event: Hashable, Sendable, Codable {
    case began(pass: Int, on: CalendarDate)
    case advanced(Page)
    case finished
  }

  public enum Refusal: Kernel.Refusal, Hashable {
    case notRunning
    /// Somebody else makes the same run, and is here.
    case overtaken(at: String)
  }

  public static var initial: State { .none }

  public static func name(of event: Event) -> String {
    switch event {
    case .began: "began"
    case .advanced: "advanced"
    case .finished: "finished"
    }
  }

  public static func decide(_ command: Command, in state: State) throws(Refusal) -> [Event] {
    switch (command, state) {
    case (.begin(let today), .none): return [.began(pass: 1, on: today)]
    case (.begin, .running): return []
    case (.begin(let today), .done(let progress)): return [.began(pass: progress.pass + 1, on: today)]
    case (.advance(let from, let page), .running(let progress)):
      guard progress.cursor == from else { throw .overtaken(at: progress.cursor) }
      return [.advanced(page)]
    case (.finish, .running): return [.finished]
    case (.advance, .none), (.advance, .done), (.finish, .none), (.finish, .done): throw .notRunning
    }
  }

  public static func evolve(_ state: State, with event: Event) -> State {
    switch (state, event) {
    case (.none, .began(let pass, let date)), (.done, .began(let pass, let date)):
      return .running(Progress(pass: pass, begunOn: date))
    case (.running(var progress), .advanced(let page)):
      progress.add(page)
      return .running(progress)
    case (.running(let progress), .finished):
      return .done(progress)
    case (.none, _), (.running, .began), (.done, _):
      preconditionFailure("history is corrupt: \(event) in \(state)")
    }
  }
}

extension BulkRun.State {
  public var progress: BulkRun.Progress? {
    switch self {
    case .none: nil
    case .running(let progress), .done(let progress): progress
    }
  }
}

extension BulkRun.Progress {
  mutating func add(_ page: BulkRun.Page) {
    cursor = page.to
    seen += page.seen
    parked += Int64(page.parked.count)
    for total in page.totals { totals.add(total) }
    for reason in page.left { left.add(reason) }
  }
}

// Kept in order, so that the same run is the same bytes.

extension [BulkRun.Total] {
  /// Adds to the total of its state and level.
  public mutating func add(_ more: BulkRun.Total) {
    let place = firstIndex { ($0.state, $0.level) >= (more.state, more.level) } ?? endIndex
    guard place < endIndex, self[place].state == more.state, self[place].level == more.level else {
      return insert(more, at: place)
    }
    self[place].subjects += more.subjects
    self[place].beforeCents += more.beforeCents
    self[place].afterCents += more.afterCents
  }
}

extension [BulkRun.Left] {
  mutating func add(_ more: BulkRun.Left) {
    let place = firstIndex { $0.code >= more.code } ?? endIndex
    guard place < endIndex, self[place].code == more.code else { return insert(more, at: place) }
    self[place].subjects += more.subjects
  }
}

extension BulkRun.Refusal {
  public var problem: Problem {
    switch self {
    case .notRunning:
      Problem(
        kind: .conflict, code: "run.not_running", detail: "The run was not begun, or is done already.",
        remedy: "Begin it again to make another pass.")
    case .overtaken(let cursor):
      Problem(
        kind: .conflict, code: "run.overtaken",
        detail: "Somebody else makes the same run\(cursor.isEmpty ? "" : " and is at \(cursor)").",
        remedy: "Let that run end; if it was stopped, begin the run again and it goes on from there.")
    }
  }
}
