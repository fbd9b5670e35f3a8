// Where things are: the data directory and the configuration directory.

import Billing
import Commissions
import Foundation
import Kernel
import Payments
import Yams

/// The directories of one installation.
struct Places: Sendable {
  let data: String
  private let configuration: String

  /// - Parameters:
  ///   - data: made where it is not there.
  ///   - configuration: holds premia.yaml, products/, partners/, payments/, billing/, notices/ and commissions/.
  /// - Throws: `Problem` where one of them cannot be used.
  init(data: String, configuration: String = "config") throws(Problem) {
    self.data = data
    self.configuration = configuration
    do {
      try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
    } catch {
      throw Problem(
        kind: .invalid, code: "house.data_directory",
        detail: "The data directory \(data) cannot be made: \(error.localizedDescription)",
        remedy: "Choose another with --data, or make it writable.")
    }
    for part in ["products", "partners", "payments", "billing", "notices", "commissions"] {
      guard FileManager.default.fileExists(atPath: "\(configuration)/\(part)") else {
        throw Problem(
          kind: .invalid, code: "house.configuration", detail: "There is no \(configuration)/\(part).",
          remedy: "Run in the directory that holds config/, or name the configuration with --config.")
      }
    }
  }

  /// A file or folder of the configuration.
  func config(_ path: String) -> String { "\(configuration)/\(path)" }

  /// What the gateway's declines mean.
  ///
  /// - Throws: `Problem` naming the file and what is wrong with it.
  func declineTable() throws(Problem) -> DeclineTable {
    try read("payments/declines.yaml", remedy: "Correct the file; it lists decline codes by class.")
  }

  /// What producers earn.
  ///
  /// - Throws: `Problem` naming the file and what is wrong with it.
  func commissionSchedule() throws(Problem) -> CommissionSchedule {
    try read("commissions/schedule.yaml", remedy: "Correct the file; it says what each rule of the schedule earns.")
  }

  private func read<Value: Decodable>(_ name: String, remedy: String) throws(Problem) -> Value {
    let path = config(name)
    do {
      return try YAMLDecoder().decode(Value.self, from: String(contentsOfFile: path, encoding: .utf8))
    } catch {
      throw Problem(
        kind: .invalid, code: "house.configuration", detail: "\(path) cannot be read: \(error).", remedy: remedy)
    }
  }

  /// The taxes and fees on premiums.
  ///
  /// - Throws: `Problem` naming the file and what is wrong with it.
  func levyRules() throws(Problem) -> LevyRules {
    try read("billing/levies.yaml", remedy: "Correct the file; it lists taxes and fees by state.")
  }

  /// A file of the installation itself.
  func file(_ name: String) -> String { "\(data)/\(name)" }
}
