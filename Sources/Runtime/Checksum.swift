// A checksum of stored things, to compare two places that should hold the same. It finds mistakes, not forgeries.

import Kernel

/// FNV-1a over 64 bits. Fields keep their borders: "ab" and "c" are not "a" and "bc".
struct Checksum {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func add(_ bytes: some Collection<UInt8>) {
    for byte in bytes { add(byte) }
    add(Int64(bytes.count))
  }

  mutating func add(_ text: String) { add(text.utf8) }

  mutating func add(_ number: Int64) {
    for shift in stride(from: 0, to: 64, by: 8) { add(UInt8(truncatingIfNeeded: number >> Int64(shift))) }
  }

  mutating func add(_ value: Value) {
    switch value {
    case .null: add(0 as UInt8)
    case .integer(let number):
      add(1 as UInt8)
      add(number)
    case .text(let text):
      add(2 as UInt8)
      add(text)
    }
  }

  private mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
}

extension OutboxRecord {
  func add(to checksum: inout Checksum) {
    checksum.add(id)
    checksum.add(subject)
    checksum.add(about)
    checksum.add(envelope)
  }
}
