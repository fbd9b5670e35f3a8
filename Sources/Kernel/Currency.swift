/// A currency of ISO 4217 that has minor units.
///
/// The table is the list published on 2026-01-01; precious metals, bond units and test codes have no minor unit and are
/// refused like unknown codes.
@frozen
public struct Currency: Hashable, Sendable {
  /// The three letters in the low 24 bits, the number of minor digits above them.
  @usableFromInline let packed: UInt32

  @inlinable
  init(packed: UInt32) {
    self.packed = packed
  }

  /// The United States dollar.
  @inlinable
  public static var usd: Currency { Currency(packed: 0x02_55_53_44) }

  /// Nil unless `code` is one of the table, in capitals.
  public init?(_ code: String) {
    guard code.utf8.count == 3 else { return nil }
    let letters = Self.letters(code.utf8)
    guard let digits = Self.minorDigitsByLetters[letters] else { return nil }
    packed = digits << 24 | letters
  }

  /// The alphabetic code, such as `USD`.
  public var code: String {
    String(asciiCapacity: 3) { writer in
      for shift in [UInt32(16), 8, 0] { writer.append(UInt8(truncatingIfNeeded: packed >> shift)) }
    }
  }

  /// The digits after the decimal point: 2 for USD, 0 for JPY, 3 for KWD.
  @inlinable
  public var minorDigits: Int { Int(packed >> 24) }
}

extension Currency: TextCoded {
  public var description: String { code }
}

extension Currency {
  private static func letters(_ code: some Sequence<UInt8>) -> UInt32 {
    code.reduce(0) { $0 << 8 | UInt32($1) }
  }

  private static let minorDigitsByLetters: [UInt32: UInt32] = {
    var table: [UInt32: UInt32] = [:]
    for (digits, codes) in codesByMinorDigits {
      for code in codes.utf8.split(whereSeparator: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }) {
        table[letters(code)] = digits
      }
    }
    return table
  }()

  private static let codesByMinorDigits: [(UInt32, String)] = [
    (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
    (
      2,
      """
      AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY
      COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS
      INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR
      MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP
      STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG
      """
    ),
    (3, "BHD IQD JOD KWD LYD OMR TND"),
    (4, "CLF UYW"),
  ]
}
