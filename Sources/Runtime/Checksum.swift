// A checksum of stored things, to compare two places that should hold the same. It finds mistakes, not forgeries.

import Kernel

/// Fields keep their borders: "ab" and "c" are not "a" and "bc".
struct Checksum {
  private var hash = StableHash()

  var value: UInt64 { hash.finish().hi }

  mutating func add(_ bytes: some Collection<UInt8>) {
    hash.absorb(bytes)
    add(Int64(bytes.count))
  }

  mutating func add(_ text: String) { add(text.utf8) }

  mutating func add(_ number: Int64) { hash.absorb(UInt64(bitPattern: number)) }

  mutating func add(_ value: Value) {
    switch value {
    case .null: add(kind: 0)
    case .integer(let number):
      add(kind: 1)
      add(number)
    case .text(let text):
      add(kind: 2)
      add(text)
    }
  }

  private mutating func add(kind: UInt8) { hash.absorb(CollectionOfOne(kind)) }
}

extension OutboxRecord {
  func add(to checksum: inout Checksum) {
    checksum.add(id)
    checksum.add(subject)
    checksum.add(about)
    checksum.add(envelope)
  }
}
