// Contract values to kernel values and back. Every refusal names the field and what was wrong with it.

public import Contracts
public import Kernel

extension Problem {
  /// A field of a request that cannot be accepted.
  public static func field(_ name: String, _ why: String, remedy: String = "Correct the field and send again.")
    -> Problem
  {
    Problem(kind: .invalid, code: "request.invalid", detail: "\(name) \(why).", remedy: remedy, fields: [name: why])
  }

  /// Something that is named and not there.
  public static func notFound(_ what: String, _ name: String) -> Problem {
    Problem(
      kind: .notFound, code: "\(what).not_found", detail: "There is no \(what) \(name).",
      remedy: "Check the identifier; list or search to find the right one.")
  }
}

extension Premia_Common_V1_Money {
  public init(_ money: Money) {
    self.init()
    cents = money.minorUnits
    if money.currency != .usd { currency = money.currency.code }
  }

  /// - Throws: where the currency is no ISO 4217 code.
  public func money(_ field: String) throws(Problem) -> Money {
    if currency.isEmpty { return Money(cents: cents) }
    guard let known = Currency(currency) else { throw .field(field, "has the unknown currency '\(currency)'") }
    return Money(cents: cents, known)
  }
}

extension CalendarDate {
  /// - Throws: where the text is no date as YYYY-MM-DD.
  public init(_ text: String, field: String) throws(Problem) {
    guard let date = CalendarDate(iso: text) else {
      throw .field(
        field, text.isEmpty ? "is missing; it is a date as YYYY-MM-DD" : "is '\(text)', not a date as YYYY-MM-DD")
    }
    self = date
  }

  /// The date in a field that may be empty.
  public static func optional(_ text: String, field: String) throws(Problem) -> CalendarDate? {
    text.isEmpty ? nil : try CalendarDate(text, field: field)
  }
}

extension ID {
  /// - Throws: where the text is no identifier of this kind.
  public init(_ text: String, field: String) throws(Problem) {
    guard let id = ID(text) else {
      throw .field(
        field,
        text.isEmpty ? "is missing; it starts with \(Tag.prefix)_" : "is '\(text)', not an identifier \(Tag.prefix)_…")
    }
    self = id
  }
}

extension RawRepresentable<String> where Self: CaseIterable {
  /// The value that a word of a request names.
  ///
  /// - Throws: where the word is none of ours.
  public static func named(_ word: String, field: String) throws(Problem) -> Self {
    guard let known = Self(rawValue: word) else {
      let words = allCases.map(\.rawValue).joined(separator: ", ")
      throw .field(field, word.isEmpty ? "is missing; it is one of \(words)" : "is '\(word)'; it is one of \(words)")
    }
    return known
  }
}

extension Premia_Common_V1_Page {
  /// Rows a page: 1 to 500, 50 where nothing is said.
  public func limit() throws(Problem) -> Int {
    guard (0...500).contains(size) else { throw .field("page.size", "is \(size); it is 1 to 500") }
    return size == 0 ? 50 : Int(size)
  }
}

extension Premia_Common_V1_Total {
  public init(_ name: String, count: Int64, _ amount: Money) {
    self.init()
    self.name = name
    self.count = count
    self.amount = Premia_Common_V1_Money(amount)
  }
}
