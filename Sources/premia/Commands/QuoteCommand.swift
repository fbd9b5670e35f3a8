// quote: what plans would cost a household, from a JSON file.

import ArgumentParser
import Contracts
import Courier
import Kernel
import Runtime
import SwiftProtobuf

struct QuoteCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quote", abstract: "Price the plans on sale for a household.",
    discussion: """
      FILE is a quote request in JSON, '-' for standard input:

        {"effectiveDate": "2027-01-01",
         "household": {"state": "IL", "county": "Cook", "postalCode": "60616", "people": [
           {"ref": "me", "relationship": "subscriber", "birthDate": "1985-03-14"},
           {"ref": "kid", "relationship": "child", "birthDate": "2019-08-02"}]},
         "aptc": {"cents": "12000"}}

      With "planIds": ["il-silver-3000"] these plans alone are priced.
      """)

  @OptionGroup var options: HouseOptions

  @Argument(help: "The request, as JSON.")
  var file: String

  func run() async throws {
    try await options.withHouse(mayBeNew: true) { house in
      let request = try Self.request(from: file)
      let act = Act(correlation: "cli/quote", causation: "cli/quote/\(house.clock.now)", actor: "operator")
      let quote = try await Act.$current.withValue(act) {
        try await ask { try await house.lines.policy.createQuote(request, options: .bounded) }
      }
      try await house.drain()
      if options.json { return Terminal.print(try quote.jsonString()) }
      Terminal.print("Quote \(quote.quoteID), effective \(quote.effectiveDate), good through \(quote.validThrough)\n")
      var table = TextTable(["plan", "level", "name", "monthly", "tax credit", "you pay"], numeric: [3, 4, 5])
      for offer in quote.offers {
        let gross = try offer.monthly.money("monthly")
        let aptc = min(try quote.aptc.money("aptc"), gross)
        table.add(
          offer.planID, "\(offer.level)", offer.planName, "\(gross)", "\(aptc)", "\(gross - aptc)")
      }
      Terminal.print(table.text)
      guard !quote.addOns.isEmpty else { return }
      var addOns = TextTable(["add-on", "kind", "name", "monthly", "beside"], numeric: [3])
      for addOn in quote.addOns {
        addOns.add(
          addOn.planID, "\(addOn.kind)", addOn.planName, "\(try addOn.monthly.money("monthly"))",
          addOn.beside.joined(separator: ", "))
      }
      Terminal.print("\n\(addOns.text)")
    }
  }

  private static func request(from file: String) throws(Problem) -> Premia_Policy_V1_QuoteRequest {
    let bytes = try InputFiles.bytes(of: file)
    do {
      return try Premia_Policy_V1_QuoteRequest(json: bytes, from: file == "-" ? "Standard input" : file)
    } catch {
      throw Problem(
        kind: error.kind, code: error.code, detail: error.detail,
        remedy: "See 'premia quote --help' for an example.")
    }
  }
}
