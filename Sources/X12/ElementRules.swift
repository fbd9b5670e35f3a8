/// Checks the elements of one segment against its specification.
struct ElementRules {
  let tables: GuideTables

  /// Element 1250 announces the format of the 1251 that follows it.
  private static let formatReference: UInt16 = 1250
  private static let periodReference: UInt16 = 1251
  /// Classes that the elements of most segments do not have, so that most values need not be searched for them.
  private static let noteworthy: ByteClass = [.componentSeparator, .repetitionSeparator, .forbidden]

  /// Adds what is wrong with the segment's elements to the log.
  @inline(__always)
  func check(_ segment: borrowing SegmentView, _ spec: SegmentSpec, loop: Int, _ log: inout FindingLog) {
    let count = segment.elementCount
    var present: UInt64 = 0
    var format: UInt64 = 0
    let last = max(min(count, spec.elements.count), Int(spec.requiredCount))
    var number = 0
    while number < last {
      let index = Int(spec.elements.lowerBound) + number
      number += 1
      let bounds = number <= count ? segment.bounds(number) : 0..<0
      let element = tables.elements[index]
      if bounds.isEmpty {
        if element.usage == .required {
          report(.missing, segment, loop, ElementPlace(element: number), element, nil, &log)
        }
        continue
      }
      present |= 1 << UInt64(number - 1)
      if element.usage == .notUsed {
        report(.notUsed, segment, loop, ElementPlace(element: number), element, bounds, &log)
      } else if element.type != .composite, element.repeats == 1 {
        if let fault = fault(of: segment, bounds, element, format) {
          report(fault, segment, loop, ElementPlace(element: number), element, bounds, &log)
        }
      } else {
        checkRepetitions(segment, bounds, element, format, number, loop, &log)
      }
      if element.reference == Self.formatReference { format = segment.packed(bounds) }
    }
    if count > spec.elements.count { checkExcess(segment, spec, loop, &log) }
    for index in spec.relations { check(tables.relations[Int(index)], present, segment, spec, loop, &log) }
  }

  private func report(
    _ fault: ElementFault, _ segment: borrowing SegmentView, _ loop: Int, _ place: ElementPlace, _ spec: ElementSpec?,
    _ value: Range<Int>?, _ log: inout FindingLog
  ) {
    log.add(fault, segment, loop: tables.loops[loop].id, place: place, spec: spec, value: value)
  }

  private func checkExcess(_ segment: borrowing SegmentView, _ spec: SegmentSpec, _ loop: Int, _ log: inout FindingLog)
  {
    for number in spec.elements.count + 1...segment.elementCount where segment.isPresent(number) {
      let place = ElementPlace(element: number)
      report(.tooManyElements, segment, loop, place, nil, segment.bounds(number), &log)
      return
    }
  }

  /// Splits an element at its repetitions and each of those at its components.
  private func checkRepetitions(
    _ segment: borrowing SegmentView, _ bounds: Range<Int>, _ element: ElementSpec, _ format: UInt64, _ number: Int,
    _ loop: Int, _ log: inout FindingLog
  ) {
    var rest = bounds
    var repetition = 0
    while true {
      let part = segment.delimiters.repetition.map { segment.head(rest, before: $0) } ?? rest
      repetition += 1
      if element.repeats > 0, repetition > Int(element.repeats) {
        let place = ElementPlace(element: number, repetition: repetition)
        report(.tooManyRepetitions, segment, loop, place, element, part, &log)
        return
      }
      let place = ElementPlace(element: number, repetition: element.repeats == 1 ? nil : repetition)
      if element.type == .composite {
        checkComponents(segment, part, element, place, loop, &log)
      } else if let fault = fault(of: segment, part, element, format) {
        report(fault, segment, loop, place, element, part, &log)
      }
      if part.upperBound == rest.upperBound { return }
      rest = part.upperBound + 1..<rest.upperBound
    }
  }

