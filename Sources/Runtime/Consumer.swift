// Reading a feed: each message takes effect once, in order for its subject. A message that fails for good is set
// aside together with everything behind it for the same subject, so that order survives.

public import Contracts
import Kernel
public import SwiftProtobuf
import Synchronization

/// What a context does about one type of event of another context.
public struct Subscription: Sendable {
  public let source: String
  public let type: String
  public let take: @Sendable (Premia_Common_V1_Envelope, inout Unit) async throws -> Void

  /// - Parameter react: gets the contract message; it may run more than once and has no effects beyond the unit.
  public init<Event: Message>(
    _ source: String, _ type: String, _: Event.Type,
    react: @escaping @Sendable (Event, inout Unit) async throws -> Void
  ) {
    self.source = source
    self.type = type
    take = { envelope, unit in
      try await react(try Event(serializedBytes: envelope.data), &unit)
    }
  }
}

/// Takes one feed into one context.
public final class Consumer: Sendable {
  /// The log of record.
  public let feed: any Feed
  private let engine: Engine
  private let part: Part
  private let handlers: [String: Subscription]
  private let caution: Caution
  /// The dead letters of each subject that has any; nil until read from the store.
  private let dead = Mutex<[String: Set<InboxMark>]?>(nil)
  /// Where this consumer has moved its partition's place to; nil where it may be elsewhere.
  private let reached = Mutex<Int64?>(nil)

  /// What it takes of the feed, and how.
  enum Part: Sendable {
    /// All of it, as it is read.
    case whole
    /// The same, beside an `Intake` that takes it in too: whoever is first.
    case beside
    /// One partition, through a broker.
    case partition(Delivery)
    /// Nothing: an `Intake` takes it in, partition by partition. What is left to do is to redrive and to replay.
    case nothing(Partitions)
  }

  public convenience init(engine: Engine, feed: any Feed, subscriptions: [Subscription]) {
    self.init(engine: engine, feed: feed, part: .whole, subscriptions: subscriptions)
  }

  init(engine: Engine, feed: any Feed, part: Part, subscriptions: [Subscription]) {
    self.engine = engine
    self.feed = feed
    self.part = part
    var handlers: [String: Subscription] = [:]
    for subscription in subscriptions {
      precondition(subscription.source == feed.source, "\(subscription.type) is not published by \(feed.source)")
      precondition(handlers.updateValue(subscription, forKey: subscription.type) == nil, "\(subscription.type) twice")
    }
    self.handlers = handlers
    caution = Caution(engine, cursor: Self.cursor(of: part, source: feed.source))
  }

  /// The place up to which everything was taken in or set aside.
  public func cursor() async throws(StoreFailure) -> Int64 {
    let parts: [String]
    switch part {
    case .whole, .beside: parts = []
    case .partition: parts = [Self.cursor(of: part, source: feed.source)]
    case .nothing(let partitions):
      parts = (0..<partitions.count).map { Self.cursor(of: $0, of: partitions, source: feed.source) }
    }
    let places = try await engine.store.cursors([wholeCursor] + parts)
    // What was taken in before there was a broker was taken in of every partition.
    return max(places[0], places.dropFirst().min() ?? 0)
  }

  private var wholeCursor: String { Self.cursor(of: .whole, source: feed.source) }

  private static func cursor(of part: Part, source: String) -> String {
    switch part {
    case .whole, .beside, .nothing: "feed/\(source)"
    case .partition(let delivery): cursor(of: delivery.partition, of: delivery.partitions, source: source)
    }
  }

  private static func cursor(of partition: Int, of partitions: Partitions, source: String) -> String {
    "feed/\(source)/\(partition)of\(partitions.count)"
  }

  /// Takes in the next batch.
  ///
  /// - Returns: how many messages were read; 0 at the end of the feed.
  /// - Throws: `StoreFailure` when the context's own store cannot write; nothing is lost then.
  public func pump() async throws -> Int {
    switch part {
    case .whole, .beside:
      let place = try await engine.store.cursor(wholeCursor)
      let page = try await page(after: place)
      _ = try await takeIn(page, moving: wholeCursor, from: place)
      return page.events.count
    case .partition(let delivery):
      let cursor = Self.cursor(of: part, source: feed.source)
      let (place, start) = try await places(cursor)
      let next = try await delivery.next(after: start, limit: Self.batchSize)
      let isMoved = try await takeIn(next, moving: cursor, from: place)
      if isMoved { reached.withLock { $0 = next.through } }
      // Also of what was delivered again after it was taken in.
      await delivery.acknowledge(through: next.through)
      return next.events.count
    case .nothing:
      return 0
    }
  }

