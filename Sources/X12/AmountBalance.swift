// The one sum that a guide may ask for: an amount of the transaction that must equal the amounts of its loops, such as
// the payment of an 820 (BPR02) and its remittance lines (RMR04).

struct AmountBalance: Sendable {
  /// As written in a guide: `total BPR02 = 2200/ADX01 + 2300/RMR04`.
  struct Rule {
    /// An amount; outside of every loop where the loop is empty.
    struct Term: Hashable {
      let loop: String
      let segment: SegmentID
      let element: Int
    }

    let total: Term
    let parts: [Term]
  }

  /// By node: the element that is added up, 0 where there is none.
  private let partElements: [UInt8]
  private let totalNode: Int
  private let total: Rule.Term
  /// Whether every term of the rule has a node.
  let isWhole: Bool

  /// The segment that declares the total.
  private var declared: SegmentValue?
  /// Nil once an amount was no number of hundredths that fits: the transaction is refused whatever it adds up to.
  private var sum: Int64? = 0

  init(_ rule: Rule, loops: [GuideLoop], nodes: [GuideNode]) {
    var partElements = [UInt8](repeating: 0, count: nodes.count)
    var totalNode = -1
    var found: Set<Rule.Term> = []
    for loop in loops {
      for index in loop.nodes.map(Int.init) {
        let node = nodes[index]
        let name = node.loop >= 0 ? loops[Int(node.loop)].id : loop.id
        if rule.total.loop == name, rule.total.segment == node.id { totalNode = index }
        for part in rule.parts where part.loop == name && part.segment == node.id {
          partElements[index] = UInt8(part.element)
          found.insert(part)
        }
      }
    }
    self.partElements = partElements
    self.totalNode = totalNode
    total = rule.total
    isWhole = totalNode >= 0 && found == Set(rule.parts)
  }

  /// A segment that stands at a node of the guide.
  mutating func take(_ segment: borrowing SegmentView, at node: Int) {
    let element = Int(partElements[node])
    if element > 0 {
      guard let before = sum, let amount = Self.hundredths(segment.string(element)) else { return sum = nil }
      let (after, overflow) = before.addingReportingOverflow(amount)
      sum = overflow ? nil : after
    } else if node == totalNode {
      declared = segment.value
    }
  }

  /// What is wrong once all segments were taken.
  var finding: X12Finding? {
    guard let segment = declared else { return nil }
    let text = segment[total.element] ?? ""
    let amount = Self.hundredths(text)
    if let amount, let sum, amount == sum { return nil }
    let words = sum.map { "add up to \(Self.text($0))" } ?? "do not add up to an amount"
    return X12Finding(
      level: .element, code: "I12", segmentID: "\(segment.id)", segmentOrdinal: segment.ordinal,
      element: total.element, elementReference: 782, badValue: text, byteOffset: segment.byteOffset,
      message: "\(segment.id)0\(total.element) \"\(text)\" in segment \(segment.ordinal) (byte \(segment.byteOffset)): "
        + "its lines and adjustments \(words); send an amount and lines that agree.")
  }

  /// Nil where it is no decimal number of at most two places that fits.
  static func hundredths(_ text: String) -> Int64? {
    let isNegative = text.utf8.first == UInt8(ascii: "-")
    var value: Int64 = 0
    var places: Int?
    for byte in text.utf8.dropFirst(isNegative ? 1 : 0) {
      if byte == UInt8(ascii: ".") {
        guard places == nil else { return nil }
        places = 0
        continue
      }
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      if let known = places {
        if known == 2 {
          guard byte == UInt8(ascii: "0") else { return nil }
          continue
        }
        places = known + 1
      }
      guard let next = shifted(value, adding: Int64(byte - UInt8(ascii: "0"))) else { return nil }
      value = next
    }
    for _ in (places ?? 0)..<2 {
      guard let next = shifted(value, adding: 0) else { return nil }
      value = next
    }
    return isNegative ? -value : value
  }

  private static func shifted(_ value: Int64, adding digit: Int64) -> Int64? {
    let (tenfold, overflow) = value.multipliedReportingOverflow(by: 10)
    let (sum, overflowsAgain) = tenfold.addingReportingOverflow(digit)
    return overflow || overflowsAgain ? nil : sum
  }

  private static func text(_ hundredths: Int64) -> String {
    let (whole, rest) = hundredths.magnitude.quotientAndRemainder(dividingBy: 100)
    return (hundredths < 0 ? "-" : "") + "\(whole)" + (rest == 0 ? "" : rest < 10 ? ".0\(rest)" : ".\(rest)")
  }
}

extension AmountBalance.Rule {
  /// - Parameter words: of the guide's line, with its first, `total`.
  init?(words: [String]) {
    guard words.count >= 4, words.count.isMultiple(of: 2), words[2] == "=", let total = Term(words[1]) else {
      return nil
    }
    var parts: [Term] = []
    for index in stride(from: 3, to: words.count, by: 2) {
      guard index == 3 || words[index - 1] == "+", let part = Term(words[index]) else { return nil }
      parts.append(part)
    }
    self.init(total: total, parts: parts)
  }
}

extension AmountBalance.Rule.Term {
  /// `2300/RMR04`, or `BPR02`.
  fileprivate init?(_ text: String) {
    let parts = text.split(separator: "/").map(String.init)
    guard let name = parts.last, parts.count <= 2, name.count >= 4, let element = Int(name.suffix(2)), element > 0
    else { return nil }
    self.init(loop: parts.count == 2 ? parts[0] : "", segment: SegmentID(String(name.dropLast(2))), element: element)
  }
}
