extension Timeline.Segment: Codable where Value: Codable {
  private enum CodingKeys: String, CodingKey {
    case start = "from"
    case end = "to"
    case value
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(start, forKey: .start)
    try container.encodeIfPresent(end, forKey: .end)
    try container.encode(value, forKey: .value)
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let start = try container.decode(CalendarDate.self, forKey: .start)
    let end = try container.decodeIfPresent(CalendarDate.self, forKey: .end)
    if let end, end <= start {
      throw DecodingError.dataCorruptedError(
        forKey: .end, in: container, debugDescription: "a segment from \(start) cannot end on \(end)")
    }
    self.init(start, end, try container.decode(Value.self, forKey: .value))
  }
}

/// An array of `{"from": date, "to": date, "value": …}`, oldest first, without `to` if open-ended.
extension Timeline: Codable where Value: Codable {
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(storage)
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    for segment in try container.decode([Segment].self) {
      if let last = storage.last, last.reaches(past: segment.start) {
        throw DecodingError.dataCorruptedError(
          in: container, debugDescription: "the segment from \(segment.start) starts before the one above it ends")
      }
      append(segment)
    }
  }
}
