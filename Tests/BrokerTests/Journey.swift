// A source, a broker and a receiver, as far apart as tests need them.

import Brokers
import Contracts
import Kernel
import Runtime
import SwiftProtobuf
import Synchronization
import Testing

/// Every broker is tried with the same tests.
enum BrokerKind: String, CaseIterable, Sendable {
  case memory
  case nats
  case kafka

  /// - Parameter acknowledgeWithin: what is not acknowledged by then is delivered again.
  func withBroker(
    acknowledgeWithin: Duration = .seconds(1), _ body: (TestBroker) async throws -> Void
  ) async throws {
    switch self {
    case .memory:
      try await body(.memory(MemoryBroker(acknowledgeWithin: acknowledgeWithin)))
    case .nats:
      let server = try await NATSServer()
      defer { server.end() }
      var settings = server.settings
      settings.acknowledgeWithin = acknowledgeWithin
      let broker = try await NATSBroker.open(settings)
      try await Self.closing(broker) { try await body(.nats(broker, server)) }
    case .kafka:
      let server = try await KafkaServer()
      defer { server.end() }
      var settings = server.settings
      settings.acknowledgeWithin = acknowledgeWithin
      let broker = try await KafkaBroker.open(settings)
      try await Self.closing(broker) { try await body(.kafka(broker, server)) }
    }
  }

  private static func closing(_ broker: any Broker, _ body: () async throws -> Void) async throws {
    do {
      try await body()
      await broker.close()
    } catch {
      await broker.close()
      throw error
    }
  }
}

/// A broker with the faults that happen to it.
enum TestBroker: Sendable {
  case memory(MemoryBroker)
  case nats(NATSBroker, NATSServer)
  case kafka(KafkaBroker, KafkaServer)

  var port: any Broker {
    switch self {
    case .memory(let broker): broker
    case .nats(let broker, _): broker
    case .kafka(let broker, _): broker
    }
  }

  /// Whether it keeps one of two parcels with the same id, or both.
  var recognisesParcels: Bool {
    switch self {
    case .memory, .nats: true
    case .kafka: false
    }
  }

  /// Whether what it stored is there when it is started again.
  var hasDisk: Bool {
    switch self {
    case .memory, .nats: true
    // The mock, not Kafka.
    case .kafka: false
    }
  }

  func kill() {
    switch self {
    case .memory(let broker): broker.contents.withLock { $0.isDown = true }
    case .nats(_, let server): server.killAtOnce()
    case .kafka(_, let server): server.killAtOnce()
    }
  }

  /// Starts what was killed.
  func start(losingAll: Bool = false) async throws {
    switch self {
    case .memory(let broker):
      broker.contents.withLock { contents in
        if losingAll { contents = MemoryBroker.Contents() }
        contents.isDown = false
      }
    case .nats(_, let server):
      if losingAll { try server.loseStore() }
      try await server.start()
    case .kafka(_, let server): try await server.start()
    }
  }
}

/// What was published by whom, and what became of it.
struct Journey: Sendable {
  let source = Engine(
    context: "tallying", store: MemoryStore(), clock: SandboxClock(Instant(microseconds: 1_800_000_000_000_000)))
  let receiver = Engine(
    context: "listening", store: MemoryStore(), clock: SandboxClock(Instant(microseconds: 1_800_000_000_000_000)))
  let partitions = Partitions(4)
  let poison = Shared<Set<Int64>>([])
  let troubles = Shared<[String]>([])

  var log: StoreFeed { StoreFeed(source: "tallying", store: source.store) }

  /// Publishes amounts, each in a commit of its own.
  func publish(_ amounts: Range<Int64>, of subjects: [String]) async throws {
    for amount in amounts {
      let subject = subjects[Int(amount) % subjects.count]
      try await source.run(Act(correlation: "test")) { unit in
        _ = try await unit.decide(Tally.self, StreamID(subject), .take(amount))
      }
    }
  }

  /// Hands over all that was published.
  func relay(through broker: any Broker) async throws {
    let relay = Relay(engine: source, broker: broker, partitions: partitions)
    while try await relay.pump() ?? 0 > 0 {}
    await Task { await relay.run() }.cancelled()
  }

  /// A copy of the receiver that works until it is stopped.
  func copy(_ broker: any Broker, _ change: (inout Intake.Limits) -> Void = { _ in }) -> Copy {
    var limits = Intake.Limits()
    limits.lease = .milliseconds(600)
    limits.patience = .milliseconds(100)
    limits.pause = .milliseconds(100)
    limits.lookEvery = .milliseconds(400)
    change(&limits)
    let takes = Shared<[Int64]>([])
    let subscription = Subscription("tallying", "Tally.Took", Google_Protobuf_Int64Value.self) { event, unit in
      if poison.value.contains(event.value) { throw Tally.Refusal.poison(event.value) }
      takes.change { $0.append(event.value) }
      _ = try await unit.decide(Tally.self, StreamID(subject(of: event.value)), .take(event.value))
    }
    let intake = Intake(
      engine: receiver, log: log, broker: broker, partitions: partitions, subscriptions: [subscription],
      limits: limits)
    let task = Task { await intake.run { trouble in troubles.change { $0.append("\(trouble)") } } }
    return Copy(task: task, takes: takes, consumer: intake.consumer, shortcut: intake.shortcut)
  }

  /// Amounts belong to a tally of the receiver by their last digit.
  func subject(of amount: Int64) -> String { "s\(amount % 10)" }

  /// What the receiver took, by the last digit of the amounts.
  func taken() async throws -> [String: [Int64]] {
    var taken: [String: [Int64]] = [:]
    for digit in 0..<10 {
      let amounts = try await receiver.state(of: Tally.self, StreamID("s\(digit)")).amounts
      if !amounts.isEmpty { taken["s\(digit)"] = amounts }
    }
    return taken
  }

  /// Waits until the receiver has everything, once and in order.
  func waitFor(_ amounts: Range<Int64>, within seconds: Int = 60) async throws {
    let expected = Dictionary(grouping: amounts, by: subject(of:))
    for _ in 0..<(seconds * 50) {
      if try await taken() == expected { return }
      try await Task.sleep(for: .milliseconds(20))
    }
    #expect(try await taken() == expected, "troubles: \(troubles.value.suffix(3))")
  }

  /// Waits until so many parcels are not acknowledged: what takes effect is acknowledged a moment after it.
  func waitFor(lag: Int64, on broker: any Broker) async throws {
    func left() async throws -> Int64 { try await broker.lag(of: "listening", behind: "tallying").values.reduce(0, +) }
    for _ in 0..<3_000 {
      if try await left() == lag { return }
      try await Task.sleep(for: .milliseconds(20))
    }
    #expect(try await left() == lag)
  }
}

/// Ten subjects; amounts go to them by their last digit.
let subjects = (0..<10).map { "t\($0)" }

/// A copy at work.
struct Copy {
  let task: Task<Void, Never>
  let takes: Shared<[Int64]>
  let consumer: Consumer
  let shortcut: Consumer

  func stop() async { await task.cancelled() }
}

extension Task where Failure == Never, Success == Void {
  /// Ends it and waits for its end.
  func cancelled() async {
    cancel()
    await value
  }
}

final class Shared<Value: Sendable>: Sendable {
  private let mutex: Mutex<Value>

  init(_ value: Value) { mutex = Mutex(value) }

  var value: Value { mutex.withLock { $0 } }

  func change(_ body: @Sendable (inout Value) -> Void) { mutex.withLock { body(&$0) } }
}
