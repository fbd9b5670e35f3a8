// A whole house on one machine, each part a process: PostgreSQL, three servers of a broker, each context and the edge.
// For development and tests.

import Foundation
import Kernel

/// What runs, in the order in which it was started.
struct Cluster: Sendable {
  private struct Stage: Sendable {
    let programs: [Program]
    let running: [Task<Void, Never>]
  }

  private let plan: ClusterPlan
  private var stages: [Stage] = []

  init(_ plan: ClusterPlan) { self.plan = plan }

  /// Every program that runs.
  var programs: [Program] { stages.flatMap(\.programs) }

  /// Makes what is missing and starts everything, each stage when the one before it answers.
  ///
  /// - Parameter start: the first business day of a new cluster's sandbox; nil for the machine's time.
  /// - Throws: `Problem` naming the program that is missing or does not come up.
  mutating func start(on start: CalendarDate?) async throws {
    try prepare(start: start)
    if plan.storage == .postgres { try await startDatabase() }
    if plan.broker == .nats { try await startBroker() }
    let premia = Self.premia
    run(House.contextNames.map { plan.service($0, premia: premia) })
    for context in House.contextNames { try await waitFor(context, at: plan.port(of: context)) }
    run([plan.service(Share.edge, premia: premia)])
    try await waitFor(Share.edge, at: plan.port)
  }

  /// Ends everything, the last first; each stage when the one behind it is gone.
  mutating func stop() async {
    while let stage = stages.popLast() {
      for task in stage.running { task.cancel() }
      for task in stage.running { await task.value }
    }
    try? FileManager.default.removeItem(atPath: plan.socket)
  }

  private mutating func run(_ programs: [Program]) {
    stages.append(Stage(programs: programs, running: programs.map { program in Task { await program.keepRunning() } }))
  }

  /// Waits until somebody answers at a port of this machine.
  private func waitFor(_ name: String, at port: Int) async throws {
    try await waitFor(name) { LocalPort.isOpen(port) }
  }

  private func waitFor(_ name: String, until isThere: () -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(90)
    while !isThere() {
      guard ContinuousClock.now < end else {
        throw Problem(
          kind: .unavailable, code: "cluster.start", detail: "\(name) has not come up in 90 seconds.",
          remedy: "Look into \(plan.folder)/log/\(name).log.")
      }
      try await Task.sleep(for: .milliseconds(100))
    }
  }

  /// This program itself.
  private static var premia: String {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
  }
}

// MARK: - What is made before the start

extension Cluster {
  private func prepare(start: CalendarDate?) throws {
    for port in plan.port..<(plan.port + ClusterPlan.portCount) where LocalPort.isOpen(port) {
      throw Problem(
        kind: .conflict, code: "cluster.port", detail: "Somebody listens at port \(port) already.",
        remedy: "End that, or choose another first port with --port; \(ClusterPlan.portCount) from there are used.")
    }
    for folder in ["data", "log", "run", "certificates", "secrets"] {
      try FileManager.default.createDirectory(atPath: "\(plan.folder)/\(folder)", withIntermediateDirectories: true)
    }
    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: plan.secrets)
    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: plan.certificates)
    try makeCertificates()
    try write(plan.settingsText, to: plan.settings)
    // Made before anybody asks for the day.
    _ = try HouseClock(Places(data: plan.data, configuration: plan.configuration), start: start)
  }

  private func write(_ text: String, to path: String) throws {
    try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
  }

  /// An authority, and a certificate for each part and for whoever asks by hand.
  private func makeCertificates() throws {
    func isThere(_ name: String) -> Bool {
      FileManager.default.fileExists(atPath: "\(plan.certificates)/\(name).pem")
    }
    func openssl(_ words: String, _ more: [String] = []) throws {
      try Tool.run(["openssl"] + words.split(separator: " ").map(String.init) + more, in: plan.certificates)
    }
    let newKey = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
    if !isThere("authority") {
      try openssl(
        "req -x509 \(newKey) -keyout authority.key -out authority.pem -days 3650", ["-subj", "/CN=premia cluster"])
    }
    for name in House.contextNames + [Share.edge, "operator"] where !isThere(name) {
      try write("subjectAltName=DNS:\(name)\n", to: "\(plan.certificates)/\(name).ext")
      try openssl("req \(newKey) -keyout \(name).key -out \(name).csr -subj /CN=\(name)")
      try openssl(
        "x509 -req -in \(name).csr -CA authority.pem -CAkey authority.key -CAcreateserial -out \(name).pem -days 365 "
          + "-extfile \(name).ext")
    }
  }
}

