// Product files of made-up plans, to see what a catalogue of thousands of them takes.

import Kernel

enum MadeUpPlans {
  private static let plansAFile = 200

  /// Silver plans from a day on, in turn in each of the states: "il-made-up-0".
  static func files(
    _ count: Int, in states: [StateRules], from start: CalendarDate
  ) -> [(name: String, content: [UInt8])] {
    var files: [(name: String, content: [UInt8])] = []
    for (place, rules) in states.enumerated() {
      let numbers = Array(stride(from: place, to: count, by: states.count))
      for first in stride(from: 0, to: numbers.count, by: plansAFile) {
        let plans = numbers[first..<min(first + plansAFile, numbers.count)].map { plan($0, in: rules) }
        let head = """
          kind: plans
          state: \(rules.state)
          from: \(start)
          network: made-up
          fee_schedule: premia-standard
          plans:
          """
        let text = ([head] + plans).joined(separator: "\n")
        files.append(("made-up-\(rules.state)-\(first).yaml", Array(text.utf8)))
      }
    }
    return files
  }

  private static func plan(_ number: Int, in rules: StateRules) -> String {
    let rates = rules.areas.enumerated().map { "\($1.name): \(300 + (number + $0) % 400)" }
    return """
        - id: \(rules.state.lowercased())-made-up-\(number)
          name: Made-up \(number)
          level: silver
          rates: {\(rates.joined(separator: ", "))}
          deductible: {person: 3000, family: 6000}
          out_of_pocket: {person: 8000, family: 16000}
          benefits: {preventive: {}, primary_care: {copay: 40}, other: {deductible: true, coinsurance: 20%}}
      """
  }
}
