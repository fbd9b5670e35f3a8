import Kernel
import Testing

@testable import Payments

@Suite("Tokens")
struct TokenTests {
  @Test(
    "what is a token and what is none",
    arguments: [
      ("tok_abc", true),
      ("tok_sandbox_decline_51_then_ok", true),
      ("tok_" + String(repeating: "a", count: 64), true),
      ("tok_12345678901", true),
      ("tok_" + String(repeating: "a", count: 65), false),
      ("tok_ab", false),
      ("tok_", false),
      ("", false),
      ("TOK_abc", false),
      ("tok_ABC", false),
      ("tok_a-b-c", false),
      ("tok_a b c", false),
      ("tok_é1234", false),
      ("4111111111111111", false),
      ("4111 1111 1111 1111", false),
      ("tok_4111111111111111", false),
      ("tok_x_411111111111_y", false),
    ] as [(String, Bool)])
  func isToken(_ text: String, _ isOne: Bool) {
    #expect((Token(text) != nil) == isOne)
    #expect(Token(text)?.description == (isOne ? text : nil))
  }

  @Test("a refused token is not repeated in the refusal")
  func isNotRepeated() {
    #expect(!Wallet.Refusal.badToken.problem.description.contains("4111"))
  }
}
