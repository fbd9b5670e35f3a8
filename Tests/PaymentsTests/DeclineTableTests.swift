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

  @Test("the shipped retry plan is far inside the networks' limits")
  func plan() throws {
    let table = try DeclineTable.shipped()
    #expect(table.retryAfterDays == [3, 5, 7])
    #expect(table.limits.map(\.reattempts) == [20, 35])
    #expect(table.groups.allSatisfy { ["high", "medium", "low"].contains($0.confidence) && !$0.source.isEmpty })
  }

  private func table(_ days: [Int], codes: [[String]] = [], limit: Int = 2) throws -> DeclineTable {
    try DeclineTable(
      limits: [.init(network: "visa", reattempts: limit, windowDays: 30, confidence: "high", source: "a page")],
      retryAfterDays: days, unlisted: .soft,
      groups: codes.map { .init(name: "a group", declineClass: .hard, codes: $0, confidence: "high", source: "a page") }
    )
  }

  @Test("what is refused, with the reason")
  func refused() {
    #expect(problem { try table([3, 5, 7]) }?.detail.contains("3 retries in 30 days; visa allows 2") == true)
    #expect(problem { try table([0]) }?.detail.contains("retryAfterDays[0] is 0") == true)
    #expect(problem { try table([3], codes: [["51"], ["05", "51"]]) }?.detail.contains("51 twice") == true)
    #expect(problem { try table([3, 30, 3]) } == nil)
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
