// What the contracts look like as data: the fields, enums, methods and comments of the descriptor set. The bodies that
// come in are checked against it, and the OpenAPI document is made from it.

import SwiftProtobuf

struct Shapes: Sendable {
  enum Kind: Hashable, Sendable {
    case text
    case boolean
    case integer(bits: Int)
    case bytes
    case enumeration(String)
    case message(String)
  }

  struct Field: Sendable {
    /// In proto JSON: camelCase.
    let name: String
    let kind: Kind
    let repeated: Bool
    let comment: String
  }

  struct Message: Sendable {
    let name: String
    let fields: [Field]
    let comment: String

    func field(_ name: String) -> Field? { fields.first { $0.name == name } }
  }

  struct Enumeration: Sendable {
    struct Value: Sendable {
      let name: String
      let number: Int32
    }

    let name: String
    /// In order of their numbers; the first stands for "not said".
    let values: [Value]
    let comment: String
  }

  private(set) var messages: [String: Message] = [:]
  private(set) var enumerations: [String: Enumeration] = [:]
  /// Comments of methods, by "package.Service/Method".
  private(set) var methods: [String: String] = [:]
  /// Comments of files, by context.
  private(set) var contexts: [String: String] = [:]

  init(_ set: Google_Protobuf_FileDescriptorSet) {
    for file in set.file { add(file) }
  }

  /// The last but one part of a package such as `premia.policy.v1`.
  static func context(of name: String) -> String {
    let parts = name.split(separator: ".")
    return parts.count > 1 ? String(parts[1]) : name
  }

  private mutating func add(_ file: Google_Protobuf_FileDescriptorProto) {
    var comments: [[Int32]: String] = [:]
    for location in file.sourceCodeInfo.location where location.hasLeadingComments {
      comments[location.path] = location.leadingComments.unwrapped
    }
    func comment(_ path: Int32...) -> String { comments[path] ?? "" }

    // The numbers of the path are the field numbers of FileDescriptorProto and what is in it.
    contexts[Self.context(of: file.package)] = comment(12)
    for (place, message) in zip(Int32(0)..., file.messageType) {
      let fields = zip(Int32(0)..., message.field).map { index, field in
        Field(
          name: field.jsonName, kind: Kind(field), repeated: field.label == .repeated,
          comment: comment(4, place, 2, index))
      }
      let name = "\(file.package).\(message.name)"
      messages[name] = Message(name: name, fields: fields, comment: comment(4, place))
    }
    for (place, enumeration) in zip(Int32(0)..., file.enumType) {
      let name = "\(file.package).\(enumeration.name)"
      enumerations[name] = Enumeration(
        name: name, values: enumeration.value.map { .init(name: $0.name, number: $0.number) },
        comment: comment(5, place))
    }
    for (place, service) in zip(Int32(0)..., file.service) {
      for (index, method) in zip(Int32(0)..., service.method) {
        methods["\(file.package).\(service.name)/\(method.name)"] = comment(6, place, 2, index)
      }
    }
  }
}

extension Shapes.Kind {
  fileprivate init(_ field: Google_Protobuf_FieldDescriptorProto) {
    let typeName = String(field.typeName.drop { $0 == "." })
    switch field.type {
    case .string: self = .text
    case .bool: self = .boolean
    case .int32: self = .integer(bits: 32)
    case .int64: self = .integer(bits: 64)
    case .bytes: self = .bytes
    case .enum: self = .enumeration(typeName)
    case .message: self = .message(typeName)
    default: preconditionFailure("contracts have no fields of type \(field.type), as \(field.name) is")
    }
  }
}

extension String {
  /// A comment of several lines as one line of text.
  fileprivate var unwrapped: String {
    split(whereSeparator: \.isNewline).map { $0.drop { $0 == " " } }.joined(separator: " ")
  }
}
