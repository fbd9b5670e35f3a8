import GRPCCore
import Kernel
import Testing

@testable import Courier

@Suite("What travels with a call")
struct TraceTests {
  private static let header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

  @Test("a traceparent is read, handed on with a place of its own, and written as it was")
  func handedOn() throws {
    let trace = try #require(Trace(traceparent: Self.header, state: "vendor=1"))
    #expect(trace.traceparent == Self.header)
    #expect(trace.next.traceID == "0af7651916cd43dd8448eb211c80319c")
    #expect(trace.next.spanID != trace.spanID && trace.next.state == "vendor=1")
    #expect(trace.next.traceparent.hasSuffix("-01"))
    #expect(Trace().traceID != Trace().traceID && Trace().traceparent.utf8.count == 55)
  }

  @Test(
    "what is no traceparent is not taken",
    arguments: [
      "", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
      "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      "00-00000000000000000000000000000000-b7ad6b7169203331-01",
      "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
      "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
      "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    ])
  func refused(_ header: String) {
    #expect(Trace(traceparent: header) == nil)
  }

  @Test("a later version may say more")
  func later() {
    #expect(Trace(traceparent: "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more") != nil)
  }

  @Test(
    "grpc-timeout",
    arguments: [
      ("5S", .seconds(5)), ("250m", .milliseconds(250)), ("1H", .seconds(3_600)), ("2M", .seconds(120)),
      ("99999999n", .nanoseconds(99_999_999)), ("7u", .microseconds(7)), ("", nil), ("5", nil), ("S", nil),
      ("-1S", nil), ("5s", nil), ("1234567890S", nil),
    ] as [(String, Duration?)])
  func timeouts(_ header: String, _ duration: Duration?) {
    #expect(Duration(grpcTimeout: header) == duration)
  }

  @Test("methods that only read are known from the contracts")
  func reads() throws {
    let reads = try Methods.reads().map(\.fullyQualifiedMethod)
    #expect(reads.contains("premia.policy.v1.PolicyService/Get"))
    #expect(!reads.contains("premia.policy.v1.PolicyService/Issue"))
  }
}

@Suite("Addresses")
struct AddressTests {
  @Test("a host and a port; anything else is refused")
  func words() throws {
    #expect(try Address("billing.premia:9090") == Address(host: "billing.premia", port: 9_090))
    for text in ["", "billing", ":1", "billing:", "billing:70000", "a:b:1", "[::1]:1"] {
      #expect(throws: Problem.self) { try Address(text) }
    }
  }

  @Test(
    "what cannot be reached from another machine",
    arguments: [
      ("127.0.0.1:1", true), ("127.9.9.9:1", true), ("localhost:1", true), ("10.0.0.1:1", false), ("0.0.0.0:1", false),
      ("127.evil.example:1", false),
    ])
  func loopback(_ text: String, _ isLoopback: Bool) throws {
    #expect(try Address(text).isLoopback == isLoopback)
  }
}
