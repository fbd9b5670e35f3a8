// What an installation is told about itself: a file, and over it the environment.

import Configuration
import Foundation
import Kernel
import Yams

/// Settings by their dotted keys, such as "storage.connection". `PREMIA_STORAGE_CONNECTION` goes before the file.
struct Settings: Sendable {
  /// Where they are from, to name it.
  let source: String
  /// What the file says, by key.
  let file: [String: String]
  private let reader: ConfigReader

  /// - Parameters:
  ///   - path: a YAML file of settings; nil where there is none.
  ///   - environment: its variables that begin with `PREMIA_`.
  /// - Throws: `Problem` naming the file and what is wrong with it.
  init(path: String?, environment: [String: String] = ProcessInfo.processInfo.environment) throws(Problem) {
    source = path ?? "the environment"
    file = try path.map { path throws(Problem) in try Self.values(in: path) } ?? [:]
    var values: [AbsoluteConfigKey: ConfigValue] = [:]
    for (key, value) in file {
      values[AbsoluteConfigKey(ConfigKey(key))] = ConfigValue(.string(value), isSecret: false)
    }
    reader = ConfigReader(providers: [
      EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(with: "premia"),
      InMemoryProvider(name: source, values: values),
    ])
  }

  /// The value of a key; nil where it is nowhere set. What is empty is not set.
  subscript(key: String) -> String? {
    reader.string(forKey: ConfigKey(key)).flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Refuses keys that nobody reads: a mistyped one would otherwise be no setting at all.
  func requireKeys(_ known: Set<String>) throws(Problem) {
    for key in file.keys.sorted() where !known.contains(key) {
      throw problem(key, "is no setting; there are \(known.sorted().joined(separator: ", "))")
    }
  }

  /// A number; nil where the key is nowhere set.
  ///
  /// - Throws: `Problem` where it is none, or out of range.
  func number(_ key: String, in range: ClosedRange<Int>) throws(Problem) -> Int? {
    guard let text = self[key] else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw problem(key, "is '\(text)'; it is a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// Yes or no; no where the key is nowhere set.
  ///
  /// - Throws: `Problem` where it is neither.
  func flag(_ key: String) throws(Problem) -> Bool {
    switch self[key] {
    case nil, "false": return false
    case "true": return true
    case let other?: throw problem(key, "is '\(other)'; it is true or false")
    }
  }

  /// The first line of a file that a key names; nil where the key is nowhere set.
  ///
  /// - Throws: `Problem` where the file cannot be read, or holds nothing.
  func secret(_ key: String) throws(Problem) -> String? {
    guard let path = self[key] else { return nil }
    guard let text = try? String(contentsOfFile: path, encoding: .utf8),
      let line = text.split(whereSeparator: \.isNewline).first
    else { throw problem(key, "is '\(path)', which is no file with a secret in it that can be read") }
    return String(line)
  }

  /// What is wrong with a setting.
  func problem(_ key: String, _ words: String) -> Problem {
    Problem(
      kind: .invalid, code: "settings.invalid", detail: "In \(source): \(key) \(words).",
      remedy: "Correct it there, or in the environment variable that goes before it: PREMIA_ and the key in capitals.")
  }

  private static func values(in path: String) throws(Problem) -> [String: String] {
    let text: String
    do {
      text = try String(contentsOfFile: path, encoding: .utf8)
    } catch {
      throw Problem(
        kind: .notFound, code: "settings.no_such_file",
        detail: "The settings \(path) cannot be read: \(error.localizedDescription)",
        remedy: "Name a file that is there with --settings.")
    }
    do {
      var values: [String: String] = [:]
      if let root = try Yams.compose(yaml: text) { try collect(root, at: [], into: &values) }
      return values
    } catch {
      throw Problem(
        kind: .invalid, code: "settings.unreadable", detail: "The settings \(path) are not as they must be: \(error).",
        remedy: "Correct the file: names with a value or with names below them, as config/premia.yaml has them.")
    }
  }

  private static func collect(_ node: Node, at path: [String], into values: inout [String: String]) throws {
    switch node {
    case .scalar(let scalar):
      // A name with nothing behind it, such as one whose values are all comments, says nothing.
      if !scalar.string.isEmpty { values[path.joined(separator: ".")] = scalar.string }
    case .mapping(let mapping):
      for (name, value) in mapping { try collect(value, at: path + [name.string ?? ""], into: &values) }
    case .sequence, .alias:
      throw Unexpected(description: "\(path.joined(separator: ".")) is a list or an alias")
    }
  }

  private struct Unexpected: Error, CustomStringConvertible {
    let description: String
  }
}
