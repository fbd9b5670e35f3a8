// What was agreed with a trading partner: how to know its files, which of its identifiers to trust, and what its codes
// mean here. One file of `config/partners` each.

public import Kernel
import X12

/// A trading partner.
public struct PartnerProfile: Sendable, Hashable {
  /// How the partner signs its files.
  public struct Sender: Sendable, Hashable {
    /// ISA05 and ISA06, such as `ZZ*123456789012345`.
    public let interchange: String
    /// GS02.
    public let group: String
  }

  /// Where a trusted identifier stands: `REF*0F` is REF02 of the member's REF that is qualified by 0F, `NM1*ZZ` is
  /// NM109 where NM108 is ZZ.
  public struct Source: Sendable, Hashable {
    enum Segment: String, Sendable, CaseIterable {
      case reference = "REF"
      case name = "NM1"
    }

    let segment: Segment
    let qualifier: String
  }

  /// Which groups' members are taken.
  public struct Groups: Sendable, Hashable {
    public let source: Source
    public let accepted: [String]
  }

  /// What one of the partner's coverage codes means.
  public struct Coverage: Sendable, Hashable {
    /// HD03.
    public let insuranceLine: String
    /// HD04; nil where it does not matter.
    public let description: String?
    /// Plan by state.
    public let plans: [String: String]
    public let needsBirthDate: Bool

    /// How the coverage is named in identifiers: `DEN`, `HLT/SILVER`.
    public var code: String { description.map { "\(insuranceLine)/\($0)" } ?? insuranceLine }
  }

  public struct Place: Sendable, Hashable {
    public let state: String
    public let county: String
    public let postalCode: String
  }

  public enum Relationship: String, Sendable, CaseIterable { case spouse, child }

  /// What the partner's date of an end means.
  public enum EndDate: String, Sendable, CaseIterable {
    case lastDay = "last_day"
    case firstDayWithout = "first_day_without"
  }

  /// Whether an interchange control number names one interchange.
  public enum ControlNumbers: String, Sendable, CaseIterable { case unique, reused }

  /// What is not paid is ended by Billing's own dunning, never by a file.
  public enum EndReason: String, Sendable, CaseIterable {
    case voluntary, death, moved, exchange
  }

  /// Where the advance premium tax credit stands and which coverage it is for.
  public struct TaxCredit: Sendable, Hashable {
    /// HD03.
    public let insuranceLine: String
    /// N102 of a member reporting category (loop 2750), whose REF02 is then the amount.
    public let category: String?
    /// AMT01 of an amount in loop 2300.
    public let amount: String?
  }

  /// How the partner's remittances (820) name whom they pay for.
  public struct Remittances: Sendable, Hashable {
    /// What an identifier of theirs is with us.
    public enum Meaning: String, Sendable, CaseIterable {
      /// Our own identifier of the policy.
      case policy
      /// An identifier of the kind "exchange_policy", issued by the partner: the number of the coverage in its 834
      /// (`policyNumber`), or what else the policy was applied for with.
      case exchangePolicy = "exchange_policy"
      /// The number of the subscriber, as in the partner's 834.
      case subscriber
    }

    /// Where an identifier stands, and what it is.
    public struct Match: Sendable, Hashable {
      /// `RMR*CT` is RMR02 where RMR01 is CT, `ENT*EI` is ENT04 where ENT03 is EI, `NM1*EI` is NM109 where NM108 is EI,
      /// `REF*POL` is REF02 of the REF that is qualified by POL: the line's own, or else that of its person.
      enum Segment: String, Sendable, CaseIterable {
        case line = "RMR"
        case entity = "ENT"
        case name = "NM1"
        case reference = "REF"
      }

      let segment: Segment
      let qualifier: String
      let meaning: Meaning
    }

    /// The first that finds a policy is believed.
    public let matches: [Match]
    /// Of the types of an exchange's payments (RMR02), those that are tax credits and their corrections.
    public let taxCredits: Set<String>
    /// Where the partner pays contributions, such as an employer: the party (pty_…) that owes them. Its premium lines
    /// are then for what it owes by its statements, whomever they name.
    public let contributor: String?
  }

  public let name: String
  /// Where its data comes from, as kept with everything made from it.
  public let lineage: String
  public let senders: [Sender]
  /// The first that is sent is the subscriber's number.
  public let subscriberNumber: [Source]
  /// The first that is sent is the person's own number.
  public let memberNumber: [Source]
  /// Where a coverage (loop 2300) has the number that the partner's remittances name the policy by, as an exchange
  /// assigns one: always a REF. Nil where it has none.
  public let policyNumber: Source?
  public let groups: Groups?
  public let coverages: [Coverage]
  /// Used where a member has no address.
  public let defaultPlace: Place?
  /// By INS02.
  public let relationships: [String: Relationship]
  /// By guide (ST03).
  public let channels: [String: String]
  /// Coverage that began before this day is continued with us from it.
  public let takeover: CalendarDate?
  public let endDate: EndDate
  /// By INS04.
  public let endReasons: [String: EndReason]
  /// Of any other end.
  public let otherEndReason: EndReason
  public let taxCredit: TaxCredit?
  public let controlNumbers: ControlNumbers
  /// Where there are none, all that the partner pays is in suspense.
  public let remittances: Remittances?
}

extension PartnerProfile {
  /// The coverage meant by HD03 and HD04. One that names the description goes before one that does not.
  func coverage(insuranceLine: String, description: String?) -> Coverage? {
    let candidates = coverages.filter { $0.insuranceLine == insuranceLine }
    return candidates.first { $0.description != nil && $0.description == description }
      ?? candidates.first { $0.description == nil }
  }
}

/// All partners.
public struct PartnerProfiles: Sendable {
  public let all: [PartnerProfile]

  public init(_ profiles: [PartnerProfile]) { all = profiles }

  /// The partner that signs as this sender.
  func partner(of interchange: InterchangeHeader, group: GroupHeader) -> PartnerProfile? {
    let sender = PartnerProfile.Sender(interchange: interchange.signature, group: group.sender)
    return all.first { $0.senders.contains(sender) }
  }

  func partner(named name: String) -> PartnerProfile? { all.first { $0.name == name } }
}

extension InterchangeHeader {
  /// ISA05 and ISA06.
  var signature: String { "\(senderQualifier)*\(sender)" }
}
