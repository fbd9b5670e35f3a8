// The house as it is keeps the rules, and each rule finds what breaks it.

import Testing

@Suite struct TidyHouseTests {
  @Test(arguments: ["Sources", "Tests"])
  func everyFileIsTidy(_ wing: String) throws {
    let findings = try Repository.swiftFiles(in: wing).flatMap(Tidy.findings)
    #expect(findings.isEmpty, "\(findings.map(\.description).joined(separator: "\n"))")
  }

  @Test func everyRoomKeepsItsWalls() throws {
    let findings = try Repository.swiftFiles(in: "Sources").flatMap(Tidy.imports)
    #expect(findings.isEmpty, "\(findings.map(\.description).joined(separator: "\n"))")
  }

  @Test func everyRoomHasWhatARoomHas() throws {
    let findings = Tidy.rooms(try Repository.paths(in: "Sources"))
    #expect(findings.isEmpty, "\(findings.map(\.description).joined(separator: "\n"))")
  }

  @Test func theSourcesAreFound() throws {
    #expect(try Repository.swiftFiles(in: "Sources").contains { $0.path == "Sources/Kernel/Money.swift" })
  }
}

@Suite struct TidyRuleTests {
  @Test(arguments: [
    ("Sources/Ledger/A.swift", "import Billing", "Ledger may not import Billing"),
    ("Sources/Ledger/A.swift", "public import Mustache", "Ledger may not import Mustache"),
    ("Sources/Policy/A.swift", "  @testable import Party", "Policy may not import Party"),
    ("Sources/Kernel/A.swift", "import Foundation", "Kernel may not import Foundation"),
    ("Sources/Runtime/A.swift", "package import Courier", "Runtime may not import Courier"),
    ("Sources/Contracts/Generated/a.pb.swift", "import Kernel", "Contracts may not import Kernel"),
    ("Sources/X12/A.swift", "import struct Kernel.Money", "X12 may not import Kernel"),
    ("Sources/Web/A.swift", "import Ledger", "Web may not import Ledger"),
    ("Sources/Attic/A.swift", "", "is in Attic, which the table of walls does not have"),
  ])
  func anImportThroughAWallIsFound(_ path: String, _ text: String, _ what: String) {
    #expect(Tidy.imports(of: SourceFile(path: path, text: text)).map(\.what) == [what])
  }

  @Test(arguments: [
    ("Sources/Ledger/A.swift", "public import Kernel\nimport Contracts\nimport Foundation"),
    ("Sources/Notices/A.swift", "import Mustache"),
    ("Sources/premia/A.swift", "import Billing\nimport Hummingbird"),
    ("Tests/LedgerTests/A.swift", "@testable import Ledger"),
    ("Sources/Kernel/A.swift", "// import nothing here\nlet important = 1"),
  ])
  func anImportThroughADoorIsNot(_ path: String, _ text: String) {
    #expect(Tidy.imports(of: SourceFile(path: path, text: text)) == [])
  }

  @Test(arguments: [
    (String(repeating: "a", count: 121), 1, "is 121 characters long, more than 120"),
    (String(repeating: "\n", count: 500), 0, "has 501 lines, more than 500"),
    ("let a = 1\n// TO" + "DO: more", 2, "says TO" + "DO: finish it or leave it out"),
    ("// FIX" + "ME", 1, "says FIX" + "ME: finish it or leave it out"),
  ])
  func anUntidyFileIsFound(_ text: String, _ line: Int, _ what: String) {
    let path = "Sources/Ledger/A.swift"
    #expect(
      Tidy.findings(in: SourceFile(path: path, text: text)) == [Finding(path: path, line: line, what: what)])
    #expect(Tidy.findings(in: SourceFile(path: "Sources/Contracts/Generated/a.pb.swift", text: text)) == [])
  }

  @Test(arguments: ["Sources/Ledger/Helpers/A.swift", "Sources/Ledger/Utils.swift"])
  func aNameThatSaysNothingIsFound(_ path: String) {
    #expect(Tidy.findings(in: SourceFile(path: path, text: "")).count == 1)
  }

  @Test func aRoomThatLacksSomethingIsFound() {
    let findings = Tidy.rooms([
      "Sources/Kernel/Money.swift", "Sources/premia/main.swift", "Sources/Ledger/README.md",
      "Sources/Ledger/LedgerContext.swift", "Sources/Ledger/LedgerService.swift", "Sources/Ledger/Entry+Decide.swift",
    ])
    #expect(
      findings.map(\.description) == [
        "Sources/Kernel:0: has no README.md",
        "Sources/Ledger:0: has no LedgerTables.swift",
        "Sources/Ledger/Entry+Decide.swift:0: stands alone: there is no Entry.swift",
        "Sources/premia:0: has no README.md",
      ])
  }
}
