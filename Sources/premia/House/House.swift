// The composition root: the one place that knows every room. It opens the contexts where the settings keep them,
// connects them and keeps them running.

import Billing
import Claims
import Commissions
import Contracts
import Courier
import Exchange
import Foundation
import GRPCCore
import Kernel
import Ledger
import Notices
import Party
import Payments
import Policy
import Products
import Runtime
import X12

/// A context that is open: its store, its engine, what it listens to and the line to it.
struct Room: Sendable {
  let context: Context
  let engine: Engine
  let consumers: [Consumer]
  let line: Line
  let services: [any RegistrableRPCService]

  /// - Parameter engines: of all contexts, to listen to.
  init(
    _ name: String, of rules: Rulebook, engines: [String: Engine],
    services: (Engine) throws -> [any RegistrableRPCService]
  ) throws {
    guard let engine = engines[name], let context = rules.contexts.first(where: { $0.name == name }) else {
      preconditionFailure("\(name) was not opened")
    }
    self.context = context
    self.engine = engine
    consumers = context.sources.map { source in
      guard let publisher = engines[source] else {
        preconditionFailure("\(context.name) listens to \(source): no such context")
      }
      return Consumer(
        engine: engine, feed: StoreFeed(source: source, store: publisher.store),
        subscriptions: context.subscriptions.filter { $0.source == source })
    }
    self.services = try services(engine)
    line = Line(services: self.services + [EventLogService(engine: engine, consumers: consumers)])
  }
}

/// All contexts in one process. Several houses, each a process, may share the stores of one PostgreSQL.
final class House: Sendable {
  static let contextNames = [
    "party", "products", "policy", "billing", "payments", "claims", "ledger", "notices", "commissions", "exchange",
  ]

  let rooms: [Room]
  let clock: HouseClock
  /// The taxes and fees on premiums.
  let levies: LevyRules
  let lines: Lines
  let files: FileDoor
  let places: Places
  private let serving: Task<Void, any Error>

  /// Opens everything, publishes the catalogue, and takes in what was published before and not yet taken in.
  ///
  /// - Throws: `Problem` or `StoreFailure` naming the directory, file or configuration that stands in the way.
  static func open(_ places: Places, _ storage: Storage, clock: HouseClock) async throws -> House {
    let rules = try Rulebook(places)
    let engines = try await open(rules.contexts, in: storage, clock: clock)
    let house: House
    do {
      house = try House(places, rules, engines, clock: clock)
    } catch {
      for engine in engines.values { await engine.store.close() }
      throw error
    }
    do {
      try await house.publishCatalogue()
      return house
    } catch {
      await house.close()
      throw error
    }
  }

  /// Opens the stores side by side: to make a schema takes a moment.
  private static func open(
    _ contexts: [Context], in storage: Storage, clock: HouseClock
  ) async throws -> [String: Engine] {
    try await withThrowingTaskGroup(of: Engine.self) { group in
      for context in contexts {
        group.addTask {
          let store = try await storage.open(context)
          do {
            try await StoreCopy.requireCompleted(store, of: context.name)
          } catch {
            await store.close()
            throw error
          }
          return Engine(context: context.name, store: store, clock: clock)
        }
      }
      return try await group.reduce(into: [:]) { $0[$1.context] = $1 }
    }
  }

  private init(_ places: Places, _ rules: Rulebook, _ engines: [String: Engine], clock: HouseClock) throws {
    self.places = places
    self.clock = clock
    levies = rules.levies
    func open(_ name: String, _ services: (Engine) throws -> [any RegistrableRPCService]) throws -> Room {
      try Room(name, of: rules, engines: engines, services: services)
    }
    let party = try open("party") { PartyContext.services(engine: $0) }
    let products = try open("products") { ProductsContext.services(engine: $0) }
    let rates = Premia_Products_V1_ProductsService.Client(wrapping: products.line.client)
    let policy = try open("policy") {
      PolicyContext.services(engine: $0, products: rates)
    }
    let press = try Press(
      carrier: Carrier(Payer.load(path: places.config("partners/payer.yml"))),
      addressees: Addressee.book(
        policy: Premia_Policy_V1_PolicyService.Client(wrapping: policy.line.client),
        party: Premia_Party_V1_PartyService.Client(wrapping: party.line.client)),
      payers: Addressee.payers(party: Premia_Party_V1_PartyService.Client(wrapping: party.line.client)))
    rooms = [
      party, products, policy,
      try open("billing") { BillingContext.services(engine: $0, press: press, levies: rules.levies) },
      try open("payments") {
        PaymentsContext.services(engine: $0, gateway: SandboxGateway(), declines: rules.declines)
      },
      try open("claims") { ClaimsContext.services(engine: $0) },
      try open("ledger") { LedgerContext.services(engine: $0) },
      try open("notices") { NoticesContext.services(engine: $0, templates: rules.templates) },
      try open("commissions") { CommissionsContext.services(engine: $0, schedule: rules.schedule) },
      try open("exchange") { _ in [] },
    ]
    lines = Lines(rooms)
    guard let exchange = engines["exchange"] else { preconditionFailure("exchange was not opened") }
    files = try FileDoor(
      engine: exchange, profiles: .load(directory: places.config("partners")), guides: .shipped(),
      party: lines.party, policy: lines.policy, claims: lines.claims, payments: lines.payments)
    let running = rooms.map(\.line)
    serving = Task {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for line in running { group.addTask { try await line.run() } }
        try await group.waitForAll()
      }
    }
  }

  func room(_ name: String) throws(Problem) -> Room {
    guard let room = rooms.first(where: { $0.context.name == name }) else {
      throw .field("context", "is '\(name)'; it is one of \(rooms.map(\.context.name).joined(separator: ", "))")
    }
    return room
  }

  /// Ends running calls and closes the stores.
  func close() async {
    for room in rooms { room.line.close() }
    // How the lines ended is of no interest once they were told to.
    _ = await serving.result
    for room in rooms { await room.engine.store.close() }
  }

  /// Publishes every product file; one that is known already changes nothing.
  private func publishCatalogue() async throws {
    for file in try ProductsContext.catalogueFiles(in: places.config("products")) {
      var request = Premia_Products_V1_PublishRequest()
      request.file = file.name
      request.content = Data(file.content)
      let act = Act(correlation: "catalogue", causation: "catalogue/\(file.name)", actor: "operator")
      _ = try await Act.$current.withValue(act) { [request] in
        try await ask { try await lines.products.publish(request, options: .bounded) }
      }
    }
    try await drain()
  }
}

extension Carrier {
  /// The payer of claims is who bills premium.
  fileprivate init(_ payer: Payer) {
    self.init(
      name: payer.name, lines: [payer.street, "\(payer.city), \(payer.state) \(payer.postalCode)"],
      phone: payer.phone)
  }
}
