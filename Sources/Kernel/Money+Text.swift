extension Money: CustomStringConvertible {
  /// For people: `$1,234.56`, `-$0.05`, and `EUR 12.34`, `-EUR 12.34` in other currencies.
  public var description: String {
    String(asciiCapacity: 40) { writer in
      if isNegative { writer.append(UInt8(ascii: "-")) }
      writer.append(currency == .usd ? "$" : currency.code + " ")
      append(to: &writer, separator: UInt8(ascii: ","))
    }
  }

  /// For files and messages: `1234.56`, `-0.05`, always with all minor digits of the currency.
  public var decimalString: String {
    // A string of up to 15 bytes needs no allocation.
    String(asciiCapacity: minorUnits.magnitude < 1_000_000_000_000 ? 15 : 24) { writer in
      if isNegative { writer.append(UInt8(ascii: "-")) }
      append(to: &writer, separator: nil)
    }
  }

  private func append(to writer: inout ASCIIWriter, separator: UInt8?) {
    let digits = currency.minorDigits
    let (whole, fraction) = minorUnits.magnitude.quotientAndRemainder(dividingBy: powerOfTen(digits).magnitude)
    writer.append(whole, separator: separator)
    if digits > 0 {
      writer.append(UInt8(ascii: "."))
      writer.append(fraction, width: digits)
    }
  }

  /// Reads `1234.5`, `-.05`, `12`, `12.`, `12.3400`.
  ///
  /// Nil for anything else: a plus, a space, a separator, an exponent, a fraction of a minor unit, more than 64 bits.
  @inlinable
  public init?(decimal text: String, _ currency: Currency = .usd) {
    var text = text
    guard let money = text.withUTF8({ Money(decimal: $0, currency) }) else { return nil }
    self = money
  }

  /// Reads ASCII bytes as `init(decimal:_:)` reads a string.
  @inlinable
  public init?(decimal text: some Collection<UInt8>, _ currency: Currency = .usd) {
    guard let decimal = DecimalText(text), decimal.fractionDigits <= currency.minorDigits else { return nil }
    let scale = powerOfTen(currency.minorDigits - decimal.fractionDigits)
    let (minorUnits, overflow) = decimal.mantissa.multipliedReportingOverflow(by: scale)
    guard !overflow else { return nil }
    self.init(minorUnits: minorUnits, currency: currency)
  }
}

extension Money: Codable {
  /// Dollars are a whole number of cents, `123456`; other currencies say so, `"EUR 1234"` in minor units.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if currency == .usd {
      try container.encode(minorUnits)
    } else {
      try container.encode("\(currency.code) \(minorUnits)")
    }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let cents = try? container.decode(Int64.self) {
      self.init(cents: cents)
      return
    }
    let text = try container.decode(String.self)
    let parts = text.split(separator: " ", omittingEmptySubsequences: false)
    guard parts.count == 2, let currency = Currency(String(parts[0])), let minorUnits = Int64(parts[1]) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "\"\(text)\" is not an amount of money")
    }
    self.init(minorUnits: minorUnits, currency: currency)
  }
}
