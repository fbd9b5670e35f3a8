// One product file: read in full and checked against what is in the catalogue before anything of it is taken.

import Crypto
import Kernel
package import Runtime

package struct CatalogueFile {
  /// What a file may hold, by the word after its `kind`.
  enum Kind: String, CaseIterable {
    case limits
    case ageCurve = "age_curve"
    case stateRules = "state_rules"
    case feeSchedule = "fee_schedule"
    case plans
  }

  enum Content {
    case limits(Listed<CostSharingLimits>)
    case ageCurve(Listed<AgeCurve>)
    case stateRules(Listed<StateRules>)
    case feeSchedule(Listed<FeeSchedule>)
    case plans([Listed<Plan>])
  }

  let content: Content
  /// The file's name and the SHA-256 of its content.
  let source: String

  /// - Parameters:
  ///   - name: as it shall be named in refusals.
  ///   - catalogue: what the file may refer to.
  package init(_ bytes: [UInt8], name: String, in catalogue: Catalogue) throws(FileProblem) {
    let file = try Entry(file: name, content: bytes)
    guard let kind = file.field("kind") else { throw file.refusal("the file lacks the field 'kind'") }
    switch try kind.choice(Kind.self) {
    case .limits: content = .limits(try file.limits())
    case .ageCurve: content = .ageCurve(try file.ageCurve())
    case .stateRules: content = .stateRules(try file.stateRules(in: catalogue))
    case .feeSchedule: content = .feeSchedule(try file.feeSchedule())
    case .plans: content = .plans(try file.plans(in: catalogue))
    }
    var digest = ""
    for byte in SHA256.hash(data: bytes) {
      digest += (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    source = "\(name) sha256:\(digest)"
  }

  /// Publishes all that the file holds.
  ///
  /// - Returns: the names, and whether all of it had been published before.
  package func publish(in unit: inout Unit) async throws -> (names: [String], unchanged: Bool) {
    switch content {
    case .limits(let listed): return try await publish([listed], in: &unit)
    case .ageCurve(let listed): return try await publish([listed], in: &unit)
    case .stateRules(let listed): return try await publish([listed], in: &unit)
    case .feeSchedule(let listed): return try await publish([listed], in: &unit)
    case .plans(let listed): return try await publish(listed, in: &unit)
    }
  }

  private func publish<Item>(
    _ listed: [Listed<Item>], in unit: inout Unit
  ) async throws -> (names: [String], unchanged: Bool) {
    var unchanged = true
    for one in listed {
      let stream = Shelf<Item>.stream(one.item.id)
      let before = try await unit.state(of: Shelf<Item>.self, stream)
      do {
        let after = try await unit.decide(
          Shelf<Item>.self, stream, one.command(source: source, today: unit.today))
        if after.all.count > before.all.count { unchanged = false }
      } catch let refusal as ShelfRefusal {
        throw one.entry.refusal(refusal.reason)
      }
    }
    return (listed.map(\.item.id), unchanged)
  }
}

/// Something that a file holds, with its days and its place.
struct Listed<Item: CatalogueItem> {
  let item: Item
  let from: CalendarDate
  let to: CalendarDate?
  let entry: Entry

  func command(source: String, today: CalendarDate) -> Shelf<Item>.Command {
    .publish(item, from: from, to: to, source: source, today: today)
  }
}

extension Entry {
  /// The days of an edition, out of the fields `from` and `to`.
  func days(_ fields: Fields) throws(FileProblem) -> (from: CalendarDate, to: CalendarDate?) {
    let from = try fields["from"].date()
    guard let end = fields.optional("to") else { return (from, nil) }
    let to = try end.date()
    guard from < to else { throw end.refusal("the edition ends on \(to), not after it starts on \(from)") }
    return (from, to)
  }

  /// The fields `source` and `verified`.
  func origin(of rule: String, _ fields: Fields) throws(FileProblem) -> Origin {
    Origin(rule: rule, source: try fields["source"].text(), isVerified: try fields["verified"].flag())
  }

  /// An amount for a person and one for the family, which is not lower.
  func limit() throws(FileProblem) -> Limit {
    let fields = try fields(of: "a limit", ["person", "family"])
    let limit = Limit(person: try fields["person"].money(), family: try fields["family"].money())
    guard limit.person <= limit.family else {
      throw fields["family"].refusal("the family's \(limit.family) is below the person's \(limit.person)")
    }
    return limit
  }
}
