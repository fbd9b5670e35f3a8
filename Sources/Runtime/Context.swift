// The table of contents of one context: all that the house needs to open, run and check it.

/// A bounded context, described.
public struct Context: Sendable {
  /// Lower case, such as "billing": the name of its store, its feed and its part of the configuration.
  public let name: String
  public let tables: [Table]
  public let aggregates: [AnyAggregate]
  public let subscriptions: [Subscription]
  /// What it makes of its own published log.
  public let readers: [LogReader]

  public init(
    name: String, tables: [Table], aggregates: [AnyAggregate], subscriptions: [Subscription] = [],
    readers: [LogReader] = []
  ) {
    self.name = name
    self.tables = tables
    self.aggregates = aggregates
    self.subscriptions = subscriptions
    self.readers = readers
  }

  /// The contexts it listens to.
  public var sources: [String] {
    var seen: [String] = []
    for subscription in subscriptions where !seen.contains(subscription.source) { seen.append(subscription.source) }
    return seen
  }
}
