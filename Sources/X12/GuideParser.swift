// Reads a guide's file. Indentation is for people; a loop's depth is its indentation, two blanks a level.
//
//     guide 005010X222A1 837 HC
//     also 005010X222                           another version that is read with this guide
//     record 2300                               loops that are records; none of them within another
//     total BPR02 = 2300/RMR04 + 2200/ADX01     the element that must equal the sum of others; see AmountBalance
//     loop 2010AA R 1                           loop, usage, how often (* without limit)
//       NM1 R 1 : R=85! R=1|2 R S S N S S=XX S  segment, usage, how often : one word for each element
//       REF S 2 : R=0B|1G! R +                  + at the same place as the one before, in any order
//     loop 2300 R 100 same                      as the loop of that name was defined before
//
// An element's word is its usage (R required, S situational, N not used), then if needed `*n` repetitions (0 without
// limit), then either `=` and its codes (`@name` is a list of the dictionary) or the words of its components in
// parentheses. `!` marks the key that tells this segment from others with its identifier. Elements left out are N.

/// A loop or segment as written.
struct GuideItem {
  var id: String
  var usage: Usage
  var maximum: UInt32
  var isAtSamePlace = false
  /// Nil for a segment.
  var children: [GuideItem]?
  var words: [ElementWord] = []
  var line: Int
}

/// An element as written.
struct ElementWord {
  var usage: Usage
  var repeats: UInt16 = 1
  var codes: [String] = []
  var isKey = false
  var components: [ElementWord] = []
}

struct GuideParser {
  let name: String
  let dictionary: GuideDictionary
  private var line = 0
  private var loops: [String: GuideItem] = [:]
  private var version = ""
  private var otherVersions: [String] = []
  private var transaction = ""
  private var functionalID = ""
  private var recordLoops: [String] = []
  private var total: AmountBalance.Rule?

  init(name: String, dictionary: GuideDictionary) {
    self.name = name
    self.dictionary = dictionary
  }

  mutating func parse(_ text: String) throws(GuideError) -> Guide {
    var open: [GuideItem] = []
    var root: [GuideItem] = []
    func close(to depth: Int, _ loops: inout [String: GuideItem]) {
      while open.count > depth {
        let item = open.removeLast()
        if item.children != nil { loops[item.id] = item }
        if open.isEmpty { root.append(item) } else { open[open.count - 1].children?.append(item) }
      }
    }
    for (index, raw) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      line = index + 1
      let words = raw.split(separator: " ").map(String.init)
      guard let first = words.first, !first.hasPrefix("#") else { continue }
      if try readHeading(words) { continue }
      let depth = raw.prefix { $0 == " " }.count / 2
      close(to: depth, &loops)
      guard open.count == depth, open.last.map({ $0.children != nil }) ?? true else {
        throw failure("the line is indented deeper than the loop it belongs to")
      }
      open.append(first == "loop" ? try loop(words) : try segment(words))
    }
    close(to: 0, &loops)
    line = 0
    guard !version.isEmpty, !recordLoops.isEmpty, recordLoops.allSatisfy({ loops[$0] != nil }) else {
      throw failure("no guide line, or no such record loop")
    }
    var builder = GuideBuilder(name: name, dictionary: dictionary, recordLoops: recordLoops)
    try builder.build(root)
    let tables = GuideTables(builder, total: total)
    guard tables.balance?.isWhole ?? true else { throw failure("the total names an element that no segment has") }
    return Guide(
      version: version, otherVersions: otherVersions, transaction: transaction, functionalID: functionalID,
      recordLoops: recordLoops, tables: tables)
  }

  private mutating func readHeading(_ words: [String]) throws(GuideError) -> Bool {
    switch words[0] {
    case "guide":
      guard words.count == 4 else { throw failure("expected: guide VERSION TRANSACTION GROUP") }
      (version, transaction, functionalID) = (words[1], words[2], words[3])
    case "also":
      otherVersions += words.dropFirst()
    case "record":
      guard words.count >= 2 else { throw failure("expected: record LOOP") }
      recordLoops = Array(words.dropFirst())
    case "total":
      guard let rule = AmountBalance.Rule(words: words) else {
        throw failure("expected: total BPR02 = LOOP/RMR04 + LOOP/ADX01")
      }
      total = rule
    case _:
      return false
    }
    return true
  }

  private func loop(_ words: [String]) throws(GuideError) -> GuideItem {
    guard words.count >= 4 else { throw failure("expected: loop NAME USAGE MAXIMUM") }
    var item = try heading(words[1], words[2], words[3])
    item.children = []
    for word in words.dropFirst(4) {
      switch word {
      case "+": item.isAtSamePlace = true
      case "same":
        guard let other = loops[item.id] else { throw failure("no loop \(item.id) was defined before") }
        item.children = other.children
      case _: throw failure("\"\(word)\" is not understood")
      }
    }
    return item
  }

  private func segment(_ words: [String]) throws(GuideError) -> GuideItem {
    guard words.count >= 4, words[3] == ":" else { throw failure("expected: SEGMENT USAGE MAXIMUM : elements") }
    var item = try heading(words[0], words[1], words[2])
    guard dictionary.segments[item.id] != nil else { throw failure("the dictionary has no segment \(item.id)") }
    var rest = words.dropFirst(4)
    if rest.last == "+" {
      item.isAtSamePlace = true
      rest.removeLast()
    }
    var text = Array(rest.joined(separator: " "))[...]
    item.words = try elements(&text)
    if !text.isEmpty { throw failure("\"\(String(text))\" is not understood") }
    return item
  }

  private func heading(_ id: String, _ usage: String, _ maximum: String) throws(GuideError) -> GuideItem {
    guard usage.count == 1, let letter = usage.first, let usage = Usage(letter) else {
      throw failure("usage must be R, S or N")
    }
    guard let maximum = maximum == "*" ? UInt32.max : UInt32(maximum), maximum > 0 else {
      throw failure("the maximum must be a number or *")
    }
    return GuideItem(id: id, usage: usage, maximum: maximum, line: line)
  }

  private func elements(_ text: inout ArraySlice<Character>) throws(GuideError) -> [ElementWord] {
    var words: [ElementWord] = []
    while let letter = text.first, letter != ")" {
      if letter == " " {
        text.removeFirst()
        continue
      }
      guard let usage = Usage(letter) else { throw failure("an element must start with R, S or N, not \(letter)") }
      text.removeFirst()
      var word = ElementWord(usage: usage)
      if text.first == "*" {
        text.removeFirst()
        let digits = text.prefix { $0.isNumber }
        text.removeFirst(digits.count)
        guard let repeats = UInt16(String(digits)) else { throw failure("* must be followed by a number") }
        word.repeats = repeats
      }
      if text.first == "(" {
        text.removeFirst()
        word.components = try elements(&text)
        guard text.popFirst() == ")" else { throw failure("a closing parenthesis is missing") }
      } else if text.first == "=" {
        text.removeFirst()
        let codes = text.prefix { $0 != " " && $0 != "!" && $0 != ")" }
        text.removeFirst(codes.count)
        word.codes = String(codes).split(separator: "|").map(String.init)
        if text.first == "!" {
          text.removeFirst()
          word.isKey = true
        }
      }
      words.append(word)
    }
    return words
  }

  private func failure(_ reason: String) -> GuideError { GuideError(file: name, line: line, reason: reason) }
}
