// The worked examples of docs/billing-preview.md, read out of it and run.

import Foundation
import Kernel
import Testing

@testable import Billing

@Suite struct PreviewDocumentationTests {
  struct Example: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let input: String
    let output: String
  }

  /// A heading, a document in a fence, and behind it the answer in another.
  static let examples: [Example] = {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/billing-preview.md")
    guard let text = try? String(contentsOf: file, encoding: .utf8) else { return [] }
    return text.split(separator: "\n### Example: ").dropFirst().compactMap { section in
      let fences = section.split(separator: "```json\n").dropFirst().compactMap { $0.split(separator: "\n```").first }
      guard fences.count == 2, let name = section.split(separator: "\n").first else { return nil }
      return Example(testDescription: String(name), input: String(fences[0]), output: String(fences[1]))
    }
  }()

  @Test("there are examples") func areFound() { #expect(Self.examples.count == 5) }

  @Test("an example says what the calculator says", arguments: examples)
  func isTrue(_ example: Example) throws {
    let answer: String
    do {
      answer = try BillingPreview(example.input).json
    } catch let problem as Problem {
      answer = #"{"code": "\#(problem.code)", "detail": "\#(problem.detail)", "remedy": "\#(problem.remedy)"}"#
    }
    #expect(try value(answer) == value(example.output))
  }

  private func value(_ json: String) throws -> NSDictionary {
    try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? NSDictionary)
  }
}
