/// Checks the content of one transaction against its guide: where each segment stands and what is in it.
struct ContentCheck {
  private let tables: GuideTables
  private let rules: ElementRules
  private var walker: GuideWalker
  private var hierarchyCount = 0
  private var balance: AmountBalance?

  init(_ guide: Guide) {
    tables = guide.tables
    rules = ElementRules(tables: guide.tables)
    walker = GuideWalker(guide)
    balance = guide.tables.balance
  }

  /// The next segment between ST and SE.
  @inline(__always)
  mutating func take(_ segment: borrowing SegmentView, _ log: inout FindingLog) {
    let step = walker.step(segment)
    if !walker.missing.isEmpty { reportMissing(segment.ordinal, segment.byteOffset, &log) }
    switch step {
    case .misplaced(let misplacement):
      report(misplacement, segment, &log)
    case .placed(let index, _, let isOverMaximum):
      let node = tables.nodes[index]
      let loop = walker.innermostLoop
      if isOverMaximum { reportOverMaximum(node, segment, &log) }
      if node.usage == .notUsed { addSegment(.notUsed, segment, loop, &log) }
      if !segment.classes.isDisjoint(with: .overflow) {
        log.add(
          .tooManyElements, segment, loop: tables.loops[loop].id,
          place: ElementPlace(element: segment.elementCount), spec: nil, value: nil)
      }
      rules.check(segment, tables.segments[Int(node.segment)], loop: loop, &log)
      if segment.id == .hl { checkHierarchy(segment, loop, &log) }
      balance?.take(segment, at: index)
    }
  }

  /// The transaction ends; what is still required is missing.
  mutating func finish(ordinal: Int, byteOffset: Int, _ log: inout FindingLog) {
    walker.finish()
    reportMissing(ordinal, byteOffset, &log)
    if let difference = balance?.finding { log.add(difference) }
  }

  private func addSegment(_ fault: SegmentFault, _ segment: borrowing SegmentView, _ loop: Int, _ log: inout FindingLog)
  {
    log.add(
      fault, id: segment.writtenID, loop: tables.loops[loop].id, ordinal: segment.ordinal,
      byteOffset: segment.byteOffset, detail: segment.isPresent(1) ? " (\(segment.string(1).prefix(20)))" : "")
  }

  private func report(
    _ misplacement: GuideWalker.Misplacement, _ segment: borrowing SegmentView, _ log: inout FindingLog
  ) {
    let loop = walker.innermostLoop
    switch misplacement {
    case .unknown: addSegment(.unknown, segment, loop, &log)
    case .unexpected: addSegment(.unexpected, segment, loop, &log)
    case .outOfSequence: addSegment(.outOfSequence, segment, loop, &log)
    }
  }

  private func reportOverMaximum(_ node: GuideNode, _ segment: borrowing SegmentView, _ log: inout FindingLog) {
    addSegment(node.loop >= 0 ? .loopOverMaximum : .overMaximum, segment, walker.innermostLoop, &log)
  }

  private mutating func reportMissing(_ ordinal: Int, _ byteOffset: Int, _ log: inout FindingLog) {
    for (index, loop) in walker.missing {
      let node = tables.nodes[index]
      let name = node.loop >= 0 ? tables.loops[Int(node.loop)].id : tables.loops[loop].id
      log.add(.missing, id: "\(node.id)", loop: name, ordinal: ordinal, byteOffset: byteOffset)
    }
    walker.missing.removeAll(keepingCapacity: true)
  }

  /// HL01 counts from 1; HL02 names the level that encloses this one.
  private mutating func checkHierarchy(_ segment: borrowing SegmentView, _ loop: Int, _ log: inout FindingLog) {
    hierarchyCount += 1
    let name = tables.loops[loop].id
    let number = Int(segment.string(1))
    if number != hierarchyCount {
      log.add(
        .badCode, segment, loop: name, place: ElementPlace(element: 1), spec: nil, value: segment.bounds(1))
    }
    let parent = walker.enclosingHierarchy
    if segment.isPresent(2), Int(segment.string(2)) != parent {
      log.add(
        .badCode, segment, loop: name, place: ElementPlace(element: 2), spec: nil, value: segment.bounds(2))
    }
    walker.setHierarchy(number ?? hierarchyCount)
  }
}
