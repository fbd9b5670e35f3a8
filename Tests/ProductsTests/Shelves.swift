// The catalogue of the tests: the shipped rules, and plans with round prices for hand-made sums.

import Foundation
import Kernel

@testable import Products

enum Shelves {
  /// The folder of the shipped product files.
  static let config: String = {
    var folder = URL(filePath: #filePath)
    while folder.path != "/" {
      folder.deleteLastPathComponent()
      let config = folder.appending(path: "config/products").path
      if FileManager.default.fileExists(atPath: config) { return config }
    }
    return "config/products"
  }()

  static let opening = date("2027-01-01")

  /// Limits, curves, states and fee schedules as shipped.
  static func rules() throws -> [(name: String, content: [UInt8])] {
    try ProductsContext.catalogueFiles(in: config).filter { !$0.name.contains("/plans/") }
  }

  /// The shipped rules and the plans of these tests.
  static func catalogue() throws -> Catalogue {
    var files = try rules()
    for state in ["IL", "NY", "MA", "CO"] { files.append(("\(state).yaml", Array(plans(of: state).utf8))) }
    return try Catalogue(files: files, today: opening)
  }

  static func date(_ text: String) -> CalendarDate { CalendarDate(iso: text) ?? .earliest }

  /// The areas of a state cost 300, 310, 320, 330 dollars by the first plan; the others have odd prices.
  private static func plans(of state: String) -> String {
    let areas: [String] =
      switch state {
      case "NY", "CO": ["1", "2", "3", "4"]
      case _: ["1", "2", "3"]
      }
    func rates(_ first: String) -> String {
      areas.enumerated().map { index, area in "\(state)-\(area): \(index == 0 ? first : "3\(index)0")" }
        .joined(separator: ", ")
    }
    let tobacco = ["IL": "1.2", "CO": "1.15"][state] ?? "1"
    let terms = """
          deductible: {person: 0, family: 0}
          out_of_pocket: {person: 5000, family: 10000}
          benefits: {other: {}}
      """
    return """
      kind: plans
      state: \(state)
      from: 2027-01-01
      to: 2028-01-01
      network: all
      fee_schedule: premia-standard
      plans:
        - id: \(state.lowercased())-even
          name: Even
          level: gold
          tobacco: \(tobacco)
          rates: {\(rates("300"))}
      \(terms)
        - id: \(state.lowercased())-odd
          name: Odd
          level: silver
          rates: {\(rates("100.20"))}
      \(terms)
        - id: \(state.lowercased())-young
          name: Young
          level: catastrophic
          sold_to_under: 30
          rates: {\(rates("200"))}
      \(terms)
        - id: \(state.lowercased())-teeth
          name: Teeth
          level: dental
          composite: 38.50
      \(terms)
      """
  }
}

extension Household {
  /// A household in the first area of a state on 2027-01-01.
  init(_ state: String, _ people: Person..., effective: String = "2027-01-01") {
    let counties = ["IL": "Cook", "NY": "Kings", "MA": "Suffolk", "CO": "Denver"]
    self.init(
      state: state, county: counties[state] ?? "", effective: Shelves.date(effective), people: people)
  }
}

extension Person {
  /// Somebody of an age in whole years on 2027-01-01, born on July 1.
  static func aged(_ age: Int, _ relationship: Relationship = .subscriber, tobacco: Bool = false) -> Person {
    Person(
      relationship, born: CalendarDate(year: 2026 - age, month: 7, day: 1), usesTobacco: tobacco)
  }

  static func born(_ date: String, _ relationship: Relationship = .subscriber) -> Person {
    Person(relationship, born: Shelves.date(date))
  }
}
