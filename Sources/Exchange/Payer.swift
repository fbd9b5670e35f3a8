// Who we are, as providers are told.

/// The payer as named in the 835 (loop 1000A). Read from `config/partners/payer.yml`.
public struct Payer: Sendable, Hashable {
  public let name: String
  /// Nine digits.
  public let taxID: String
  /// ISA06 and GS02.
  public let sender: String
  public let street: String
  public let city: String
  public let state: String
  public let postalCode: String
  /// Whom providers call, and at which number (ten digits).
  public let contact: String
  public let phone: String

  /// - Throws: `ConfigProblem` with file, line and reason.
  public static func load(path: String) throws(ConfigProblem) -> Payer { try Payer(ConfigValue(path: path)) }

  /// - Parameter file: named in refusals.
  public init(yaml text: String, file: String) throws(ConfigProblem) {
    try self.init(ConfigValue(file: file, text: text))
  }

  private init(_ file: ConfigValue) throws(ConfigProblem) {
    let fields = try file.fields(
      of: "the payer", ["name", "tax_id", "sender", "street", "city", "state", "postal_code", "contact", "phone"])
    func digits(_ name: String, _ count: Int) throws(ConfigProblem) -> String {
      try fields[name].value("\(count) digits") { text in
        text.utf8.count == count && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
          ? text : nil
      }
    }
    func words(_ name: String, most: Int) throws(ConfigProblem) -> String {
      try fields[name].value("at most \(most) capital letters, digits and blanks") { text in
        text.fittingX12(most) == text ? text : nil
      }
    }
    name = try words("name", most: 60)
    taxID = try digits("tax_id", 9)
    sender = try words("sender", most: 15)
    street = try words("street", most: 55)
    city = try words("city", most: 30)
    state = try fields["state"].state()
    postalCode = try digits("postal_code", 5)
    contact = try words("contact", most: 60)
    phone = try digits("phone", 10)
  }
}
