// Past one machine: what PostgreSQL, the broker, copies and services cost, each figure beside its floor of the same
// run.

import ArgumentParser
import Brokers
import Courier
import Foundation
import Kernel
import Runtime

struct ScaleBenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scale", abstract: "PostgreSQL, the broker, copies and services on this machine.",
    discussion: """
      Starts a private PostgreSQL, three NATS servers and the house, once as one process and once each context as its \
      own, all on loopback, and ends them. What each figure is and what its floor is, docs/scale.md says.
      """)

  enum Part: String, CaseIterable, ExpressibleByArgument {
    case commands, copies, broker, services, load
  }

  @OptionGroup var bench: BenchOptions

  @Option(parsing: .upToNextOption, help: "What is measured; everything if absent.")
  var parts: [Part] = Part.allCases

  @Option(help: "How long each measurement takes, about; a part has two or three of them.")
  var seconds = 10

  @Option(help: "Clients of PostgreSQL at once, each with a connection.")
  var clients = 16

  @Option(help: "The configuration directory.")
  var config = "config"

  @Option(help: "The first port; the ports behind it are used too.")
  var port = 18_600

  func validate() throws {
    guard (1...3_600).contains(seconds) else { throw ValidationError("--seconds is 1 to 3600.") }
    guard (1...200).contains(clients) else { throw ValidationError("--clients is 1 to 200.") }
    let last = 65_535 - ScaleBench.portCount
    guard (1_024...last).contains(port) else { throw ValidationError("--port is 1024 to \(last).") }
  }

  func run() async throws {
    try await bench.answer.answering {
      let measured = try await withThrowingTaskGroup(of: [Figure]?.self) { group in
        // Whoever is told to end ends what it started.
        group.addTask {
          await Ending.asked()
          return nil
        }
        group.addTask { try await measure() }
        defer { group.cancelAll() }
        return try await group.next() ?? nil
      }
      guard let measured else { throw ExitCode(130) }
      bench.show(measured)
    }
  }

  private func measure() async throws -> [Figure] {
    try await withScratch(bench.scratch) { directory in
      let needsHouse = !Set(parts).isDisjoint(with: [.services, .load])
      let needsDatabase = needsHouse || !Set(parts).isDisjoint(with: [.commands, .copies])
      let plan = ClusterPlan(
        data: directory, configuration: config, port: port, storage: needsDatabase ? .postgres : .sqlite,
        broker: needsHouse || parts.contains(.broker) ? .nats : .none)
      var bench = ScaleBench(plan, parts: Set(parts), clients: clients, seconds: seconds)
      do {
        let figures = try await bench.measure()
        await bench.end()
        return figures
      } catch {
        await bench.end()
        throw error
      }
    }
  }
}

/// The parts of the bench on servers of its own.
struct ScaleBench {
  private let plan: ClusterPlan
  private let parts: Set<ScaleBenchCommand.Part>
  private let clients: Int
  private let seconds: Int
  private var cluster: Cluster

  /// Ports in use from the plan's on: those of the cluster, and two of the house as one process.
  static let portCount = ClusterPlan.portCount + 2

  init(_ plan: ClusterPlan, parts: Set<ScaleBenchCommand.Part>, clients: Int, seconds: Int) {
    self.plan = plan
    self.parts = parts
    self.clients = clients
    self.seconds = seconds
    cluster = Cluster(plan)
  }

  mutating func end() async { await cluster.stop() }

  mutating func measure() async throws -> [Figure] {
    var figures: [Figure] = []
    try await cluster.startServers(on: Seller.today)
    if parts.contains(.commands) {
      say("commands on PostgreSQL")
      figures.append(try await CommandRate(plan: plan, clients: clients, seconds: seconds).measure())
    }
    if parts.contains(.copies) {
      say("two copies of Payments")
      let declines = try Places(data: plan.data, configuration: plan.configuration).declineTable()
      figures.append(try await CopyRate(plan: plan, declines: declines, seconds: seconds).measure())
    }
    if parts.contains(.broker) {
      say("events through the broker")
      let (nats, partitions) = try nats()
      figures += try await BrokerRate(settings: nats, partitions: partitions, seconds: seconds).measure()
    }
    let whole = parts.contains(.services) ? try await wholeHouse() : nil
    if parts.isDisjoint(with: [.services, .load]) { return figures }
    say("the house apart")
    try await cluster.startContexts()
    if let whole {
      let times = try await linesApart().carrying { [seconds] lines in
        try await SaleTimes.measure(Seller(lines: lines, name: "apart"), seconds: seconds)
      }
      figures += Self.figures(times, beside: whole)
    }
    if parts.contains(.load) { figures += try await load() }
    return figures
  }

