// Reading a YAML file strictly: every value knows its place, and what cannot be accepted is refused with it.

import Courier
package import Kernel
import Yams

/// What is wrong in a file, and where. Lines and columns count from 1.
package struct FileProblem: Refusal, Equatable {
  package let file: String
  package let line: Int
  package let column: Int
  package let reason: String

  package var problem: Problem {
    Problem(
      kind: .invalid, code: "products.file_invalid", detail: "\(file):\(line):\(column): \(reason).",
      remedy: "Correct the file and publish it again; nothing of it was taken.",
      fields: ["file": file, "line": "\(line)", "column": "\(column)"])
  }
}

/// One value of a file.
struct Entry {
  let node: Node
  let file: String

  /// Longer files are refused.
  static let mostBytes = 1 << 20

  /// The whole of a file.
  init(file: String, content: [UInt8]) throws(FileProblem) {
    func problem(_ line: Int, _ column: Int, _ reason: String) -> FileProblem {
      FileProblem(file: file, line: line, column: column, reason: reason)
    }
    guard content.count <= Self.mostBytes else {
      throw problem(1, 1, "the file has \(content.count) bytes; at most \(Self.mostBytes) are read")
    }
    guard let text = String(validating: content, as: UTF8.self) else {
      let (line, column) = content.firstInvalidPlace
      throw problem(line, column, "the bytes are not UTF-8 text")
    }
    do {
      guard let node = try Yams.compose(yaml: text) else { throw problem(1, 1, "the file is empty") }
      self.init(node, file)
    } catch let refusal as FileProblem {
      throw refusal
    } catch let error as YamlError {
      let (line, column, reason) = error.placed
      throw problem(line, column, reason)
    } catch {
      throw problem(1, 1, "\(error)")
    }
  }

  init(_ node: Node, _ file: String) {
    self.node = node
    self.file = file
  }

  var line: Int { node.mark?.line ?? 1 }

  func refusal(_ reason: String) -> FileProblem {
    FileProblem(file: file, line: line, column: node.mark?.column ?? 1, reason: reason)
  }

  // MARK: Values

  func text() throws(FileProblem) -> String {
    guard let text = node.scalar?.string else { throw refusal("a single value is expected here") }
    guard !text.isEmpty else { throw refusal("the value is missing") }
    return text
  }

  /// Reads a text of one of its forms; `form` says which.
  func value<Value>(_ form: String, _ read: (String) -> Value?) throws(FileProblem) -> Value {
    let text = try text()
    guard let value = read(text) else { throw refusal("'\(text)' is not \(form)") }
    return value
  }

  func date() throws(FileProblem) -> CalendarDate {
    try value("a date as YYYY-MM-DD", CalendarDate.init(iso:))
  }

  /// Dollars, not negative.
  func money() throws(FileProblem) -> Money {
    let amount = try value("an amount in dollars and cents") { Money(decimal: $0) }
    guard !amount.isNegative else { throw refusal("the amount \(amount) is negative") }
    guard amount <= Money(cents: 100_000_000) else { throw refusal("the amount \(amount) is above $1,000,000.00") }
    return amount
  }

  /// A factor with at most three decimals, more than zero and at most ten.
  func factor() throws(FileProblem) -> Ratio {
    let factor = try value("a factor such as 1.135", Ratio.init(decimal:))
    guard factor > .zero, factor <= Ratio(10, 1) else { throw refusal("the factor is not above 0 and at most 10") }
    guard 1000 % factor.denominator == 0 else { throw refusal("the factor has more than three decimals") }
    return factor
  }

  /// Basis points of a percentage such as "20%".
  func percentage() throws(FileProblem) -> Int {
    let share = try value("a percentage such as 20%") { text in
      text.hasSuffix("%") ? Ratio(decimal: String(text.dropLast())) : nil
    }
    guard share >= .zero, share <= Ratio(100, 1) else { throw refusal("the percentage is not 0% to 100%") }
    guard 100 % share.denominator == 0 else { throw refusal("the percentage has more than two decimals") }
    return Int(share.numerator * (100 / share.denominator))
  }

