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
      if !mayBeNew { try checkHouse() }
      let places = try Places(data: data, configuration: config)
      let house = try await House.open(places, clock: HouseClock(places, start: start))
      do {
        try await body(house)
      } catch {
        await house.close()
        throw error
      }
      await house.close()
    }
  }

  /// - Throws: `Problem` where the data directory holds no house.
  func checkHouse() throws(Problem) {
    guard !FileManager.default.fileExists(atPath: "\(data)/clock.json") else { return }
    throw Problem(
      kind: .notFound, code: "house.none", detail: "There is no house in \(data).",
      remedy: "Name its directory with --data, or make one with 'premia demo', 'premia serve' or 'premia import'.")
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
        remedy: "End the 'premia' that holds it, or ask that one over HTTP or gRPC; --data names another directory.")
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
