// What a validator says of each envelope.

/// Whether what was sent is taken.
public enum Verdict: Sendable, Hashable {
  case accepted
  /// Taken, with findings that do not stop it.
  case acceptedWithErrors
  case rejected
}

/// One transaction, validated.
public struct TransactionReport: Sendable, Hashable {
  public let header: TransactionHeader
  /// At most 1,000; `suppressedFindings` says how many more there were.
  public private(set) var findings: [X12Finding]
  public let suppressedFindings: Int
  /// Segments from ST to SE, both included.
  public let segmentCount: Int

  public init(
    header: TransactionHeader, findings: [X12Finding], suppressedFindings: Int = 0, segmentCount: Int
  ) {
    self.header = header
    self.findings = findings
    self.suppressedFindings = suppressedFindings
    self.segmentCount = segmentCount
  }

  public var verdict: Verdict {
    if suppressedFindings > 0 || findings.contains(where: { $0.gravity == .rejects }) { return .rejected }
    return findings.isEmpty ? .accepted : .acceptedWithErrors
  }

  /// The same transaction with findings of business checks added, for its acknowledgement.
  public func adding(_ more: [X12Finding]) -> TransactionReport {
    var report = self
    report.findings += more
    return report
  }
}

/// One functional group, after its last transaction.
public struct GroupReport: Sendable, Hashable {
  public let header: GroupHeader
  /// Findings of the group itself, not of its transactions.
  public let findings: [X12Finding]
  /// GE01 as sent; nil when the trailer is missing or not a number.
  public let declaredCount: Int?
  public let receivedCount: Int
  public let acceptedCount: Int

  public init(
    header: GroupHeader, findings: [X12Finding], declaredCount: Int?, receivedCount: Int, acceptedCount: Int
  ) {
    self.header = header
    self.findings = findings
    self.declaredCount = declaredCount
    self.receivedCount = receivedCount
    self.acceptedCount = acceptedCount
  }
}

/// One interchange, after its trailer or where it broke off.
public struct InterchangeReport: Sendable, Hashable {
  public let header: InterchangeHeader?
  /// Findings of the interchange itself: its header, its trailer, what is between its groups.
  public let findings: [X12Finding]
  public let groupCount: Int

  public var verdict: Verdict { findings.isEmpty ? .accepted : .rejected }
}

/// What a validator reports, in the order of the stream.
public enum X12Event: Sendable {
  case interchangeBegan(InterchangeHeader)
  case groupBegan(GroupHeader)
  case transaction(TransactionReport)
  case groupEnded(GroupReport)
  case interchangeEnded(InterchangeReport)
}
