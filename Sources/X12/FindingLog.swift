/// Collects the findings of one transaction, up to a limit, and puts them into words.
struct FindingLog {
  /// How many findings a transaction may have before the rest is only counted.
  static let limit = 1_000

  private(set) var findings: [X12Finding] = []
  private(set) var suppressed = 0

  var rejects: Bool { suppressed > 0 || findings.contains { $0.gravity == .rejects } }

  mutating func add(_ finding: X12Finding) {
    if findings.count < Self.limit { findings.append(finding) } else { suppressed += 1 }
  }

  mutating func reset() {
    findings = []
    suppressed = 0
  }

  /// A fault of an element of the segment.
  mutating func add(
    _ fault: ElementFault, _ segment: borrowing SegmentView, loop: String, place: ElementPlace, spec: ElementSpec?,
    value: Range<Int>?
  ) {
    if findings.count >= Self.limit {
      suppressed += 1
      return
    }
    let text = value.map { segment.text($0.prefix(X12Finding.maximumBadValue)) }
    let reference = spec.flatMap { $0.reference == 0 ? nil : Int($0.reference) }
    let number = place.element < 10 ? "0\(place.element)" : "\(place.element)"
    var name = "\(segment.id)\(number)"
    if let component = place.component { name += "-\(component)" }
    if let repetition = place.repetition { name += ", repetition \(repetition)" }
    let shown = text.map { " \"\($0)\"" } ?? ""
    add(
      X12Finding(
        level: .element, code: fault.rawValue, segmentID: "\(segment.id)", segmentOrdinal: segment.ordinal,
        loopID: loop.isEmpty ? nil : loop, element: place.element, component: place.component,
        repetition: place.repetition, elementReference: reference, badValue: text, byteOffset: segment.byteOffset,
        message: "\(name)\(shown) in \(Self.place(segment.ordinal, loop, segment.byteOffset)): "
          + "\(fault.explanation(spec))."))
  }

  /// A fault of a segment; `id` is the missing one's when it is missing before this one.
  mutating func add(_ fault: SegmentFault, id: String, loop: String, ordinal: Int, byteOffset: Int, detail: String = "")
  {
    if findings.count >= Self.limit {
      suppressed += 1
      return
    }
    add(
      X12Finding(
        level: .segment, code: fault.rawValue, segmentID: id, segmentOrdinal: ordinal,
        loopID: loop.isEmpty ? nil : loop, byteOffset: byteOffset,
        message: "Segment \(id)\(detail) in \(Self.place(ordinal, loop, byteOffset)): \(fault.explanation)."))
  }

  private static func place(_ ordinal: Int, _ loop: String, _ byteOffset: Int) -> String {
    (loop.isEmpty ? "" : "loop \(loop), ") + "segment \(ordinal) (byte \(byteOffset))"
  }
}

/// Which element, component and repetition of a segment; all count from 1.
struct ElementPlace {
  var element: Int
  var component: Int?
  var repetition: Int?
}
