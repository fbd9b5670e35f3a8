// What commands have in common: how to answer and how to fail, and where the house is that most of them open.

public import ArgumentParser
import Courier
import Foundation
public import Kernel
import Runtime

struct HouseOptions: ParsableArguments {
  @Option(help: "The data directory.")
  var data = ".data/premia"

  @Option(help: "The configuration directory.")
  var config = "config"

  @Option(help: "The settings, which say where the contexts are kept; premia.yaml of the configuration if absent.")
  var settings: String?

  @Option(
    help: """
      What this process runs of the house, such as 'policy,billing' or 'edge', which is the HTTP door; everything if \
      absent. The settings say where the rest is.
      """)
  var only: String?

  @OptionGroup var answer: AnswerOptions

  var json: Bool { answer.json }

  /// Opens the house, runs the body, and closes it.
  ///
  /// - Parameters:
  ///   - mayBeNew: whether a directory that holds nothing is made a house; otherwise a mistyped one would look empty.
  ///   - start: the first business day of a new directory's sandbox clock; nil for the machine's time.
  ///   - post: what carries events between processes; nil where their logs are read.
  /// - Throws: `ExitCode`, after the reason was printed.
  func withHouse(
    mayBeNew: Bool = false, start: CalendarDate? = nil, post: Post? = nil, _ body: (House) async throws -> Void
  ) async throws {
    try await answering {
      let storage = try storage()
      if !mayBeNew { try await checkHouse(storage) }
      let house = try await open(storage, start: start, post: post)
      do {
        try await body(house)
      } catch {
        await house.close()
        throw error
      }
      await house.close()
    }
  }

  /// Opens what `--only` names of the house, with lines to the rest.
  func open(_ storage: Storage, start: CalendarDate?, post: Post? = nil) async throws -> House {
    let places = try Places(data: data, configuration: config)
    let share = try share()
    return try await House.open(
      places, storage, clock: HouseClock(places, start: start), share: share,
      elsewhere: network().lines(besides: share), post: post)
  }

  /// What is run here.
  ///
  /// - Throws: `Problem` where `--only` names something that is not there.
  func share() throws(Problem) -> Share { try Share(only: only) }

  /// Where the contexts are kept.
  ///
  /// - Throws: `Problem` naming the settings and what is wrong with them.
  func storage(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(Problem) -> Storage {
    try Storage(readSettings(environment), data: data)
  }

  /// Where the doors, the other contexts and the broker are.
  ///
  /// - Throws: `Problem` naming the settings and what is wrong with them.
  func network() throws(Problem) -> Network { try Network(readSettings(ProcessInfo.processInfo.environment)) }

  private func readSettings(_ environment: [String: String]) throws(Problem) -> Settings {
    let standard = "\(config)/premia.yaml"
    let path = settings ?? (FileManager.default.fileExists(atPath: standard) ? standard : nil)
    return try Settings(path: path, environment: environment)
  }

  /// - Throws: `Problem` where the data directory holds no house, or the house is not kept where the settings say.
  func checkHouse(_ storage: Storage) async throws {
    guard FileManager.default.fileExists(atPath: "\(data)/clock.json") else {
      throw Problem(
        kind: .notFound, code: "house.none", detail: "There is no house in \(data).",
        remedy: "Name its directory with --data, or make one with 'premia demo', 'premia serve' or 'premia import'.")
    }
    if storage.isInDataDirectory { return }
    guard try await storage.isInUse() else {
      throw Problem(
        kind: .notFound, code: "house.not_kept_here",
        detail: "The house in \(data) is not kept where the settings say: nothing is there.",
        remedy: "Correct the settings (--settings), or move the house there with 'premia migrate'.")
    }
  }

  func answering(_ body: () async throws -> Void) async throws { try await answer.answering(body) }
}

/// What every command has that answers.
struct AnswerOptions: ParsableArguments {
  @Flag(help: "Answer in JSON.")
  var json = false

  /// Runs the body; a failure is printed as words, or as JSON, and becomes an exit code.
  func answering(_ body: () async throws -> Void) async throws {
    do {
      try await body()
    } catch let code as ExitCode {
      throw code
    } catch {
      let problem = Problem(anything: error)
      if json {
        Terminal.printJSON(["problem": problem])
      } else {
        Terminal.error("premia: \(problem.detail)\n        \(problem.remedy)")
      }
      throw ExitCode(problem.kind == .internalFault ? 70 : 1)
    }
  }
}

extension ExitCode {
  /// A check found something.
  static let found = ExitCode(3)
}

extension Problem {
  /// The words for whatever was thrown.
  init(anything error: any Error) {
    switch error {
    case let problem as Problem: self = problem
    case let refusal as any Refusal: self = refusal.problem
    case StoreFailure.unavailable(let why):
      self.init(
        kind: .unavailable, code: "store.unavailable", detail: "The store cannot be used now: \(why).",
        remedy: "Where another 'premia' holds it, end that or ask it over HTTP or gRPC; or name another with --data.")
    case let failure as StoreFailure: self.init(storing: failure)
    default:
      self.init(
        kind: .internalFault, code: "premia.fault", detail: "\(error)",
        remedy: "Nothing was half done. Report this with what you did.")
    }
  }
}

extension CalendarDate: ExpressibleByArgument {
  public init?(argument: String) { self.init(iso: argument) }
}