  private func load() async throws -> [Figure] {
    say("sales under load")
    let (nats, _) = try nats()
    let loaded = try await linesApart().carrying { [seconds] lines in
      let backlog = try await Backlog.open(nats, lines)
      do {
        let loaded = try await LoadedHouse.measure(lines, backlog, seconds: seconds)
        await backlog.close()
        return loaded
      } catch {
        await backlog.close()
        throw error
      }
    }
    let half = loaded.mostPerSecond / 2
    return [
      Figure("sales kept up with, each context a process", loaded.mostPerSecond, "sales/s"),
      Figure("bound to invoiced at \(half) sales/s, median", loaded.atHalf.percentile(50) ?? 0, "ms"),
      Figure(
        "bound to invoiced at \(half) sales/s, p99 of \(loaded.atHalf.count)", loaded.atHalf.percentile(99) ?? 0, "ms"),
    ]
  }

  /// The same sales in one process with the same database, from outside too.
  private mutating func wholeHouse() async throws -> SaleTimes {
    say("the house as one process")
    let (http, grpc) = (plan.port + ClusterPlan.portCount, plan.port + ClusterPlan.portCount + 1)
    let settings = "\(plan.folder)/whole.yaml"
    let words = """
      http: "127.0.0.1:\(http)"
      listen: "127.0.0.1:\(grpc)"
      storage: {kind: postgres, connection: "\(plan.connection)", schema: "whole_{context}", poolSize: 4, partitions: 2}
      """
    try words.write(toFile: settings, atomically: true, encoding: .utf8)
    try await cluster.start(
      "whole",
      words: [
        "serve", "--data", "\(plan.folder)/whole", "--config", plan.configuration, "--settings", settings,
        "--sandbox", Seller.today.description,
      ], port: grpc)
    var lines: [String: Line] = [:]
    for context in House.contextNames {
      lines[context] = try Line(to: context, at: [Address(host: "127.0.0.1", port: grpc)], security: .plaintext)
    }
    let times = try await lines.carrying { [seconds] lines in
      try await SaleTimes.measure(Seller(lines: lines, name: "whole"), seconds: seconds)
    }
    await cluster.stopLast()
    return times
  }

  private func linesApart() throws(Problem) -> [String: Line] {
    try network().lines(besides: Share(only: Share.edge))
  }

  private func nats() throws(Problem) -> (NATSSettings, Partitions) {
    guard case .nats(let nats, let partitions) = try network().broker else {
      preconditionFailure("the plan has a broker of NATS servers")
    }
    return (nats, partitions)
  }

  private func network() throws(Problem) -> Network { try Network(Settings(path: plan.settings, environment: [:])) }

  private static func figures(_ apart: SaleTimes, beside whole: SaleTimes) -> [Figure] {
    [
      Figure(
        "a sale in four calls, each context a process, median", apart.calls.percentile(50) ?? 0, "ms",
        floor: whole.calls.percentile(50)),
      Figure(
        "a sale up to its invoice, each context a process, median", apart.invoiced.percentile(50) ?? 0, "ms",
        floor: whole.invoiced.percentile(50)),
    ]
  }

  private func say(_ words: String) { Terminal.error("bench: \(words)") }
}

extension [String: Line] {
  /// Carries calls while the body runs.
  fileprivate func carrying<Answer: Sendable>(
    _ body: @escaping @Sendable (Lines) async throws -> Answer
  ) async throws -> Answer {
    try await withThrowingTaskGroup(of: Answer?.self) { group in
      for line in values {
        group.addTask {
          try await line.run()
          return nil
        }
      }
      group.addTask { try await body(Lines(self)) }
      defer { for line in values { line.close() } }
      for try await answer in group { if let answer { return answer } }
      throw CancellationError()
    }
  }
}