  private func checkComponents(
    _ segment: borrowing SegmentView, _ bounds: Range<Int>, _ composite: ElementSpec, _ place: ElementPlace,
    _ loop: Int,
    _ log: inout FindingLog
  ) {
    var rest = bounds
    var isExhausted = false
    var format: UInt64 = 0
    var place = place
    var number = 0
    while number < composite.components.count, !isExhausted || number < Int(composite.requiredCount) {
      let element = tables.elements[Int(composite.components.lowerBound) + number]
      number += 1
      place.component = number
      let part = isExhausted ? 0..<0 : segment.head(rest, before: segment.delimiters.component)
      if !isExhausted {
        isExhausted = part.upperBound == rest.upperBound
        if !isExhausted { rest = part.upperBound + 1..<rest.upperBound }
      }
      if part.isEmpty {
        if element.usage == .required { report(.missing, segment, loop, place, element, nil, &log) }
      } else if element.usage == .notUsed {
        report(.notUsed, segment, loop, place, element, part, &log)
      } else if let fault = fault(of: segment, part, element, format) {
        report(fault, segment, loop, place, element, part, &log)
      }
      if element.reference == Self.formatReference { format = segment.packed(part) }
    }
    if !isExhausted {
      place.component = composite.components.count + 1
      report(.tooManyComponents, segment, loop, place, nil, rest, &log)
    }
  }

  /// What is wrong with one simple value, the first fault only.
  @inline(__always)
  private func fault(
    of segment: borrowing SegmentView, _ bounds: Range<Int>, _ spec: ElementSpec, _ format: UInt64
  ) -> ElementFault? {
    if !segment.classes.isDisjoint(with: Self.noteworthy), let fault = characterFault(segment, bounds) { return fault }
    var length = bounds.count
    switch spec.type {
    case .text, .identifier:
      if segment.byte(bounds.upperBound - 1) == 0x20, length > Int(spec.minimum) { return .badCharacter }
    case .integer, .decimal:
      guard let digits = NumberRules.digits(segment, bounds, allowsPoint: spec.type == .decimal) else {
        return .badCharacter
      }
      length = digits
    case .date:
      if !DateRules.isDate(segment, bounds) { return .badDate }
    case .time:
      if !DateRules.isTime(segment, bounds) { return .badTime }
    case .composite:
      break
    }
    if length < Int(spec.minimum) { return .tooShort }
    if length > Int(spec.maximum) { return .tooLong }
    if spec.reference == Self.periodReference {
      return DateRules.isPeriod(segment, bounds, format: format) ? nil : .badDate
    }
    if !spec.codes.isUnrestricted, !tables.allows(segment.packed(bounds), in: spec.codes) { return .badCode }
    return nil
  }

  private func characterFault(_ segment: borrowing SegmentView, _ bounds: Range<Int>) -> ElementFault? {
    for offset in bounds {
      let byte = segment.byte(offset)
      if byte == segment.delimiters.component { return .tooManyComponents }
      if byte == segment.delimiters.repetition { return .tooManyRepetitions }
      if !Charset.isAllowed(byte) { return .badCharacter }
    }
    return nil
  }

  private func check(
    _ relation: RelationSpec, _ present: UInt64, _ segment: borrowing SegmentView, _ spec: SegmentSpec, _ loop: Int,
    _ log: inout FindingLog
  ) {
    let there = present & relation.all
    let others = relation.all & ~relation.first
    let fault: (ElementFault, UInt64)?
    switch relation.kind {
    case .paired:
      fault = there != 0 && there != relation.all ? (.missingByRelation, relation.all & ~there) : nil
    case .required:
      fault = there == 0 ? (.missingByRelation, relation.all) : nil
    case .exclusive:
      fault = there.nonzeroBitCount > 1 ? (.excludedByRelation, there) : nil
    case .conditional:
      let isBroken = there & relation.first != 0 && there & others != others
      fault = isBroken ? (.missingByRelation, others & ~there) : nil
    case .listConditional:
      let isBroken = there & relation.first != 0 && there & others == 0
      fault = isBroken ? (.missingByRelation, others) : nil
    }
    guard let (kind, elements) = fault else { return }
    let offset = elements.trailingZeroBitCount
    guard offset < spec.elements.count else { return }
    let element = tables.elements[Int(spec.elements.lowerBound) + offset]
    // A required element that is missing has been reported as such.
    if kind == .missingByRelation, element.usage == .required { return }
    report(kind, segment, loop, ElementPlace(element: offset + 1), element, nil, &log)
  }
}
