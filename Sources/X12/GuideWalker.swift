// Finds each segment's place in its guide.
//
// The walker keeps a stack of open loops. A segment belongs to the innermost loop that has a place for it at or after
// the place reached so far; loops inside that one are closed. What a loop requires and did not get is noted when its
// place is passed.

struct GuideWalker {
  /// An open loop.
  struct Frame {
    var loop: Int32
    /// The place reached.
    var sequence: UInt16
    /// The next required node to look at, in the table of required nodes.
    var nextRequired: Int32
    /// HL01 of the hierarchical level that the loop opens; 0 if it opens none.
    var hierarchy: Int
  }

  /// Why a segment has no place.
  enum Misplacement {
    /// No segment of the guide has this identifier.
    case unknown
    /// The guide has it, but not here.
    case unexpected
    /// It would have had a place earlier.
    case outOfSequence
  }

  enum Step {
    /// The segment is at this node. `closed` loops were left.
    case placed(node: Int, closed: Int, isOverMaximum: Bool)
    case misplaced(Misplacement)
  }

  let tables: GuideTables
  private(set) var frames: [Frame] = []
  /// Required nodes that were passed without having been seen, with the loop they belong to; for the caller to empty.
  var missing: [(node: Int, loop: Int)] = []
  private var counts: [UInt32]

  init(_ guide: Guide) {
    tables = guide.tables
    counts = Array(repeating: 0, count: tables.nodes.count)
    frames.reserveCapacity(16)
    open(loop: 0)
  }

  /// Takes the next segment.
  mutating func step(_ segment: borrowing SegmentView) -> Step {
    guard let symbol = tables.symbols[segment.id] else { return .misplaced(.unknown) }
    var full: (level: Int, node: Int)?
    var level = frames.count - 1
    while level >= 0 {
      let frame = frames[level]
      if let group = tables.group(of: symbol, in: frame.loop) {
        for candidate in group {
          let index = Int(tables.candidates[Int(candidate)])
          let node = tables.nodes[index]
          guard node.sequence >= frame.sequence, matches(segment, node) else { continue }
          if counts[index] < node.maximum { return place(level, index, isOverMaximum: false) }
          if full == nil { full = (level, index) }
        }
      }
      level -= 1
    }
    if let full { return place(full.level, full.node, isOverMaximum: true) }
    return .misplaced(misplacement(segment, symbol))
  }

  /// Closes every loop at the end of the transaction.
  mutating func finish() {
    while !frames.isEmpty { closeInnermost() }
  }

  /// The innermost open loop.
  var innermostLoop: Int { frames.last.map { Int($0.loop) } ?? 0 }

  /// HL01 of the nearest level that encloses the innermost loop.
  var enclosingHierarchy: Int {
    for frame in frames.dropLast().reversed() where frame.hierarchy > 0 { return frame.hierarchy }
    return 0
  }

  mutating func setHierarchy(_ number: Int) { frames[frames.count - 1].hierarchy = number }

  @inline(__always)
  private func matches(_ segment: borrowing SegmentView, _ node: GuideNode) -> Bool {
    if node.keyElement == 0 { return true }
    var bounds = segment.bounds(Int(node.keyElement))
    if node.isKeyInComposite { bounds = segment.head(bounds, before: segment.delimiters.component) }
    return tables.allows(segment.packed(bounds), in: node.keyCodes)
  }

  private mutating func place(_ level: Int, _ index: Int, isOverMaximum: Bool) -> Step {
    let closed = frames.count - 1 - level
    for _ in 0..<closed { closeInnermost() }
    let node = tables.nodes[index]
    advance(level, to: node.sequence)
    counts[index] &+= 1
    if node.loop >= 0 { open(loop: node.loop) }
    return .placed(node: index, closed: closed, isOverMaximum: isOverMaximum)
  }

  private mutating func open(loop index: Int32) {
    let loop = tables.loops[Int(index)]
    counts.clear(loop.nodes)
    let isTransaction = loop.opening < 0
    if !isTransaction { counts[Int(loop.nodes.lowerBound)] = 1 }
    frames.append(
      Frame(
        loop: index, sequence: isTransaction ? 0 : 1, nextRequired: loop.required.lowerBound, hierarchy: 0))
  }

  private mutating func closeInnermost() {
    advance(frames.count - 1, to: .max)
    frames.removeLast()
  }

  /// Moves to a later place of the loop, noting what was required before it and not seen.
  @inline(__always)
  private mutating func advance(_ level: Int, to sequence: UInt16) {
    let frame = frames[level]
    if frame.sequence == sequence { return }
    let end = tables.loops[Int(frame.loop)].required.upperBound
    var next = frame.nextRequired
    while next < end {
      let index = Int(tables.required[Int(next)])
      if tables.nodes[index].sequence >= sequence { break }
      if counts[index] == 0 { missing.append((index, Int(frame.loop))) }
      next += 1
    }
    frames[level].nextRequired = next
    frames[level].sequence = sequence
  }

  private func misplacement(_ segment: borrowing SegmentView, _ symbol: Int) -> Misplacement {
    for frame in frames {
      for candidate in tables.group(of: symbol, in: frame.loop) ?? 0..<0 {
        if matches(segment, tables.nodes[Int(tables.candidates[Int(candidate)])]) { return .outOfSequence }
      }
    }
    return .unexpected
  }
}
