// A guide compiled to integers, so that validating a segment is a few comparisons and no allocation.
//
// A *node* is a place in a loop: either a segment or a loop (known by its first segment). Nodes of one loop lie
// together. A node's *sequence* is its place in the loop's order; nodes with the same sequence may come in any order.
// A *key* is the element whose codes tell segments with the same identifier apart (NM1*85 from NM1*87).

/// Whether an element, segment or loop must, may or must not be there.
enum Usage: UInt8 {
  case required
  case situational
  case notUsed

  init?(_ letter: Character) {
    switch letter {
    case "R": self = .required
    case "S": self = .situational
    case "N": self = .notUsed
    case _: return nil
    }
  }
}

/// The data types of X12 elements.
enum ElementType: UInt8 {
  case text
  case identifier
  case integer
  case decimal
  case date
  case time
  case composite
}

/// Values that are allowed: a range of the table of packed codes, sorted. Empty means any value.
struct CodeSet {
  var lower: Int32 = 0
  var upper: Int32 = 0
  var isUnrestricted: Bool { lower == upper }
}

struct ElementSpec {
  var usage: Usage
  var type: ElementType
  /// The reference number of the data element, 0 for a composite.
  var reference: UInt16
  var minimum: UInt16
  var maximum: UInt16
  /// How often it may repeat; 0 without limit.
  var repeats: UInt16
  var codes = CodeSet()
  /// Components of a composite, in the table of elements.
  var components: Range<Int32> = 0..<0
  /// How many components there must be at least: the place of the last required one.
  var requiredCount: UInt8 = 0
}

/// A rule that ties elements of one segment together. Masks have bit n-1 for element n.
struct RelationSpec {
  enum Kind: UInt8 {
    /// All or none.
    case paired
    /// At least one.
    case required
    /// At most one.
    case exclusive
    /// If the first, then all others.
    case conditional
    /// If the first, then at least one other.
    case listConditional
  }

  var kind: Kind
  var first: UInt64
  var all: UInt64
}

struct SegmentSpec {
  var id: SegmentID
  var elements: Range<Int32>
  var relations: Range<Int32>
  /// How many elements there must be at least: the place of the last required one.
  var requiredCount: UInt8
}

struct GuideNode {
  var id: SegmentID
  /// The segment, or the first segment of the loop.
  var segment: Int32
  /// Index of the loop, or -1 for a segment.
  var loop: Int32
  var usage: Usage
  var sequence: UInt16
  var maximum: UInt32
  /// Element that must hold one of `keyCodes` for a segment to be this node; 0 when the identifier is enough.
  var keyElement: UInt8 = 0
  var isKeyInComposite = false
  var keyCodes = CodeSet()
}

/// Nodes of one loop that share a segment identifier.
struct NodeGroup {
  var id: SegmentID
  var nodes: Range<Int32>
}

struct GuideLoop {
  var id: String
  var nodes: Range<Int32>
  var groups: Range<Int32>
  /// In the table of required nodes, in order of sequence.
  var required: Range<Int32>
  /// The segment that opens the loop; empty for the transaction itself.
  var opening: Int32
  /// Whether records lie below it.
  var holdsRecords: Bool
}

/// All tables of one guide. Loop 0 is the transaction itself.
final class GuideTables: Sendable {
  let loops: [GuideLoop]
  let nodes: [GuideNode]
  let groups: [NodeGroup]
  /// Node indices that groups refer to.
  let candidates: [Int32]
  let required: [Int32]
  let segments: [SegmentSpec]
  let elements: [ElementSpec]
  let relations: [RelationSpec]
  let codes: [UInt64]
  let symbols: SymbolTable
  /// For each loop and symbol the index of the group, or -1.
  private let groupOfSymbol: [Int16]
  /// The loops that are one record each, and those that enclose them.
  let recordLoopIDs: Set<String>
  let loopsAboveRecords: Set<String>
  /// Nil where the guide has no total.
  let balance: AmountBalance?

  init(_ builder: GuideBuilder, total: AmountBalance.Rule?) {
    loops = builder.loops
    nodes = builder.nodes
    groups = builder.groups
    candidates = builder.candidates
    required = builder.required
    segments = builder.segments
    elements = builder.elements
    relations = builder.relations
    codes = builder.codes
    symbols = SymbolTable(Set(builder.nodes.map(\.id)))
    var groupOfSymbol = [Int16](repeating: -1, count: builder.loops.count * symbols.count)
    for (index, loop) in builder.loops.enumerated() {
      for group in loop.groups {
        guard let symbol = symbols[builder.groups[Int(group)].id] else { continue }
        groupOfSymbol[index * symbols.count + symbol] = Int16(group)
      }
    }
    self.groupOfSymbol = groupOfSymbol
    recordLoopIDs = Set(builder.recordLoops)
    loopsAboveRecords = Set(builder.loops.filter(\.holdsRecords).map(\.id))
    balance = total.map { AmountBalance($0, loops: builder.loops, nodes: builder.nodes) }
  }

  /// The candidates of the loop for a segment with that symbol.
  @inline(__always)
  func group(of symbol: Int, in loop: Int32) -> Range<Int32>? {
    let index = groupOfSymbol[Int(loop) * symbols.count + symbol]
    return index < 0 ? nil : groups[Int(index)].nodes
  }

  /// Whether the packed value is one of the set's.
  @inline(__always)
  func allows(_ value: UInt64, in set: CodeSet) -> Bool {
    var lower = Int(set.lower)
    var upper = Int(set.upper)
    while upper - lower > 8 {
      let middle = (lower + upper) / 2
      if codes[middle] <= value { lower = middle } else { upper = middle }
    }
    while lower < upper {
      if codes[lower] == value { return true }
      lower += 1
    }
    return false
  }
}

/// Numbers a guide's segment identifiers from 0: an open-addressed hash table of them.
struct SymbolTable: Sendable {
  private static let size = 256
  private var ids: [UInt32]
  private var numbers: [UInt8]
  let count: Int

  init(_ known: Set<SegmentID>) {
    precondition(known.count < Self.size / 2, "a guide has a few dozen segment identifiers")
    ids = Array(repeating: 0, count: Self.size)
    numbers = Array(repeating: 0, count: Self.size)
    count = known.count
    for (number, id) in known.sorted(by: { $0.packed < $1.packed }).enumerated() {
      var slot = Self.slot(id)
      while ids[slot] != 0 { slot = (slot + 1) % Self.size }
      ids[slot] = id.packed
      numbers[slot] = UInt8(number)
    }
  }

  /// The identifier's number; nil when the guide does not have it.
  @inline(__always)
  subscript(id: SegmentID) -> Int? {
    var slot = Self.slot(id)
    while ids[slot] != 0 {
      if ids[slot] == id.packed { return Int(numbers[slot]) }
      slot = (slot + 1) % Self.size
    }
    return nil
  }

  @inline(__always)
  private static func slot(_ id: SegmentID) -> Int { Int((id.packed &* 0x9e37_79b1) >> 24) }
}
