// events: the published logs, and the messages that could not be taken in.

import ArgumentParser
import Contracts
import Courier
import Foundation
import Kernel
import Runtime
import SwiftProtobuf

struct EventsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "events", abstract: "Look at published events, and mend what could not be taken in.",
    subcommands: [Tail.self, Replay.self, Dead.self, Redrive.self])

  struct Shown: Encodable {
    let position: Int64
    let time: String
    let source: String
    let type: String
    let subject: String
    let about: String
    let correlation: String
    let causation: String
    let actor: String
    let id: String

    init(_ event: Premia_Common_V1_Envelope) {
      position = event.position
      time = Instant(microseconds: event.timeMicros).description
      source = event.source
      type = event.type
      subject = event.subject
      about = event.about
      correlation = event.correlation
      causation = event.causation
      actor = event.actor
      id = event.id
    }
  }

  struct Tail: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show the newest published events.")

    @OptionGroup var options: HouseOptions

    @Option(help: "Only this context.")
    var context: String?

    @Option(help: "Only what is about this policy.")
    var about: String?

    @Option(name: [.customShort("n"), .long], help: "How many of each context, at most 1,000.")
    var count: Int32 = 20

    func run() async throws {
      try await options.withHouse { house in
        var events: [Premia_Common_V1_Envelope] = []
        for name in context.map({ [$0] }) ?? House.contextNames {
          let log = try house.log(of: name)
          var request = Premia_Common_V1_ReadLogRequest()
          request.limit = count
          request.about = about ?? ""
          if about == nil {
            let last = try await RemoteFeed(source: name, log: log).last()
            request.afterPosition = max(0, last - Int64(count))
          }
          events += try await ask { [request] in try await log.read(request, options: .bounded) }.events
        }
        events.sort { ($0.timeMicros, $0.source, $0.position) < ($1.timeMicros, $1.source, $1.position) }
        if options.json { return Terminal.printJSON(events.map(Shown.init)) }
        if events.isEmpty { return Terminal.print("Nothing has been published yet.") }
        var table = TextTable(["time", "source", "position", "type", "subject", "by", "correlation"], numeric: [2])
        for event in events.map(Shown.init) {
          table.add(
            event.time, event.source, "\(event.position)", event.type, event.subject, event.actor, event.correlation)
        }
        Terminal.print(table.text)
      }
    }
  }

  struct Replay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Let a context read another's log again; what took effect before is skipped.")

    @OptionGroup var options: HouseOptions

    @Argument(help: "The context that reads.")
    var context: String

    @Option(help: "The context that published.")
    var source: String

    @Option(help: "Behind this position.")
    var from: Int64 = 0

    @Option(help: "Only this subject.")
    var subject: String = ""

    @Flag(help: "Only count.")
    var dryRun = false

    struct Answer: Encodable {
      let read: Int64
      let applied: Int64
      let skipped: Int64
      let dryRun: Bool
    }

    func run() async throws {
      try await options.withHouse { house in
        let log = try house.log(of: context)
        var request = Premia_Common_V1_ReplayRequest()
        request.source = source
        request.fromPosition = from
        request.subject = subject
        request.dryRun = dryRun
        let answer = try await ask { [request] in try await log.replay(request, options: .long) }
        try await house.drain()
        if options.json {
          Terminal.printJSON(
            Answer(read: answer.read, applied: answer.applied, skipped: answer.skipped, dryRun: dryRun))
        } else {
          Terminal.print(
            "\(answer.read) messages read, \(answer.applied) \(dryRun ? "would be " : "")applied, "
              + "\(answer.skipped) had taken effect before."
          )
        }
      }
    }
  }

  struct Dead: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the messages that could not be taken in, and what waits behind them.",
      discussion: "Exit code 3 where there are any.")

    @OptionGroup var options: HouseOptions

    struct Letter: Encodable {
      let context: String
      let source: String
      let position: Int64
      let type: String
      let subject: String
      let reason: String
      let attempts: Int32
    }

    func run() async throws {
      try await options.withHouse { house in
        var letters: [Letter] = []
        for name in House.contextNames {
          let log = try house.log(of: name)
          let found = try await ask { try await log.listDeadLetters(.init(), options: .bounded) }.letters
          letters += found.map { letter in
            Letter(
              context: name, source: letter.source, position: letter.position, type: letter.type,
              subject: letter.subject, reason: letter.reason, attempts: letter.attempts)
          }
        }
        if options.json {
          Terminal.printJSON(letters)
        } else if letters.isEmpty {
          Terminal.print("No dead letters.")
        } else {
          var table = TextTable(["context", "source", "position", "type", "subject", "reason"], numeric: [2])
          for letter in letters {
            table.add(letter.context, letter.source, "\(letter.position)", letter.type, letter.subject, letter.reason)
          }
          Terminal.print(table.text)
        }
        if !letters.isEmpty { throw ExitCode.found }
      }
    }
  }

  struct Redrive: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Try the dead letters of a context again, in order.")

    @OptionGroup var options: HouseOptions

    @Argument(help: "The context that could not take them in.")
    var context: String

    @Option(help: "Only this subject.")
    var subject: String = ""

    @Flag(help: "Only count.")
    var dryRun = false

    struct Answer: Encodable {
      let redriven: Int32
      let stillDead: Int32
    }

    func run() async throws {
      try await options.withHouse { house in
        let log = try house.log(of: context)
        var request = Premia_Common_V1_RedriveRequest()
        request.subject = subject
        request.dryRun = dryRun
        let answer = try await ask { [request] in try await log.redrive(request, options: .long) }
        try await house.drain()
        if options.json {
          Terminal.printJSON(Answer(redriven: answer.redriven, stillDead: answer.stillDead))
        } else {
          Terminal.print("\(answer.redriven) took effect, \(answer.stillDead) are still dead.")
        }
        if answer.stillDead > 0 && !dryRun { throw ExitCode.found }
      }
    }
  }
}
