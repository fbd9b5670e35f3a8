// What names a way to pay, and the names of everything else that Payments handles.

public import Kernel

/// The gateway's name for a card or a bank account, such as `tok_4d2f`. Card and account numbers never enter Premia:
/// what does not look like a token, or holds as many digits in a row as a card number, is no token.
public struct Token: Hashable, Sendable, TextCoded {
  /// The text as the gateway gave it.
  public let description: String

  /// Nil unless `text` is `tok_` and 3 to 64 of `a...z`, `0...9` and `_`, without 12 digits in a row.
  public init?(_ text: String) {
    let body = text.utf8.dropFirst(Self.prefix.utf8.count)
    guard text.hasPrefix(Self.prefix), (3...64).contains(body.count), body.allSatisfy(Self.isAllowed),
      Self.longestNumber(in: body) < Self.digitsOfANumber
    else { return nil }
    description = text
  }

  private static let prefix = "tok_"
  /// The shortest primary account number of ISO/IEC 7812 has 12 digits in practice (Maestro).
  private static let digitsOfANumber = 12

  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"): true
    default: isDigit(byte)
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  private static func longestNumber(in bytes: some Sequence<UInt8>) -> Int {
    var longest = 0
    var running = 0
    for byte in bytes {
      running = isDigit(byte) ? running + 1 : 0
      longest = max(longest, running)
    }
    return longest
  }
}

enum WalletTag: IDTag { static let prefix = "wal" }
enum MethodTag: IDTag { static let prefix = "pmt" }
enum PaymentTag: IDTag { static let prefix = "pay" }
enum PayoutTag: IDTag { static let prefix = "pout" }
enum RefundTag: IDTag { static let prefix = "rfd" }
enum ReceiptTag: IDTag { static let prefix = "rcp" }
enum ExchangeAccountTag: IDTag { static let prefix = "exa" }
enum PolicyTag: IDTag { static let prefix = "pol" }
enum AccountTag: IDTag { static let prefix = "acc" }
enum InvoiceTag: IDTag { static let prefix = "inv" }
enum ClaimTag: IDTag { static let prefix = "clm" }
enum PayeeTag: IDTag { static let prefix = "pty" }
enum PayerTag: IDTag { static let prefix = "pty" }
enum PayerAccountTag: IDTag { static let prefix = "pya" }

typealias WalletID = ID<WalletTag>
typealias MethodID = ID<MethodTag>
typealias PaymentID = ID<PaymentTag>
typealias PayoutID = ID<PayoutTag>
typealias RefundID = ID<RefundTag>
typealias ReceiptID = ID<ReceiptTag>
typealias ExchangeAccountID = ID<ExchangeAccountTag>
typealias PolicyID = ID<PolicyTag>
typealias AccountID = ID<AccountTag>
typealias InvoiceID = ID<InvoiceTag>
typealias ClaimID = ID<ClaimTag>
typealias PayeeID = ID<PayeeTag>
typealias PayerID = ID<PayerTag>
typealias PayerAccountID = ID<PayerAccountTag>

extension WalletID {
  /// A policy has one wallet, so the wallet has the policy's own number: whoever comes first makes it, and no look-up
  /// can find two.
  init(of policy: PolicyID) { self.init(hi: policy.hi, lo: policy.lo) }
}

extension PayerAccountID {
  /// One for each party that pays contributions.
  init(of payer: PayerID) { self.init(hi: payer.hi, lo: payer.lo) }
}

extension ExchangeAccountID {
  /// As with the wallet, one for each policy.
  init(of policy: PolicyID) { self.init(hi: policy.hi, lo: policy.lo) }
}
