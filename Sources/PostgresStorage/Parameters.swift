// Values on their way to the server, in PostgreSQL's binary form: big-endian numbers, UTF-8 texts, bytes as they are.

import Kernel
import Runtime

/// The parameters of one statement, laid out in one buffer.
struct Parameters {
  /// Never empty, so that it always has an address: an empty text is not NULL.
  private(set) var buffer: [UInt8] = [0]
  /// Where each parameter is; nil is NULL.
  private(set) var places: [Range<Int>?] = []

  mutating func add(_ number: Int64) { add { $0.append(bigEndian: number) } }
  mutating func add(_ text: String) { add { $0.append(stored: text) } }
  mutating func add(_ bytes: [UInt8]) { add { $0 += bytes } }

  mutating func add(_ instant: Instant?) {
    guard let instant else { return places.append(nil) }
    add(instant.microseconds)
  }

  mutating func add(_ value: Value) {
    switch value {
    case .null: places.append(nil)
    case .integer(let number): add(number)
    case .text(let text): add(text)
    }
  }

  /// `text[]`
  mutating func add(texts: some Collection<String>) {
    add(array: texts, of: 25) { $0.append(stored: $1) }
  }

  /// `bytea[]`
  mutating func add(bytes: some Collection<[UInt8]>) {
    add(array: bytes, of: 17) { $0 += $1 }
  }

  /// `bigint[]`
  mutating func add(numbers: some Collection<Int64>) {
    add(array: numbers, of: 20) { $0.append(bigEndian: $1) }
  }

  /// One dimension, no NULLs, from 1: the head, then each element behind its length.
  private mutating func add<Elements: Collection>(
    array elements: Elements, of type: Int32, _ append: (inout [UInt8], Elements.Element) -> Void
  ) {
    add { buffer in
      buffer.append(bigEndian: Int32(elements.isEmpty ? 0 : 1))
      buffer.append(bigEndian: Int32(0))
      buffer.append(bigEndian: type)
      guard !elements.isEmpty else { return }
      buffer.append(bigEndian: Int32(elements.count))
      buffer.append(bigEndian: Int32(1))
      for element in elements {
        let length = buffer.count
        buffer.append(bigEndian: Int32(0))
        append(&buffer, element)
        buffer.set(bigEndian: Int32(buffer.count - length - 4), at: length)
      }
    }
  }

  private mutating func add(_ append: (inout [UInt8]) -> Void) {
    let start = buffer.count
    append(&buffer)
    places.append(start..<buffer.count)
  }
}

extension [UInt8] {
  fileprivate mutating func append(bigEndian number: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: number.bigEndian) { append(contentsOf: $0) }
  }

  fileprivate mutating func set(bigEndian number: Int32, at position: Int) {
    Swift.withUnsafeBytes(of: number.bigEndian) { replaceSubrange(position..<position + 4, with: $0) }
  }

  fileprivate mutating func append(stored text: String) {
    var text = StoredText.needsEscape(text.utf8) ? StoredText.escaped(text) : text
    text.withUTF8 { append(contentsOf: $0) }
  }
}

/// PostgreSQL's texts can hold every character but U+0000. It is written as U+10FFFF and "0", and U+10FFFF, which no
/// text has either, as itself and "1".
enum StoredText {
  private static let escape: Unicode.Scalar = "\u{10FFFF}"

  /// Whether there may be something to escape or to restore: U+0000, or a character that starts like U+10FFFF.
  static func needsEscape(_ utf8: some Sequence<UInt8>) -> Bool { utf8.contains { $0 == 0 || $0 == 0xF4 } }

  static func escaped(_ text: String) -> String {
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\u{0}": scalars.append(contentsOf: [escape, "0"])
      case escape: scalars.append(contentsOf: [escape, "1"])
      case let other: scalars.append(other)
      }
    }
    return String(scalars)
  }

  static func restored(_ text: String) -> String {
    var scalars = String.UnicodeScalarView()
    var isEscaped = false
    for scalar in text.unicodeScalars {
      if isEscaped {
        scalars.append(scalar == "0" ? "\u{0}" : escape)
        isEscaped = false
      } else if scalar == escape {
        isEscaped = true
      } else {
        scalars.append(scalar)
      }
    }
    return String(scalars)
  }
}