  /// Where this consumer's place is, and up to where everything is taken in. As long as it alone moves its place on, it
  /// knows that by itself.
  private func places(_ cursor: String) async throws(StoreFailure) -> (place: Int64, start: Int64) {
    let known = reached.withLock { reached in
      defer { reached = nil }
      return reached
    }
    if let known { return (known, known) }
    let places = try await engine.store.cursors([wholeCursor, cursor])
    return (places[1], max(places[0], places[1]))
  }

  /// - Returns: whether the place is where the stretch ends.
  private func takeIn(_ stretch: Stretch, moving cursor: String, from place: Int64) async throws -> Bool {
    guard stretch.through > place else { return stretch.through == place }
    var wanted = stretch.events.filter { handlers[$0.type] != nil }
    let withCare = wanted.isEmpty ? false : try await caution.isDue(at: place)
    if isShared && wanted.count > 1 || withCare {
      // A copy that is a little behind another one passes by what that one has done. One message alone finds out when
      // it is committed.
      let known = try await engine.store.taken(wanted.map(mark))
      wanted.removeAll { known.contains(mark($0)) }
    }
    if !wanted.isEmpty { try await learnDead() }
    let move = CursorMove(from: place, to: stretch.through)
    if withCare {
      for message in wanted { try await takeWithCare(message) }
    } else if wanted.count == 1 {
      // What is alone takes the place with it.
      if try await take(wanted[0], moving: (cursor, move)) { return true }
    } else {
      try await takeInLanes(wanted)
    }
    // Where another copy was first it has taken in the same stretch: each message by one of the two.
    return try await engine.move(cursor, move)
  }

  private func page(after place: Int64) async throws -> Stretch {
    let events = try await feed.read(after: place, limit: Self.batchSize)
    return Stretch(events: events, through: events.last?.position ?? place)
  }

  /// Tries dead letters again, in order.
  ///
  /// - Parameter subject: nil for all.
  /// - Returns: how many took effect and how many are still dead.
  public func redrive(subject: String?, dryRun: Bool) async throws -> (redriven: Int, stillDead: Int) {
    let letters = try await engine.store.deadLetters(source: feed.source)
      .filter { subject == nil || $0.subject == subject }
    if dryRun { return (0, letters.count) }
    var failed: Set<String> = []
    var redriven = 0
    for letter in letters where !failed.contains(letter.subject) {
      do {
        try await redrive(letter)
        redriven += 1
        forget(letter)
      } catch let failure as StoreFailure where !failure.isTheMessage {
        throw failure
      } catch is CancellationError {
        throw CancellationError()
      } catch {
        failed.insert(letter.subject)
      }
    }
    return (redriven, letters.count - redriven)
  }

  /// Reads the feed again from a place; what took effect before is skipped.
  public func replay(
    after position: Int64, subject: String?, dryRun: Bool
  ) async throws -> (read: Int, applied: Int, skipped: Int) {
    var place = position
    let end = try await cursor()
    var counts = (read: 0, applied: 0, skipped: 0)
    while place < end {
      let batch = try await feed.read(after: place, limit: Self.batchSize).filter { $0.position <= end }
      guard let last = batch.last else { break }
      place = last.position
      let wanted = batch.filter { handlers[$0.type] != nil && (subject == nil || $0.subject == subject) }
      let known = try await engine.store.taken(wanted.map(mark))
      let missing = wanted.filter { !known.contains(mark($0)) }
      counts.read += wanted.count
      counts.skipped += wanted.count - missing.count
      counts.applied += missing.count
      if !dryRun && !missing.isEmpty {
        try await learnDead()
        try await takeInLanes(missing)
      }
    }
    return counts
  }

  /// Whether others set aside and redrive what this one takes: what is dead must then be asked anew each time.
  private var isShared: Bool {
    switch part {
    case .whole: engine.store.isShared
    case .beside, .partition, .nothing: true
    }
  }

  /// Reads what is dead, unless nobody else changes it.
  private func learnDead() async throws(StoreFailure) {
    guard isShared || dead.withLock({ $0 == nil }) else { return }
    var known: [String: Set<InboxMark>] = [:]
    for letter in try await engine.store.deadLetters(source: feed.source) {
      known[letter.subject, default: []].insert(InboxMark(source: letter.source, messageID: letter.messageID))
    }
    dead.withLock { [known] in $0 = known }
  }

  /// Takes a message alone, or sets aside the one over which processes have ended.
  private func takeWithCare(_ message: Premia_Common_V1_Envelope) async throws {
    let mark = mark(message)
    if dead.withLock({ $0?[message.subject]?.contains(mark) ?? false }) { return }
    if try await caution.mayTry(message.position) {
      try await take(message)
      return
    }
    try await setAside(message, because: "processes ended while it was taken in", attempts: Caution.tries)
  }