// MARK: - Servers of others

extension Cluster {
  private mutating func startDatabase() async throws {
    let installed = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
    guard let newest = installed.compactMap(Int.init).max() else {
      throw Self.missing(
        "PostgreSQL", "in /usr/lib/postgresql", "Install Debian's 'postgresql', or use --storage sqlite.")
    }
    let programs = "/usr/lib/postgresql/\(newest)/bin"
    // PostgreSQL does not run as root.
    let isRoot = getuid() == 0
    let user = isRoot ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : []
    for folder in [plan.database, plan.socket] {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      if isRoot { try Tool.run(["chown", "postgres:", folder], in: plan.folder) }
    }
    let cluster = "\(plan.database)/cluster"
    if !FileManager.default.fileExists(atPath: "\(cluster)/PG_VERSION") {
      try Tool.run(
        user + [
          "\(programs)/initdb", "--pgdata=\(cluster)", "--username=premia", "--auth=trust", "--locale=C",
          "--encoding=UTF8", "--no-instructions",
        ], in: plan.socket)
    }
    run([
      plan.program(
        "postgres",
        ["/usr/bin/env"] + user + [
          "\(programs)/postgres", "-D", cluster, "-c", "listen_addresses=", "-c",
          "unix_socket_directories=\(plan.socket)", "-c", "max_connections=300", "-c", "max_locks_per_transaction=256",
        ], ending: "INT")
    ])
    let socket = plan.socket
    try await waitFor("postgres") {
      Tool.succeeds(
        ["\(programs)/pg_isready", "--quiet", "--host=\(socket)", "--username=premia", "--dbname=postgres"],
        in: socket)
    }
  }

  private mutating func startBroker() async throws {
    let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    let found = ([".venv/bin"] + path).map { "\($0)/nats-server" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
    guard let found else {
      throw Self.missing(
        "nats-server", "in .venv/bin or the PATH",
        "'make test' installs it (scripts/servers.txt); or use --broker none.")
    }
    var passwords: [String: String] = [:]
    for user in ["premia", "system"] {
      let password = (0..<4).map { _ in String(UInt32.random(in: .min ... .max), radix: 16) }.joined()
      passwords[user] = password
      try write(password + "\n", to: "\(plan.secrets)/\(user)")
    }
    var servers: [Program] = []
    for number in 0..<3 {
      let configuration = "\(plan.secrets)/nats-\(number + 1).conf"
      try write(plan.brokerText(number, passwords: passwords), to: configuration)
      servers.append(
        plan.program("nats-\(number + 1)", [ClusterPlan.absolute(found), "-c", configuration]))
    }
    run(servers)
    for (number, ports) in plan.brokerPorts.enumerated() { try await waitFor("nats-\(number + 1)", at: ports.clients) }
  }

  private static func missing(_ what: String, _ place: String, _ remedy: String) -> Problem {
    Problem(
      kind: .precondition, code: "cluster.missing", detail: "There is no \(what) \(place).", remedy: remedy)
  }
}

/// A port of this machine.
enum LocalPort {
  /// Whether somebody answers there.
  static func isOpen(_ port: Int) -> Bool {
    let opened = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard opened >= 0 else { return false }
    defer { close(opened) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(clamping: port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(opened, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }
}
