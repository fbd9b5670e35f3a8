// A notice: one letter to the members of a policy, caused by one event of another context.
//
// It keeps the words that fill its template and the template's version, not a page: the page is made when it is read,
// and is the same then as on the first day.

package import Kernel
package import Runtime

/// The tag of notices' identifiers.
package enum NoticeTag: IDTag {
  package static let prefix = "ntc"
}

/// What members are written about; the raw value is the name of its template.
package enum Template: String, Codable, CaseIterable, Sendable {
  case welcome
  case policyChanged = "policy_changed"
  case pause
  case resumption
  case renewal
  case termination
  case rescissionNotice = "rescission_notice"
  case rescission
  case reinstatement
  case pastDue = "past_due"
  case graceStarted = "grace_started"
  case claimsPended = "claims_pended"
  case graceEnding = "grace_ending"
  case paymentFailed = "payment_failed"
  case explanationOfBenefits = "explanation_of_benefits"
  case denial

  package var name: String { rawValue }

  private static let monthlyFigures: Set<String> = ["premium", "taxCredit", "addOns", "addOnPremium", "monthlyDue"]

  /// What its letters may fill in, beside what is on every letter.
  package var fields: Set<String> {
    switch self {
    case .welcome:
      Self.monthlyFigures.union(["planName", "effectiveOn", "members", "number", "relationship"])
    case .policyChanged: Self.monthlyFigures.union(["planName", "change", "effectiveOn"])
    case .pause: ["planName", "from", "until"]
    case .resumption: ["planName", "effectiveOn"]
    case .renewal: Self.monthlyFigures.union(["planName", "effectiveOn", "endedAddOns", "name", "reason", "next"])
    case .termination: ["planName", "lastDay", "reason"]
    case .rescissionNotice: ["planName", "reason", "effectiveOn", "earliestOn"]
    case .rescission: ["planName", "reason", "effectiveOn"]
    case .reinstatement: ["planName"]
    case .pastDue: ["invoiceNumber", "dueOn", "amount"]
    case .graceStarted, .claimsPended, .graceEnding: ["amount", "from", "lastDay", "pendFrom", "coveredThrough"]
    case .paymentFailed: ["amount", "nextTryOn"]
    case .explanationOfBenefits: ["claimNumber", "processedOn", "charge", "allowed", "planPays", "memberOwes"]
    case .denial: ["claimNumber", "processedOn", "charge", "reason"]
    }
  }

  /// What is on every letter.
  package static let commonFields: Set<String> = ["subject", "policyNumber", "sentOn"]
}

/// What a letter says. Amounts and days are already words, so that nothing changes them later.
package struct Letter: Hashable, Codable, Sendable {
  package let template: Template
  package let policyID: String
  /// The number on the card; nil where the event does not carry it.
  package let policyNumber: String?
  package let subject: String
  /// By the name of the field; a field that is left out is a section that is not shown.
  package let fields: [String: String]
  /// Repeated sections, such as members.
  package let lists: [String: [[String: String]]]

  package init(
    _ template: Template, policyID: String, policyNumber: String? = nil, subject: String, fields: [String: String],
    lists: [String: [[String: String]]] = [:]
  ) {
    self.template = template
    self.policyID = policyID
    self.policyNumber = policyNumber
    self.subject = subject
    self.fields = fields
    self.lists = lists
  }
}

/// The rules of one notice's stream.
package enum Notice: Aggregate {
  package static let kind = "notice"

  /// Where a notice goes.
  package enum Channel: String, Codable, CaseIterable, Sendable {
    /// The member's secure message box: delivered as soon as it is listed there.
    case mailbox
  }

  /// A letter, where it went and why.
  package struct Sent: Hashable, Codable, Sendable {
    package let letter: Letter
    package let templateVersion: Int
    package let channel: Channel
    package let on: CalendarDate
    /// evt_… of the event that caused it.
    package let eventID: ID<EventTag>

    package init(
      _ letter: Letter, templateVersion: Int, channel: Channel, on: CalendarDate, eventID: ID<EventTag>
    ) {
      self.letter = letter
      self.templateVersion = templateVersion
      self.channel = channel
      self.on = on
      self.eventID = eventID
    }
  }

  package enum State: Hashable, Codable, Sendable {
    case unsent
    case sent(Sent)
  }

  package enum Command: Sendable {
    case send(Sent)
  }

  package enum Event: Hashable, Codable, Sendable {
    case noticeSent(Sent)
  }

  package enum Refusal: Kernel.Refusal, Hashable {
    /// The causing event has no identifier of the house.
    case unnamedEvent(String)
    /// Nobody would get the letter.
    case noPolicy(Template, eventID: ID<EventTag>)
    /// The place of the notice holds another event's.
    case placeTaken(by: ID<EventTag>, wanted: ID<EventTag>)
  }

  package static let initial = State.unsent

  package static func name(of event: Event) -> String {
    switch event {
    case .noticeSent: "noticeSent"
    }
  }
}

extension Notice.Refusal {
  package var problem: Problem {
    switch self {
    case .unnamedEvent(let id):
      Problem(
        kind: .invalid, code: "notices.unnamed_event", detail: "An event has the identifier '\(id)', not evt_….",
        remedy: "Look at what publishes it; every notice must name its event.")
    case .noPolicy(let template, let eventID):
      Problem(
        kind: .invalid, code: "notices.no_policy",
        detail: "The event \(eventID) calls for a letter '\(template.name)' and names no policy to send it to.",
        remedy: "Correct it at its source, then redrive the message.")
    case .placeTaken(let holder, let wanted):
      Problem(
        kind: .conflict, code: "notices.place_taken",
        detail: "The notice of the event \(wanted) was sent for \(holder).",
        remedy: "Report this: two events must never share a notice.")
    }
  }
}
