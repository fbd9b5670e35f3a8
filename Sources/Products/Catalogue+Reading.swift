// Where a catalogue comes from: the store, or product files alone.

package import Kernel
import Runtime

extension Catalogue {
  /// What the store holds.
  init(in unit: inout Unit) async throws {
    var after: [Value]?
    while true {
      let firsts = try await unit.rows(Query(ProductsTables.editions, where: [("edition", 1)], after: after))
      guard let last = firsts.last else { return }
      after = last.key
      for row in firsts {
        guard let kind = ItemKind(rawValue: row.text("kind")) else { continue }
        let name = row.text("name")
        switch kind {
        case .limits: limits[name] = try await unit.editions(name)
        case .ageCurve: curves[name] = try await unit.editions(name)
        case .state: states[name] = try await unit.editions(name)
        case .feeSchedule: feeSchedules[name] = try await unit.editions(name)
        case .plan: plans[name] = try await unit.editions(name)
        }
      }
    }
  }

  /// What product files hold, published one after the other in this order.
  ///
  /// - Throws: `FileProblem`.
  package init(files: [(name: String, content: [UInt8])], today: CalendarDate) throws {
    self.init()
    try publish(files, today: today)
  }

  /// Takes in more files, one after the other in this order.
  ///
  /// - Throws: `FileProblem`.
  mutating func publish(_ files: [(name: String, content: [UInt8])], today: CalendarDate) throws {
    for (name, content) in files {
      let file = try CatalogueFile(content, name: name, in: self)
      switch file.content {
      case .limits(let listed): try add(listed, file, today, to: \.limits)
      case .ageCurve(let listed): try add(listed, file, today, to: \.curves)
      case .stateRules(let listed): try add(listed, file, today, to: \.states)
      case .feeSchedule(let listed): try add(listed, file, today, to: \.feeSchedules)
      case .plans(let plans):
        for listed in plans { try add(listed, file, today, to: \.plans) }
      }
    }
  }

  private mutating func add<Item>(
    _ listed: Listed<Item>, _ file: CatalogueFile, _ today: CalendarDate,
    to shelf: WritableKeyPath<Catalogue, [String: Editions<Item>]>
  ) throws {
    let state = self[keyPath: shelf][listed.item.id] ?? Editions()
    let events = try Shelf<Item>.decide(listed.command(source: file.source, today: today), in: state)
    self[keyPath: shelf][listed.item.id] = Shelf<Item>.replay(events, from: state)
  }
}

extension Unit {
  fileprivate mutating func editions<Item>(_ name: String) async throws -> Editions<Item> {
    try await state(of: Shelf<Item>.self, Shelf<Item>.stream(name))
  }
}