  func integer(in range: ClosedRange<Int>) throws(FileProblem) -> Int {
    let number = try value("a whole number") { Int($0) }
    guard range.contains(number) else {
      throw refusal("\(number) is not from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func flag() throws(FileProblem) -> Bool {
    try value("true or false") { $0 == "true" ? true : $0 == "false" ? false : nil }
  }

  /// One of the cases of an enumeration, by its raw value.
  func choice<Choice: RawRepresentable & CaseIterable>(
    _: Choice.Type = Choice.self
  ) throws(FileProblem) -> Choice where Choice.RawValue == String {
    let text = try text()
    guard let choice = Choice(rawValue: text) else {
      throw refusal("'\(text)' is none of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return choice
  }

  /// A name of lower-case letters, digits and hyphens.
  func identifier() throws(FileProblem) -> String {
    try value("a name of up to 64 lower-case letters, digits and hyphens") { text in
      let isName = text.utf8.allSatisfy { byte in
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
          || byte == UInt8(ascii: "-")
      }
      return isName && text.utf8.count <= 64 ? text : nil
    }
  }

  /// A two-letter state code.
  func stateCode() throws(FileProblem) -> String {
    try value("a state's two capital letters") { text in
      text.utf8.count == 2 && text.utf8.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) } ? text : nil
    }
  }

  // MARK: Collections

  var isList: Bool { node.sequence != nil }

  func list() throws(FileProblem) -> [Entry] {
    guard let sequence = node.sequence else { throw refusal("a list is expected here") }
    guard !sequence.isEmpty else { throw refusal("the list is empty") }
    return sequence.map { Entry($0, file) }
  }

  /// Names and values where the names are not known beforehand.
  func pairs() throws(FileProblem) -> [(key: Entry, value: Entry)] {
    let members = try members()
    guard !members.isEmpty else { throw refusal("at least one name with a value is expected here") }
    return members
  }

  private func members() throws(FileProblem) -> [(key: Entry, value: Entry)] {
    guard let mapping = node.mapping else { throw refusal("names with values are expected here") }
    return mapping.map { (Entry($0.key, file), Entry($0.value, file)) }
  }

  /// A field, whatever others there are.
  func field(_ name: String) -> Entry? { node.mapping?[name].map { Entry($0, file) } }

  /// The fields of `thing`; a field that it does not have, and one that it lacks, are refused.
  func fields(of thing: String, _ required: [String], optional: [String] = []) throws(FileProblem) -> Fields {
    var values: [String: Entry] = [:]
    let known = required + optional
    for (key, value) in try members() {
      let name = try key.text()
      guard known.contains(name) else {
        let near = name.nearest(in: known).first.map { "; is it '\($0)'?" } ?? ""
        throw key.refusal("\(thing) has no field '\(name)'\(near)")
      }
      values[name] = value
    }
    for name in required where values[name] == nil { throw refusal("\(thing) lacks the field '\(name)'") }
    return Fields(values: values)
  }
}

/// The fields of a mapping whose names have been checked.
struct Fields {
  fileprivate let values: [String: Entry]

  /// A required field.
  subscript(_ name: String) -> Entry {
    guard let entry = values[name] else { preconditionFailure("'\(name)' was not required") }
    return entry
  }

  func optional(_ name: String) -> Entry? { values[name] }
}

extension YamlError {
  /// Where and what, as far as the parser says.
  fileprivate var placed: (line: Int, column: Int, reason: String) {
    switch self {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      (mark.line, mark.column, "this is not YAML: \(problem)")
    case .duplicatedKeysInMapping(let duplicates, let context):
      (context.mark.line, context.mark.column, "named twice here: \(duplicates.joined(separator: ", "))")
    case .reader(let problem, let offset, _, let yaml):
      yaml.prefix(offset ?? 0).reduce(into: (line: 1, column: 1, reason: "this is not YAML: \(problem)")) {
        ($0.line, $0.column) = $1.isNewline ? ($0.line + 1, 1) : ($0.line, $0.column + 1)
      }
    case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
      (1, 1, "this is not YAML: \(self)")
    }
  }
}

extension [UInt8] {
  /// Line and column of the first byte that is not UTF-8.
  fileprivate var firstInvalidPlace: (line: Int, column: Int) {
    var (line, column) = (1, 1)
    var bytes = makeIterator()
    var decoder = UTF8()
    while case .scalarValue(let scalar) = decoder.decode(&bytes) {
      (line, column) = scalar == "\n" ? (line + 1, 1) : (line, column + 1)
    }
    return (line, column)
  }
}
