// cluster: the house apart, on one machine.

import ArgumentParser
import Kernel

extension ClusterPlan.Storage: ExpressibleByArgument {}
extension ClusterPlan.Broker: ExpressibleByArgument {}

struct ClusterCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cluster", abstract: "Run the house apart, each context as its own process.", subcommands: [Up.self])

  struct Up: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Start everything on this machine and keep it running, for development and tests.",
      discussion: """
        Starts a private PostgreSQL, three NATS servers, each context and the edge, all on loopback, with \
        certificates of an authority of its own. What dies is started again. Ctrl-C ends everything in order, and \
        nothing outlives this process.
        """)

    @Flag(help: "On this machine; there is no other way. Elsewhere use deploy/.")
    var local = false

    @Option(help: "The directory of the cluster, with its data, certificates and logs.")
    var data = ".data/cluster"

    @Option(help: "The configuration directory.")
    var config = "config"

    @Option(help: "The port of the page; the ports behind it are used too.")
    var port = 8080

    @Option(help: "Where the contexts are kept: postgres or sqlite.")
    var storage = ClusterPlan.Storage.postgres

    @Option(help: "What carries events: nats, or none where logs are read.")
    var broker = ClusterPlan.Broker.nats

    @Option(help: "For a new directory: a clock that starts on this day and stands still until it is moved.")
    var sandbox: CalendarDate?

    @OptionGroup var answer: AnswerOptions

    struct Running: Encodable {
      let name: String
      let pid: String
      let address: String
      let log: String
    }

    struct Answer: Encodable {
      let programs: [Running]
      let page: String
      let settings: String
      let data: String
    }

    func validate() throws {
      guard local else {
        throw ValidationError("Say --local: this is for one machine. docs/operations.md has the rest.")
      }
      let last = 65_535 - ClusterPlan.portCount
      guard (1_024...last).contains(port) else { throw ValidationError("--port is 1024 to \(last).") }
    }

    func run() async throws {
      try await answer.answering {
        let plan = ClusterPlan(data: data, configuration: config, port: port, storage: storage, broker: broker)
        var cluster = Cluster(plan)
        do {
          try await cluster.start(on: sandbox)
        } catch {
          await cluster.stop()
          throw error
        }
        let running = Answer(
          programs: cluster.programs.map {
            Running(name: $0.name, pid: $0.pid, address: plan.address(of: $0), log: $0.log)
          }, page: "http://127.0.0.1:\(plan.port)/", settings: plan.settings, data: plan.data)
        if answer.json { Terminal.printJSON(running) } else { Terminal.print(Self.words(for: running)) }
        Terminal.error("Press Ctrl-C to end.")
        await Ending.asked()
        Terminal.error("Ending, the edge first.")
        await cluster.stop()
      }
    }

    private static func words(for running: Answer) -> String {
      var table = TextTable(["what", "pid", "address", "log"], numeric: [1])
      for program in running.programs { table.add(program.name, program.pid, program.address, program.log) }
      return """
        \(table.text)

        page      \(running.page)
        settings  \(running.settings)
        data      \(running.data)
        """
    }
  }
}

extension ClusterPlan {
  /// Where a program is found.
  fileprivate func address(of program: Program) -> String {
    if program.name == Share.edge { return "127.0.0.1:\(port)" }
    if House.contextNames.contains(program.name) { return "127.0.0.1:\(port(of: program.name))" }
    for (number, ports) in brokerPorts.enumerated() where program.name == "nats-\(number + 1)" {
      return "127.0.0.1:\(ports.clients)"
    }
    return socket
  }
}