  /// One lane per subject, some lanes at a time.
  private func takeInLanes(_ messages: [Premia_Common_V1_Envelope]) async throws {
    var lanes: [String: [Premia_Common_V1_Envelope]] = [:]
    var order: [String] = []
    for message in messages {
      if lanes[message.subject] == nil { order.append(message.subject) }
      lanes[message.subject, default: []].append(message)
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (index, subject) in order.enumerated() {
        if index >= Self.lanesAtOnce { try await group.next() }
        let lane = lanes[subject, default: []]
        group.addTask { [self] in
          for message in lane { try await take(message) }
        }
      }
      try await group.waitForAll()
    }
  }

  /// Takes a message in, or sets it aside.
  ///
  /// - Parameter moving: the consumer's place, which moves on with it.
  /// - Returns: whether it took effect now, and the place has been moved on by this consumer or by another.
  @discardableResult
  private func take(
    _ message: Premia_Common_V1_Envelope, moving cursor: (name: String, move: CursorMove)? = nil
  ) async throws -> Bool {
    if let letters = dead.withLock({ $0?[message.subject] }) {
      // Read again, after a crash or by a replay: what is dead keeps its reason, what took effect does not die.
      let mark = mark(message)
      if letters.contains(mark) { return false }
      if try await engine.store.taken([mark]).contains(mark) { return false }
      let reason = "waits behind an earlier dead letter of \(message.subject)"
      try await setAside(message, because: reason, attempts: 0)
      return false
    }
    var attempt = 0
    while true {
      attempt += 1
      do {
        return try await takeOnce(message, moving: cursor)
      } catch let failure as StoreFailure where !failure.isTheMessage {
        throw failure
      } catch is CancellationError {
        throw CancellationError()
      } catch {
        let final = error is any Refusal || error is StoreFailure || attempt == Self.mostAttempts
        if final {
          try await setAside(message, because: Self.words(for: error), attempts: attempt)
          return false
        }
        try await Task.sleep(for: Backoff.outage.delay(attempt: attempt))
      }
    }
  }

  private func forget(_ letter: DeadLetterRecord) {
    dead.withLock { dead in
      guard var letters = dead?[letter.subject] else { return }
      letters.remove(InboxMark(source: letter.source, messageID: letter.messageID))
      dead?[letter.subject] = letters.isEmpty ? nil : letters
    }
  }

  private func redrive(_ letter: DeadLetterRecord) async throws {
    let envelope = try Premia_Common_V1_Envelope(serializedBytes: letter.envelope)
    if try await takeOnce(envelope, reviving: true) { return }
    // There is nothing to do for it: it took effect by another way, or nobody listens for its type any more.
    var commit = Commit()
    commit.revived = [InboxMark(source: letter.source, messageID: letter.messageID)]
    try await engine.write(commit)
  }

  /// - Returns: whether it took effect now.
  private func takeOnce(
    _ message: Premia_Common_V1_Envelope, reviving: Bool = false, moving cursor: (name: String, move: CursorMove)? = nil
  ) async throws -> Bool {
    guard let subscription = handlers[message.type] else { return false }
    let act = Act(
      correlation: message.correlation, causation: message.id, actor: "system", lineage: message.lineage)
    let mark = mark(message)
    let done: Void? = try await engine.run(act, taking: mark, moving: cursor) { unit in
      if reviving { unit.commit.revived = [mark] }
      try await subscription.take(message, &unit)
    }
    return done != nil
  }

  private func setAside(_ message: Premia_Common_V1_Envelope, because reason: String, attempts: Int) async throws {
    var commit = Commit()
    commit.deadLetters = [
      DeadLetterRecord(
        source: feed.source, position: message.position, messageID: message.id, subject: message.subject,
        envelope: try message.serializedBytes(), reason: reason, attempts: attempts, at: engine.clock.now)
    ]
    try await engine.write(commit)
    dead.withLock { _ = $0?[message.subject, default: []].insert(mark(message)) }
  }

  private func mark(_ message: Premia_Common_V1_Envelope) -> InboxMark {
    InboxMark(source: feed.source, messageID: message.id)
  }

  private static func words(for error: any Error) -> String {
    guard let refusal = error as? any Refusal else { return String(describing: error) }
    return "\(refusal.problem.code): \(refusal.problem.detail)"
  }

  private static let batchSize = 512
  private static let lanesAtOnce = 32
  private static let mostAttempts = 5
}

extension StoreFailure {
  /// Whether the same message would fail again on a healthy store.
  fileprivate var isTheMessage: Bool {
    switch self {
    case .constraint, .corrupt: true
    case .conflict, .answered, .taken, .moved, .full, .unavailable: false
    }
  }
}
