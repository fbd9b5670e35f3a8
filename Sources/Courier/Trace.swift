// Where a call stands in everything that one outside request set off: W3C Trace Context.
// https://www.w3.org/TR/trace-context/

/// A place in a trace.
public struct Trace: Hashable, Sendable {
  private let high: UInt64
  private let low: UInt64
  private let span: UInt64
  private let flags: UInt8
  /// What other vendors put there; handed on as it is.
  public let state: String

  /// A trace that begins here.
  public init() {
    self.init(high: .random(in: 1 ... .max), low: .random(in: 0 ... .max), flags: 1, state: "")
  }

  /// The place of the one who sends the header; nil where the header is none.
  ///
  /// - Parameters:
  ///   - header: `traceparent`, as `00-<32 hex digits>-<16 hex digits>-<2 hex digits>` in lower case. A later version
  ///     may have more behind that.
  ///   - state: `tracestate`; one of more than 512 characters is left out.
  public init?(traceparent header: String, state: String = "") {
    let bytes = Array(header.utf8)
    guard bytes.count >= 55, bytes[2] == Self.dash, bytes[35] == Self.dash, bytes[52] == Self.dash,
      let version = UInt64(hex: bytes[0..<2]), version != 0xff,
      bytes.count == 55 || (version > 0 && bytes[55] == Self.dash),
      let high = UInt64(hex: bytes[3..<19]), let low = UInt64(hex: bytes[19..<35]), high != 0 || low != 0,
      let span = UInt64(hex: bytes[36..<52]), span != 0, let flags = UInt64(hex: bytes[53..<55])
    else { return nil }
    self.init(
      high: high, low: low, span: span, flags: UInt8(flags), state: state.utf8.count <= 512 ? state : "")
  }

  private init(high: UInt64, low: UInt64, span: UInt64 = .random(in: 1 ... .max), flags: UInt8, state: String) {
    self.high = high
    self.low = low
    self.span = span
    self.flags = flags
    self.state = state
  }

  /// The next place in the same trace: that of whoever handles a call.
  public var next: Trace { Trace(high: high, low: low, flags: flags, state: state) }

  public var traceID: String { high.hex + low.hex }
  public var spanID: String { span.hex }

  /// The header that tells it to others.
  public var traceparent: String { "00-\(traceID)-\(spanID)-\(String(UInt64(flags).hex.suffix(2)))" }

  private static let dash = UInt8(ascii: "-")
}

extension UInt64 {
  /// Nil where there is anything but lower case hex digits.
  fileprivate init?(hex digits: ArraySlice<UInt8>) {
    self = 0
    for digit in digits {
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): self = self << 4 | UInt64(digit - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "f"): self = self << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
      default: return nil
      }
    }
  }

  /// Sixteen digits.
  fileprivate var hex: String {
    String(unsafeUninitializedCapacity: 16) { digits in
      for place in 0..<16 {
        let value = UInt8(truncatingIfNeeded: self >> UInt64(60 - 4 * place)) & 0xf
        digits[place] = value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
      }
      return 16
    }
  }
}
