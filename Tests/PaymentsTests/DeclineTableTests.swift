import Foundation
import Kernel
import Testing
import Yams

@testable import Payments

extension DeclineTable {
  /// The file that ships.
  static func shipped() throws -> DeclineTable {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "../../config/payments/declines.yaml")
    return try YAMLDecoder().decode(DeclineTable.self, from: try Data(contentsOf: file))
  }
}

@Suite("Decline table")
struct DeclineTableTests {
  @Test(
    "the shipped file",
    arguments: [
      ("51", .soft), ("91", .soft), ("96", .soft), ("MAC02", .soft),
      ("04", .hard), ("14", .hard), ("41", .hard), ("43", .hard), ("R1", .hard), ("MAC03", .hard), ("MAC21", .hard),
      ("54", .hard), ("anything else", .soft),
    ] as [(String, DeclineClass)])
  func shipped(_ code: String, _ declineClass: DeclineClass) throws {
    #expect(try DeclineTable.shipped().declineClass(of: code) == declineClass)
  }

  @Test("each group says where it comes from, and a code which kind of token it is of")
  func sources() throws {
    let table = try DeclineTable.shipped()
    #expect(table.method(of: "R01") == .bank && table.method(of: "R1") == .card && table.method(of: "?") == .card)
    #expect(table.groups.allSatisfy { ["high", "medium", "low"].contains($0.confidence) && !$0.source.isEmpty })
  }

  private func table(_ codes: [[String]]) throws -> DeclineTable {
    try DeclineTable(
      unlisted: .soft,
      groups: codes.map {
        .init(
          name: "a group", declineClass: .hard, method: .card, codes: $0, confidence: "high", source: "a page")
      })
  }

  @Test("what is refused, with the reason")
  func refused() {
    #expect(problem { try table([["51"], ["05", "51"]]) }?.detail.contains("51 twice") == true)
    #expect(problem { try table([["51"], ["05"]]) } == nil)
  }

  private func problem(_ body: () throws -> DeclineTable) -> Problem? {
    do {
      _ = try body()
      return nil
    } catch {
      return error as? Problem
    }
  }
}
