// Reading a configuration file strictly: every value knows its line, and what cannot be accepted is refused with it.

public import Kernel
import Yams

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What is wrong in a configuration file, and where. Lines count from 1.
public struct ConfigProblem: Refusal, Equatable {
  public let file: String
  public let line: Int
  public let reason: String

  public var problem: Problem {
    Problem(
      kind: .invalid, code: "exchange.config_invalid", detail: "\(file):\(line): \(reason).",
      remedy: "Correct the file and start again.", fields: ["file": file, "line": "\(line)"])
  }
}

/// One value of a file.
struct ConfigValue {
  let node: Node
  let file: String

  /// Longer files are refused.
  private static let mostBytes = 1 << 20

  init(_ node: Node, _ file: String) {
    self.node = node
    self.file = file
  }

  /// The whole of a file.
  init(file: String, text: String) throws(ConfigProblem) {
    do {
      guard let node = try Yams.compose(yaml: text) else {
        throw ConfigProblem(file: file, line: 1, reason: "the file is empty")
      }
      self.init(node, file)
    } catch let problem as ConfigProblem {
      throw problem
    } catch let error as YamlError {
      let (line, reason) = error.placed
      throw ConfigProblem(file: file, line: line, reason: reason)
    } catch {
      throw ConfigProblem(file: file, line: 1, reason: "\(error)")
    }
  }

  init(path: String) throws(ConfigProblem) {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw ConfigProblem(file: path, line: 1, reason: "the file cannot be read")
    }
    guard bytes.count <= Self.mostBytes, let text = String(validating: bytes, as: UTF8.self) else {
      throw ConfigProblem(file: name, line: 1, reason: "the file is not UTF-8 text of at most \(Self.mostBytes) bytes")
    }
    try self.init(file: name, text: text)
  }

  func refusal(_ reason: String) -> ConfigProblem {
    ConfigProblem(file: file, line: node.mark?.line ?? 1, reason: reason)
  }

  func text() throws(ConfigProblem) -> String {
    guard let text = node.scalar?.string, !text.isEmpty else { throw refusal("a single value is expected here") }
    return text
  }

  /// Reads a text of one of its forms; `form` says which.
  func value<Value>(_ form: String, _ read: (String) -> Value?) throws(ConfigProblem) -> Value {
    let text = try text()
    guard let value = read(text) else { throw refusal("'\(text)' is not \(form)") }
    return value
  }

  func date() throws(ConfigProblem) -> CalendarDate { try value("a date as YYYY-MM-DD", CalendarDate.init(iso:)) }

  /// Dollars and cents, above zero.
  func amount() throws(ConfigProblem) -> Money {
    try value("an amount in dollars and cents above zero") { text in
      Money(decimal: text).flatMap { $0.isPositive ? $0 : nil }
    }
  }

  func count(in range: ClosedRange<Int>) throws(ConfigProblem) -> Int {
    try value("a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
      Int(text).flatMap { range.contains($0) ? $0 : nil }
    }
  }

  /// One of the cases of an enumeration, by its raw value.
  func choice<Choice: RawRepresentable & CaseIterable>(
    _: Choice.Type = Choice.self
  ) throws(ConfigProblem) -> Choice where Choice.RawValue == String {
    try value("one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))", Choice.init(rawValue:))
  }

  /// A two-letter state code.
  func state() throws(ConfigProblem) -> String {
    try value("a state's two capital letters") { text in
      text.utf8.count == 2 && text.utf8.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) } ? text : nil
    }
  }

  func list() throws(ConfigProblem) -> [ConfigValue] {
    guard let sequence = node.sequence, !sequence.isEmpty else { throw refusal("a list is expected here") }
    return sequence.map { ConfigValue($0, file) }
  }

  func texts() throws(ConfigProblem) -> [String] {
    var texts: [String] = []
    for value in try list() { texts.append(try value.text()) }
    return texts
  }

  /// Names and values where the names are not known beforehand.
  func pairs() throws(ConfigProblem) -> [(key: ConfigValue, value: ConfigValue)] {
    guard let mapping = node.mapping, !mapping.isEmpty else { throw refusal("names with values are expected here") }
    return mapping.map { (ConfigValue($0.key, file), ConfigValue($0.value, file)) }
  }

  /// The fields of `thing`; a field that it does not have, and one that it lacks, are refused.
  func fields(
    of thing: String, _ required: [String], optional: [String] = []
  ) throws(ConfigProblem) -> ConfigFields {
    var values: [String: ConfigValue] = [:]
    for (key, value) in try pairs() {
      let name = try key.text()
      guard required.contains(name) || optional.contains(name) else {
        let known = (required + optional).joined(separator: ", ")
        throw key.refusal("\(thing) has no field '\(name)'; its fields are \(known)")
      }
      values[name] = value
    }
    for name in required where values[name] == nil { throw refusal("\(thing) lacks the field '\(name)'") }
    return ConfigFields(values: values)
  }
}

/// The fields of a mapping whose names have been checked.
struct ConfigFields {
  fileprivate let values: [String: ConfigValue]

  /// A required field.
  subscript(_ name: String) -> ConfigValue {
    guard let value = values[name] else { preconditionFailure("'\(name)' was not required") }
    return value
  }

  func optional(_ name: String) -> ConfigValue? { values[name] }
}

extension YamlError {
  /// Where and what, as far as the parser says.
  fileprivate var placed: (line: Int, reason: String) {
    switch self {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      (mark.line, "this is not YAML: \(problem)")
    case .duplicatedKeysInMapping(let duplicates, let context):
      (context.mark.line, "named twice here: \(duplicates.joined(separator: ", "))")
    case .reader(let problem, let offset, _, let yaml):
      (1 + yaml.prefix(offset ?? 0).count(where: \.isNewline), "this is not YAML: \(problem)")
    case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
      (1, "this is not YAML: \(self)")
    }
  }
}
