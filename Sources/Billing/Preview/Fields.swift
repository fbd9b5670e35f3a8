// The members of an object of a preview, read once and checked: what is unknown, missing or of another kind is refused
// with its path.

import Kernel

struct Fields {
  let path: String
  private let members: [JSONValue.Member]

  /// - Throws: unless the value is an object.
  init(_ value: JSONValue, at path: String) throws(PreviewRefusal) {
    self.path = path
    members = try Self.members(value, at: path)
  }

  /// - Throws: unless the value is an object of known members.
  init(_ value: JSONValue, at path: String, known: [String]) throws(PreviewRefusal) {
    try self.init(value, at: path)
    try requireKnown(known)
  }

  /// Refuses members that are in none of the two lists.
  func requireKnown(_ known: [String], _ more: [String] = []) throws(PreviewRefusal) {
    for member in members where !known.contains(member.name) && !more.contains(member.name) {
      throw .unknownField(path(of: member.name), known: known + more)
    }
  }

  /// The members of an object whose names are free.
  static func members(_ value: JSONValue, at path: String) throws(PreviewRefusal) -> [JSONValue.Member] {
    guard case .object(let members) = value else {
      throw .wrong(path.isEmpty ? "the document" : path, "is \(value.words)", remedy: "Write an object in braces.")
    }
    return members
  }

  func path(of name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

  /// Null is the same as nothing.
  subscript(name: String) -> JSONValue? {
    guard let value = members.first(where: { $0.name == name })?.value else { return nil }
    if case .null = value { return nil }
    return value
  }

  /// - Parameter what: says what is missing where it is.
  func required<Value>(
    _ name: String, _ what: @autoclosure () -> String, _ value: Value?
  ) throws(PreviewRefusal) -> Value {
    guard let value else { throw .missing(path(of: name), what()) }
    return value
  }

  func text(_ name: String) throws(PreviewRefusal) -> String? {
    guard let value = self[name] else { return nil }
    guard case .text(let text) = value, !text.isEmpty, text.utf8.count <= Self.longestText else {
      throw .wrong(
        path(of: name), "is \(value.words)", remedy: "Write a text in double quotes, of 1 to \(Self.longestText) bytes."
      )
    }
    return text
  }

  func bool(_ name: String) throws(PreviewRefusal) -> Bool? {
    guard let value = self[name] else { return nil }
    guard case .bool(let flag) = value else {
      throw .wrong(path(of: name), "is \(value.words)", remedy: "Write true or false.")
    }
    return flag
  }

  func integer(_ name: String, in range: ClosedRange<Int>) throws(PreviewRefusal) -> Int? {
    guard let value = self[name] else { return nil }
    guard case .number(let text) = value, let number = Int(text), range.contains(number) else {
      throw .wrong(
        path(of: name), "is \(value.words)",
        remedy: "Write a whole number from \(range.lowerBound) to \(range.upperBound).")
    }
    return number
  }

  func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ name: String, _: Choice.Type = Choice.self
  ) throws(PreviewRefusal) -> Choice? {
    guard let value = self[name] else { return nil }
    guard case .text(let text) = value, let choice = Choice(rawValue: text) else {
      let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
      throw .wrong(path(of: name), "is \(value.words)", remedy: "Use one of \(words).")
    }
    return choice
  }

  func list(_ name: String, most: Int) throws(PreviewRefusal) -> [JSONValue]? {
    guard let value = self[name] else { return nil }
    guard case .list(let values) = value else {
      throw .wrong(path(of: name), "is \(value.words)", remedy: "Write a list in brackets.")
    }
    guard values.count <= most else { throw .tooMany(path(of: name), values.count, most: most) }
    return values
  }

  /// A date from 1900 to 2199: what is far outside is a slip.
  func date(_ name: String) throws(PreviewRefusal) -> CalendarDate? {
    guard let value = self[name] else { return nil }
    guard case .text(let text) = value, let date = CalendarDate(iso: text), Self.years.contains(date.year) else {
      throw .wrong(
        path(of: name), "is \(value.words)",
        remedy: "Write a date as YYYY-MM-DD, from \(Self.years.lowerBound) to \(Self.years.upperBound).")
    }
    return date
  }

  /// The date, in the account's zone, of an instant with its offset.
  func instant(_ name: String, in zone: AccountZone) throws(PreviewRefusal) -> CalendarDate? {
    guard let value = self[name] else { return nil }
    guard case .text(let text) = value, let instant = Instant(text), Self.years.contains(instant.date.year) else {
      throw .wrong(
        path(of: name), "is \(value.words)",
        remedy: "Write an instant with its offset, such as 2027-03-14T01:30:00-05:00.")
    }
    return zone.date(of: instant)
  }

  /// A number or a text of digits, exact.
  private func decimal(_ name: String) throws(PreviewRefusal) -> String? {
    switch self[name] {
    case nil: return nil
    case .number(let text), .text(let text): return text
    case .some(let value):
      throw .wrong(path(of: name), "is \(value.words)", remedy: "Write a decimal number such as 42.00.")
    }
  }

  /// An amount from 0 up, or above 0.
  func amount(
    _ name: String, _ convention: Convention, above: Bool = true
  ) throws(PreviewRefusal) -> Int64? {
    guard let text = try decimal(name) else { return nil }
    let cents: Int64
    do throws(AmountFault) {
      cents = try convention.cents(text)
    } catch {
      switch error {
      case .notDecimal:
        throw .wrong(path(of: name), "is '\(text)'", remedy: "Write a decimal number such as 42.00.")
      case .tooManyDigits: throw .tooManyDigits(path(of: name), text, most: convention.fractionDigits)
      case .tooLarge:
        throw .wrong(path(of: name), "is \(text)", remedy: "No amount is above \(Convention.largestAmount).")
      }
    }
    guard cents > 0 || (cents == 0 && !above) else {
      throw .wrong(path(of: name), "is \(text)", remedy: "Write an amount \(above ? "above 0" : "of 0 or more").")
    }
    return cents
  }

  /// A percentage above 0, as a ratio; six digits behind the point at most.
  func percent(_ name: String) throws(PreviewRefusal) -> Ratio? {
    guard let text = try decimal(name) else { return nil }
    guard let ratio = Ratio(decimal: text), Int64(1_000_000).isMultiple(of: ratio.denominator), .zero < ratio,
      ratio <= Ratio(1_000, 1)
    else {
      throw .wrong(
        path(of: name), "is '\(text)'", remedy: "Write a percentage above 0 with at most 6 digits, such as 8.875.")
    }
    return ratio * Ratio(1, 100)
  }

  private static let years = 1900...2199
  private static let longestText = 200
}
