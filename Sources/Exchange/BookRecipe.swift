// What a generated book is made of: places, plans, names, practices and services. Data, in one file.

public import Kernel

/// The ingredients of a `SyntheticBook`, read from `config/books/*.yaml`.
public struct BookRecipe: Sendable, Hashable {
  struct Place: Sendable, Hashable {
    let state: String
    let county: String
    let city: String
    let postalCode: String
    let weight: Int
  }

  /// HD04 and how often it is chosen; in some states only, where these are named.
  struct Choice: Sendable, Hashable {
    let description: String
    let weight: Int
    let states: [String]
  }

  struct Service: Sendable, Hashable {
    let procedure: String
    let placeOfService: String
    let charge: Money
    let weight: Int
  }

  struct Practice: Sendable, Hashable {
    let name: String
    let place: Place
  }

  let places: [Place]
  let choices: [Choice]
  let familyNames: [String]
  let givenNames: [String]
  let diagnoses: [String]
  let services: [Service]
  let practices: [Practice]

  /// - Throws: `ConfigProblem` with file, line and reason.
  public static func load(path: String) throws(ConfigProblem) -> BookRecipe { try BookRecipe(ConfigValue(path: path)) }

  /// - Parameter file: named in refusals.
  public init(yaml text: String, file: String) throws(ConfigProblem) {
    try self.init(ConfigValue(file: file, text: text))
  }

  private init(_ file: ConfigValue) throws(ConfigProblem) {
    let fields = try file.fields(
      of: "a book", ["places", "choices", "family_names", "given_names", "diagnoses", "services", "practices"])
    let places = try fields["places"].map { value throws(ConfigProblem) in try Place(value) }
    self.places = places
    choices = try fields["choices"].map { value throws(ConfigProblem) in try Choice(value) }
    familyNames = try fields["family_names"].texts()
    givenNames = try fields["given_names"].texts()
    diagnoses = try fields["diagnoses"].texts()
    services = try fields["services"].map { value throws(ConfigProblem) in try Service(value) }
    practices = try fields["practices"].map { value throws(ConfigProblem) in try Practice(value, places) }
    for state in Set(places.map(\.state)) where !choices.contains(where: { $0.isSold(in: state) }) {
      throw fields["choices"].refusal("nothing is sold in \(state)")
    }
  }
}

extension BookRecipe.Choice {
  func isSold(in state: String) -> Bool { states.isEmpty || states.contains(state) }

  fileprivate init(_ value: ConfigValue) throws(ConfigProblem) {
    let fields = try value.fields(of: "a choice", ["description", "weight"], optional: ["states"])
    description = try fields["description"].text()
    weight = try fields["weight"].count(in: 1...1_000)
    states = try fields.optional("states")?.map { value throws(ConfigProblem) in try value.state() } ?? []
  }
}

extension BookRecipe.Place {
  fileprivate init(_ value: ConfigValue) throws(ConfigProblem) {
    let fields = try value.fields(of: "a place", ["state", "county", "city", "postal_code", "weight"])
    state = try fields["state"].state()
    county = try fields["county"].text()
    city = try fields["city"].text()
    postalCode = try fields["postal_code"].text()
    weight = try fields["weight"].count(in: 1...1_000)
  }
}

extension BookRecipe.Service {
  fileprivate init(_ value: ConfigValue) throws(ConfigProblem) {
    let fields = try value.fields(of: "a service", ["procedure", "place", "charge", "weight"])
    procedure = try fields["procedure"].text()
    placeOfService = try fields["place"].text()
    charge = try fields["charge"].amount()
    weight = try fields["weight"].count(in: 1...1_000)
  }
}

extension BookRecipe.Practice {
  fileprivate init(_ value: ConfigValue, _ places: [BookRecipe.Place]) throws(ConfigProblem) {
    let fields = try value.fields(of: "a practice", ["name", "county"])
    name = try fields["name"].text()
    let county = try fields["county"].text()
    guard let place = places.first(where: { $0.county == county }) else {
      throw fields["county"].refusal("no place of this file is in \(county)")
    }
    self.place = place
  }
}
