/// A value that is stored and sent as its text: one string in JSON, also as the key of a dictionary.
///
/// `description` and `init?(_:)` must be inverse. Decoding throws `DecodingError.dataCorrupted` where the text is
/// refused.
public protocol TextCoded: LosslessStringConvertible, Codable, CodingKeyRepresentable {}

extension TextCoded {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let value = Self(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "\"\(text)\" is not a \(Self.self)")
    }
    self = value
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  public var codingKey: any CodingKey { TextKey(stringValue: description) }

  public init?(codingKey: some CodingKey) {
    self.init(codingKey.stringValue)
  }
}

private struct TextKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(stringValue: String) {
    self.stringValue = stringValue
  }

  init?(intValue: Int) {
    return nil
  }
}
