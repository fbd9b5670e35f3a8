// Does a piece of JSON fit a message? Every fault is found at once, and named by its path.

import Kernel

extension Shapes {
  /// Checks JSON against a message of the contracts.
  ///
  /// - Throws: a `Problem` with every field at fault.
  func check(_ json: JSON, as message: String) throws(Problem) {
    var faults: [String: String] = [:]
    check(json, as: .message(message), at: "", into: &faults)
    guard let first = faults.min(by: { $0.key < $1.key }) else { return }
    let place = first.key.isEmpty ? "the body" : first.key
    let more = faults.count > 1 ? ", and \(faults.count - 1) more" : ""
    throw Problem(
      kind: .invalid, code: "request.invalid", detail: "\(place) \(first.value)\(more).",
      remedy: "Correct what errors lists; /openapi.json describes every field.", fields: faults)
  }

  private func check(_ json: JSON, as kind: Kind, at path: String, into faults: inout [String: String]) {
    switch (kind, json) {
    case (_, .null), (.text, .text), (.bytes, .text), (.boolean, .bool): break
    case (.integer(let bits), .integer(let value)): check(value, bits: bits, at: path, into: &faults)
    case (.integer(let bits), .text(let text)):
      guard let value = Int64(text) else {
        faults[path] = "is '\(text)', not a whole number"
        return
      }
      check(value, bits: bits, at: path, into: &faults)
    case (.enumeration(let name), .text(let text)):
      let known = enumerations[name]?.values ?? []
      if !known.contains(where: { $0.name == text }) { faults[path] = "is '\(text)'; it is one of \(known.words)" }
    case (.enumeration(let name), .integer(let number)):
      let known = enumerations[name]?.values ?? []
      if !known.contains(where: { $0.number == number }) {
        faults[path] = "is \(number); it is one of \(known.words)"
      }
    case (.message(let name), .object(let members)):
      for member in members { check(member, of: name, at: path, into: &faults) }
    case (.text, _), (.bytes, _), (.boolean, _), (.integer, _), (.enumeration, _), (.message, _):
      faults[path] = "is \(json.words); it should be \(kind.words)"
    }
  }

  private func check(_ member: JSON.Member, of name: String, at path: String, into faults: inout [String: String]) {
    let place = path.isEmpty ? member.name : "\(path).\(member.name)"
    guard let field = messages[name]?.field(member.name) else {
      let known = messages[name]?.fields.map(\.name).joined(separator: ", ") ?? ""
      faults[place] = "is not known here; " + (known.isEmpty ? "nothing is expected" : "the fields are \(known)")
      return
    }
    guard field.repeated else { return check(member.value, as: field.kind, at: place, into: &faults) }
    switch member.value {
    case .list(let values):
      for (index, value) in values.enumerated() {
        if value == .null {
          faults["\(place)[\(index)]"] = "is null; leave it out"
        } else {
          check(value, as: field.kind, at: "\(place)[\(index)]", into: &faults)
        }
      }
    case .null: break
    case .bool, .integer, .number, .text, .object: faults[place] = "is \(member.value.words); it should be a list"
    }
  }

  private func check(_ value: Int64, bits: Int, at path: String, into faults: inout [String: String]) {
    if bits == 32, Int32(exactly: value) == nil { faults[path] = "is \(value), which is too large" }
  }
}

extension Shapes {
  /// Path and query parameters as the message they stand for: `page.size=10` is `{"page": {"size": "10"}}`.
  func message(_ name: String, from parameters: [(name: Substring, value: String)]) -> JSON {
    var order: [Substring] = []
    var leaves: [Substring: [String]] = [:]
    var branches: [Substring: [(Substring, String)]] = [:]
    for (path, value) in parameters {
      let head = path.prefix { $0 != "." }
      if leaves[head] == nil, branches[head] == nil { order.append(head) }
      if head.endIndex == path.endIndex {
        leaves[head, default: []].append(value)
      } else {
        branches[head, default: []].append((path[path.index(after: head.endIndex)...], value))
      }
    }
    return .object(order.map { head in member(String(head), of: name, leaves[head] ?? [], branches[head]) })
  }

  private func member(
    _ name: String, of message: String, _ values: [String], _ branch: [(Substring, String)]?
  ) -> JSON.Member {
    let field = messages[message]?.field(name)
    if let branch, case .message(let type) = field?.kind {
      return JSON.Member(name: name, value: self.message(type, from: branch))
    }
    let json = values.map { value -> JSON in
      field?.kind == .boolean && ["true", "false"].contains(value) ? .bool(value == "true") : .text(value)
    }
    if field?.repeated == true || json.count > 1 { return JSON.Member(name: name, value: .list(json)) }
    return JSON.Member(name: name, value: json.first ?? .text(""))
  }
}

extension [Shapes.Enumeration.Value] {
  /// The first stands for "not said"; nobody needs to say that.
  fileprivate var words: String { dropFirst().map(\.name).joined(separator: ", ") }
}

extension Shapes.Kind {
  fileprivate var words: String {
    switch self {
    case .text: "text"
    case .boolean: "true or false"
    case .integer: "a whole number"
    case .bytes: "text in base64"
    case .enumeration: "one of its names"
    case .message: "an object"
    }
  }
}

extension JSON {
  fileprivate var words: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .text: "text"
    case .list: "a list"
    case .object: "an object"
    }
  }
}
