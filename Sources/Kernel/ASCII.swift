// Reading and writing short ASCII fields without intermediate arrays: dates, amounts and identifiers are parsed and
// printed millions of times in one file or billing run.

/// Takes fixed-width fields off the front of some bytes.
@usableFromInline
struct ASCIIReader<Bytes: IteratorProtocol<UInt8>> {
  @usableFromInline var bytes: Bytes

  @inlinable
  init<Source: Sequence>(_ source: Source) where Source.Iterator == Bytes {
    bytes = source.makeIterator()
  }

  @inlinable
  mutating func next() -> UInt8? {
    bytes.next()
  }

  /// The next `count` bytes as a number, nil unless all are digits; at most 18.
  @inlinable
  mutating func digits(_ count: Int) -> Int? {
    var value = 0
    for _ in 0..<count {
      guard let digit = bytes.next()?.decimalDigit else { return nil }
      value = value &* 10 &+ Int(digit)
    }
    return value
  }

  /// Whether the next byte is `byte`; it is consumed either way.
  @inlinable
  mutating func skip(_ byte: UInt8) -> Bool {
    bytes.next() == byte
  }

  @inlinable
  mutating func isAtEnd() -> Bool {
    bytes.next() == nil
  }
}

extension UInt8 {
  @inlinable
  var decimalDigit: UInt8? {
    let digit = self &- UInt8(ascii: "0")
    return digit < 10 ? digit : nil
  }
}

/// Writes ASCII into a buffer that becomes a string.
struct ASCIIWriter {
  fileprivate let buffer: UnsafeMutableBufferPointer<UInt8>
  fileprivate var count = 0

  mutating func append(_ byte: UInt8) {
    precondition(count < buffer.count, "the text outgrew its capacity")
    buffer[count] = byte
    count += 1
  }

  mutating func append(_ text: String) {
    for byte in text.utf8 { append(byte) }
  }

  /// Writes `value` in `width` digits, with leading zeros.
  mutating func append(_ value: UInt64, width: Int) {
    precondition(width <= buffer.count - count, "the text outgrew its capacity")
    var rest = value
    for position in stride(from: count + width - 1, through: count, by: -1) {
      buffer[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    }
    count += width
  }

  /// Writes `value` in as many digits as it has, with `separator` between thousands if there is one.
  mutating func append(_ value: UInt64, separator: UInt8? = nil) {
    guard value >= 1000 else {
      return append(value, width: value < 10 ? 1 : value < 100 ? 2 : 3)
    }
    append(value / 1000, separator: separator)
    if let separator { append(separator) }
    append(value % 1000, width: 3)
  }
}

extension String {
  /// The ASCII text that `write` appends; `capacity` is a limit in bytes.
  init(asciiCapacity capacity: Int, _ write: (inout ASCIIWriter) -> Void) {
    self.init(unsafeUninitializedCapacity: capacity) { buffer in
      // The storage may be larger than asked for, the limit is not.
      var writer = ASCIIWriter(buffer: UnsafeMutableBufferPointer(rebasing: buffer[..<capacity]))
      write(&writer)
      return writer.count
    }
  }
}

/// A decimal number as it is written: `mantissa` divided by ten to the power of `fractionDigits`.
///
/// Grammar: an optional minus, digits, an optional point and digits; at least one digit. Zeros at the end of the
/// fraction do not count. No plus, spaces, exponent or separators.
@usableFromInline
struct DecimalText {
  @usableFromInline let mantissa: Int64
  @usableFromInline let fractionDigits: Int

  /// Nil if `text` is not in the grammar or its mantissa does not fit in 64 bits.
  @inlinable
  init?(_ text: some Collection<UInt8>) {
    var magnitude: UInt64 = 0
    var fractionDigits = 0
    var zerosHeldBack = 0
    var sawDigit = false
    var sawPoint = false
    let isNegative = text.first == UInt8(ascii: "-")
    for byte in isNegative ? text.dropFirst() : text[...] {
      if byte == UInt8(ascii: "."), !sawPoint {
        sawPoint = true
        continue
      }
      guard let digit = byte.decimalDigit else { return nil }
      sawDigit = true
      if sawPoint, digit == 0 {
        zerosHeldBack += 1
        continue
      }
      for _ in 0...zerosHeldBack {
        let (shifted, overflow) = magnitude.multipliedReportingOverflow(by: 10)
        guard !overflow else { return nil }
        magnitude = shifted
      }
      let (sum, overflow) = magnitude.addingReportingOverflow(UInt64(digit))
      guard !overflow else { return nil }
      magnitude = sum
      if sawPoint { fractionDigits += zerosHeldBack + 1 }
      zerosHeldBack = 0
    }
    let signed = isNegative ? -Int128(magnitude) : Int128(magnitude)
    guard sawDigit, let mantissa = Int64(exactly: signed) else { return nil }
    self.mantissa = mantissa
    self.fractionDigits = fractionDigits
  }
}

/// Ten to the power of `exponent`, from 0 to 18.
@inlinable
func powerOfTen(_ exponent: Int) -> Int64 {
  var power: Int64 = 1
  for _ in 0..<exponent { power *= 10 }
  return power
}
