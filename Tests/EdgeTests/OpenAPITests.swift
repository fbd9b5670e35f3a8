import Foundation
import Testing

@Suite struct `The OpenAPI document` {
  @Test func `describes every route, and every reference in it leads somewhere`() async throws {
    try await withDoor { door in
      let document = try await door.get("/openapi.json").json
      #expect(document["openapi"] as? String == "3.1.0")
      let paths = try #require(document["paths"] as? [String: [String: [String: Any]]])
      let operations = paths.values.flatMap(\.values)
      #expect(operations.count > 50)
      let names = operations.compactMap { $0["operationId"] as? String }
      #expect(Set(names).count == operations.count)

      let text = try await door.get("/openapi.json").text
      let schemas = try #require((document["components"] as? [String: Any])?["schemas"] as? [String: Any])
      for match in text.matches(of: /#\/components\/schemas\/([A-Za-z.]+)/) {
        #expect(schemas[String(match.1)] != nil, "\(match.1)")
      }
    }
  }

  @Test func `asks for a key on every write and for the parameters of every path`() async throws {
    try await withDoor { door in
      let document = try await door.get("/openapi.json").json
      let paths = try #require(document["paths"] as? [String: [String: [String: Any]]])
      let changesNothing = ["/v1/rates", "/v1/billing/preview", "/v1/policies/{policyId}/terminate/preview"]
      for (path, operations) in paths {
        for (verb, operation) in operations {
          let parameters = try #require(operation["parameters"] as? [[String: Any]])
          let references = parameters.compactMap { $0["$ref"] as? String }
          let asksForKey = references.contains("#/components/parameters/IdempotencyKey")
          #expect(asksForKey == (verb == "post" && !changesNothing.contains(path)), "\(verb) \(path)")
          let inPath = parameters.filter { $0["in"] as? String == "path" }.compactMap { $0["name"] as? String }
          #expect(inPath == path.matches(of: /\{(\w+)\}/).map { String($0.1) }, "\(path)")
        }
      }
    }
  }

  @Test func `has the comments of the contracts`() async throws {
    try await withDoor { door in
      let document = try await door.get("/openapi.json").json
      let schemas = try #require((document["components"] as? [String: Any])?["schemas"] as? [String: [String: Any]])
      let money = try #require(schemas["common.Money"])
      #expect(
        money["description"] as? String == "An amount in the currency's minor units. An empty currency means USD.")
      let cents = (money["properties"] as? [String: [String: Any]])?["cents"]
      #expect(cents?["type"] as? String == "integer")
      let plans = (schemas["policy.QuoteRequest"]?["properties"] as? [String: [String: Any]])?["planIds"]
      #expect(plans?["type"] as? String == "array")
      #expect(plans?["description"] as? String == "Only these plans are rated; empty means all on sale.")
      #expect((schemas["policy.Status"]?["enum"] as? [String])?.contains("PENDING_PAYMENT") == true)
    }
  }

  /// The validator is `openapi-spec-validator` of PyPI; without it in `.venv` or on the path the test is skipped.
  static let validator: String? = {
    let places =
      [".venv/bin"] + (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    return places.map { "\($0)/openapi-spec-validator" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  @Test(.enabled(if: validator != nil, "openapi-spec-validator is not installed"))
  func `is found valid by openapi-spec-validator`() async throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "premia-openapi-\(UUID().uuidString).json")
    defer { try? FileManager.default.removeItem(at: file) }
    try await withDoor { door in
      try await door.get("/openapi.json").text.write(to: file, atomically: true, encoding: .utf8)
    }
    let process = Process()
    process.executableURL = URL(filePath: try #require(Self.validator))
    process.arguments = [file.path()]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }
}
