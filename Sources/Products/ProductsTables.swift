// What is in the catalogue, by name: the place to find a stream without knowing it.

import Kernel
package import Runtime

package enum ProductsTables {
  /// One row for each edition of each thing.
  package static let editions = Table(
    "editions",
    columns: [
      .text("kind"), .text("name"), .integer("edition"), .text("effective_from"),
      .text("effective_to", nullable: true), .text("source"),
    ],
    key: ["kind", "name", "edition"],
    indexes: [.on("edition")],
    checks: [.oneOf("kind", ItemKind.allCases.map(\.rawValue)), .nonNegative("edition")])

  package static let all = [editions]

  static func row<Item>(of edition: Edition<Item>) -> RowChange {
    .put(
      editions,
      [
        .text(Item.kind.rawValue), .text(edition.item.id), .integer(Int64(edition.number)),
        .text(edition.from.description), Value(edition.to?.description), .text(edition.source),
      ])
  }
}
