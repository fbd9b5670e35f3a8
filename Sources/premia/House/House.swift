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

/// The contexts that one process runs, and the lines to the others. Several houses, each a process, may share the
/// stores of one PostgreSQL.
final class House: Sendable {
  static let contextNames = [
    "party", "products", "policy", "billing", "payments", "claims", "ledger", "notices", "commissions", "exchange",
  ]

  /// The contexts that are run here, in the order of `contextNames`.
  let rooms: [Room]
  let share: Share
  /// The line to each context, here or elsewhere.
  let lineByContext: [String: Line]
  let clock: HouseClock
  /// The taxes and fees on premiums.
  let levies: LevyRules
  let lines: Lines
  let places: Places
  /// Nil where exchange is run elsewhere.
  private let door: FileDoor?
  private let serving: Task<Void, any Error>

  /// Opens everything that is run here and publishes the catalogue. Where that is the whole house, takes in what was
  /// published before and not yet taken in.
  ///
  /// - Parameters:
  ///   - share: what is run here.
  ///   - elsewhere: the lines to all other contexts.
  ///   - post: what carries events between processes; nil where their logs are read.
  /// - Throws: `Problem` or `StoreFailure` naming the directory, file or configuration that stands in the way.
  static func open(
    _ places: Places, _ storage: Storage, clock: HouseClock, share: Share = .all, elsewhere: [String: Line] = [:],
    post: Post? = nil
  ) async throws -> House {
    let rules = try Rulebook(places)
    let contexts = rules.contexts.filter { share.contexts.contains($0.name) }
    let engines = try await open(contexts, in: storage, clock: clock)
    let house: House
    do {
      house = try House(places, rules, engines, clock: clock, share: share, elsewhere: elsewhere, post: post)
    } catch {
      for engine in engines.values { await engine.store.close() }
      throw error
    }
    do {
      if share.contexts.contains("products") { try await house.publishCatalogue() }
      // A part takes in what others publish while it is served: they may not be there yet.
      if share.isWhole { try await house.drain() }
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

  private init(
    _ places: Places, _ rules: Rulebook, _ engines: [String: Engine], clock: HouseClock, share: Share,
    elsewhere: [String: Line], post: Post?
  ) throws {
    self.places = places
    self.clock = clock
    self.share = share
    levies = rules.levies
    var feeds: [String: any Feed] = [:]
    for (name, line) in elsewhere { feeds[name] = RemoteFeed(source: name, client: line.client) }
    for (name, engine) in engines { feeds[name] = StoreFeed(source: name, store: engine.store) }
    var byContext = elsewhere
    var rooms: [Room] = []
    // A context that calls another comes after it.
    for context in rules.contexts {
      guard let engine = engines[context.name] else { continue }
      let services = try Self.services(of: context.name, engine, rules, places, byContext)
      let room = Room(context, engine, feeds: feeds, post: post, services: services)
      rooms.append(room)
      byContext[context.name] = room.line
    }
    self.rooms = rooms
    lineByContext = byContext
    let lines = Lines(byContext)
    self.lines = lines
    door = try engines["exchange"].map { engine in
      try FileDoor(
        engine: engine, profiles: .load(directory: places.config("partners")), guides: .shipped(),
        party: lines.party, policy: lines.policy, claims: lines.claims, payments: lines.payments)
    }
    let running = Array(byContext.values)
    serving = Task {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for line in running { group.addTask { try await line.run() } }
        try await group.waitForAll()
      }
    }
  }

  /// What a context answers to.
  ///
  /// - Parameter lines: to the contexts before it, and to all that are elsewhere.
  private static func services(
    of context: String, _ engine: Engine, _ rules: Rulebook, _ places: Places, _ lines: [String: Line]
  ) throws -> [any RegistrableRPCService] {
    func client(_ name: String) -> GRPCClient<LineTransport> {
      guard let line = lines[name] else { preconditionFailure("\(context) calls \(name), which comes after it") }
      return line.client
    }
    switch context {
    case "party": return PartyContext.services(engine: engine)
    case "products": return ProductsContext.services(engine: engine)
    case "policy":
      return PolicyContext.services(
        engine: engine, products: Premia_Products_V1_ProductsService.Client(wrapping: client("products")))
    case "billing":
      let party = Premia_Party_V1_PartyService.Client(wrapping: client("party"))
      let policy = Premia_Policy_V1_PolicyService.Client(wrapping: client("policy"))
      let press = try Press(
        carrier: Carrier(Payer.load(path: places.config("partners/payer.yml"))),
        addressees: Addressee.book(policy: policy, party: party), payers: Addressee.payers(party: party))
      return BillingContext.services(engine: engine, press: press, levies: rules.levies)
    case "payments":
      return PaymentsContext.services(engine: engine, gateway: SandboxGateway(), declines: rules.declines)
    case "claims": return ClaimsContext.services(engine: engine)
    case "ledger": return LedgerContext.services(engine: engine)
    case "notices": return NoticesContext.services(engine: engine, templates: rules.templates)
    case "commissions": return CommissionsContext.services(engine: engine, schedule: rules.schedule)
    case "exchange": return []
    default: preconditionFailure("\(context) is not among \(contextNames)")
    }
  }

  /// A context that is run here.
  ///
  /// - Throws: `Problem` where it is run elsewhere, or there is none of that name.
  func room(_ name: String) throws(Problem) -> Room {
    if let room = rooms.first(where: { $0.context.name == name }) { return room }
    // Refuses what is no context at all.
    _ = try log(of: name)
    throw Problem(
      kind: .precondition, code: "house.elsewhere", detail: "\(name) is not run by this process.",
      remedy: "Do it where \(name) is run, or run it here too: name it with --only.")
  }

  /// The published log of a context, here or elsewhere.
  ///
  /// - Throws: `Problem` where there is no such context.
  func log(of context: String) throws(Problem) -> Premia_Common_V1_EventLog.Client<LineTransport> {
    guard let log = lines.logs[context] else {
      throw .field("context", "is '\(context)'; it is one of \(Self.contextNames.joined(separator: ", "))")
    }
    return log
  }

  /// The door for files.
  ///
  /// - Throws: `Problem` where exchange is run elsewhere.
  var files: FileDoor {
    get throws(Problem) {
      guard let door else {
        // Says why there is none.
        _ = try room("exchange")
        preconditionFailure("exchange is run here without its door")
      }
      return door
    }
  }

  /// Ends running calls and closes the stores.
  func close() async {
    for line in lineByContext.values { line.close() }
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
