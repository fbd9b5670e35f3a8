// The composition root: the one place that knows every room. It opens the contexts in a data directory, connects them
// and keeps them running.

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
import SQLiteStorage
import X12

/// A context that is open: its store, its engine, what it listens to and the line to it.
struct Room: Sendable {
  let context: Context
  let engine: Engine
  let consumers: [Consumer]
  let line: Line
  let services: [any RegistrableRPCService]

  /// - Parameter engines: of all contexts, to listen to.
  init(_ context: Context, engines: [String: Engine], services: (Engine) throws -> [any RegistrableRPCService]) throws {
    guard let engine = engines[context.name] else { preconditionFailure("\(context.name) was not opened") }
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

/// All contexts in one process, on SQLite, in one directory.
final class House: Sendable {
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
  /// - Throws: `Problem` naming the directory, file or configuration that stands in the way.
  static func open(_ places: Places, clock: HouseClock) async throws -> House {
    let house = try House(places, clock: clock)
    do {
      try await house.publishCatalogue()
      return house
    } catch {
      await house.close()
      throw error
    }
  }

  private init(_ places: Places, clock: HouseClock) throws {
    self.places = places
    self.clock = clock
    let templates = try NoticesContext.templates(in: places.config("notices"))
    let declines = try places.declineTable()
    let levies = try places.levyRules()
    self.levies = levies
    let billingContext = BillingContext.context(levying: levies)
    let noticesContext = NoticesContext.context(templates: templates)
    let schedule = try places.commissionSchedule()
    let commissionsContext = CommissionsContext.context(schedule: schedule)
    let contexts = [
      PartyContext.context, ProductsContext.context, PolicyContext.context, billingContext,
      PaymentsContext.context, ClaimsContext.context, LedgerContext.context, noticesContext, commissionsContext,
      ExchangeContext.context,
    ]
    var engines: [String: Engine] = [:]
    for context in contexts {
      let store = try SQLiteStore(path: places.store(context.name), tables: context.tables)
      engines[context.name] = Engine(context: context.name, store: store, clock: clock)
    }
    let party = try Room(PartyContext.context, engines: engines) { PartyContext.services(engine: $0) }
    let products = try Room(ProductsContext.context, engines: engines) { ProductsContext.services(engine: $0) }
    let rates = Premia_Products_V1_ProductsService.Client(wrapping: products.line.client)
    let policy = try Room(PolicyContext.context, engines: engines) {
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
      try Room(billingContext, engines: engines) {
        BillingContext.services(engine: $0, press: press, levies: levies)
      },
      try Room(PaymentsContext.context, engines: engines) {
        PaymentsContext.services(engine: $0, gateway: SandboxGateway(), declines: declines)
      },
      try Room(ClaimsContext.context, engines: engines) { ClaimsContext.services(engine: $0) },
      try Room(LedgerContext.context, engines: engines) { LedgerContext.services(engine: $0) },
      try Room(noticesContext, engines: engines) { NoticesContext.services(engine: $0, templates: templates) },
      try Room(commissionsContext, engines: engines) { CommissionsContext.services(engine: $0, schedule: schedule) },
      try Room(ExchangeContext.context, engines: engines) { _ in [] },
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
