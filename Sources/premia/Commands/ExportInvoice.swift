// export invoice: an invoice or a credit note as a page or as PDF.

import ArgumentParser
import Contracts
import Courier
import GRPCCore
import Kernel

extension ExportCommand {
  struct Invoice: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "invoice", abstract: "Write an invoice or a credit note as a page made for print.")

    @OptionGroup var options: HouseOptions

    @Argument(help: "The document's number, such as INV-2027-000001.")
    var number: String

    @Flag(help: "As PDF instead of HTML.")
    var pdf = false

    @Option(name: .shortAndLong, help: "The file to write; named like the document where absent.")
    var output: String?

    struct Answer: Encodable {
      let file: String
      let number: String
      let policy: String
      let amountCents: Int64
      let bytes: Int
    }

    func run() async throws {
      try await options.withHouse { house in
        var request = Premia_Billing_V1_GetDocumentRequest()
        request.number = number
        request.pdf = pdf
        let document = try await ask { [request] in
          try await house.lines.billing.getDocument(request, options: .bounded)
        }
        let bytes = pdf ? Array(document.pdf) : Array(document.html.utf8)
        let file = output ?? "\(document.number).\(pdf ? "pdf" : "html")"
        try OutputFile.write(file) { try $0(bytes) }
        if options.json {
          Terminal.printJSON(
            Answer(
              file: file, number: document.number, policy: document.policyID, amountCents: document.amount.cents,
              bytes: bytes.count))
        } else {
          let amount = try document.amount.money("amount")
          Terminal.print("\(file): \(document.number) of \(document.on), \(amount), \(bytes.count) bytes.")
        }
      }
    }
  }
}
