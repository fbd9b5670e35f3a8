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

  @OptionGroup var answer: AnswerOptions

  var json: Bool { answer.json }

  /// Opens the house, runs the body, and closes it.
  ///
  /// - Parameters:
  ///   - mayBeNew: whether a directory that holds nothing is made a house; otherwise a mistyped one would look empty.
  ///   - start: the first business day of a new directory's sandbox clock; nil for the machine's time.
  /// - Throws: `ExitCode`, after the reason was printed.
  func withHouse(
    mayBeNew: Bool = false, start: CalendarDate? = nil, _ body: (House) async throws -> Void
  ) async throws {
    try await answering {
      let storage = try storage()
      if !mayBeNew { try await checkHouse(storage) }
      let places = try Places(data: data, configuration: config)
      let house = try await House.open(places, storage, clock: HouseClock(places, start: start))
      do {
        try await body(house)
      } catch {
        await house.close()
        throw error
      }
      await house.close()
    }
  }

  /// Where the contexts are kept.
  ///
  /// - Throws: `Problem` naming the settings and what is wrong with them.
  func storage(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(Problem) -> Storage {
    let standard = "\(config)/premia.yaml"
    let path = settings ?? (FileManager.default.fileExists(atPath: standard) ? standard : nil)
    return try Storage(Settings(path: path, environment: environment), data: data)
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
