// Messages from JSON that somebody wrote by hand: what is wrong with it, in words.

public import Kernel
public import SwiftProtobuf

extension Message {
  /// - Parameter place: where the JSON came from, as "The request" or a file's name.
  /// - Throws: `Problem` `json.invalid`, which says what does not fit.
  public init(json: some Sequence<UInt8> & Sendable, from place: String) throws(Problem) {
    do {
      try self.init(jsonUTF8Bytes: Array(json))
    } catch {
      let why = (error as? JSONDecodingError)?.words ?? "\(error)"
      throw Problem(
        kind: .invalid, code: "json.invalid", detail: "\(place) is no \(Self.protoMessageName): \(why).",
        remedy: "Compare it with the schema of \(Self.protoMessageName) in /openapi.json.")
    }
  }
}

extension JSONDecodingError {
  fileprivate var words: String {
    switch self {
    case .unknownField(let name): "there is no field '\(name)'"
    case .malformedString: "something else stands where a text in quotes belongs"
    case .malformedNumber, .leadingZero: "a number is not written as JSON writes one"
    case .numberRange: "a number is too large, or no whole number"
    case .malformedBool: "something else stands where true or false belongs"
    case .malformedMap, .unquotedMapKey: "an object's name stands without quotes, or its value is missing"
    case .invalidUTF8: "it is not UTF-8"
    case .unrecognizedEnumValue: "a value is none of those that its field takes"
    case .illegalNull: "null stands where a value belongs"
    case .truncated: "it ends in the middle"
    case .trailingGarbage: "something stands behind its end"
    case .conflictingOneOf: "two fields are given of which only one may be"
    case .messageDepthLimit: "it is nested too deep"
    default: "it is not a JSON object of that shape"
    }
  }
}
