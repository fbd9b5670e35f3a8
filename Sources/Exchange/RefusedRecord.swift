// A refusal as it is kept: enough to write the 999 again.

import Kernel
import X12

/// Where a record was refused, and why.
package struct RefusedRecord: Hashable, Sendable, Codable {
  package enum Level: String, Hashable, Sendable, Codable { case segment, element }

  package let level: Level
  /// Of IK304 or IK403.
  package let code: String
  package let segmentID: String
  package let segmentOrdinal: Int
  package let loopID: String?
  package let element: Int?
  package let component: Int?
  package let elementReference: Int?
  package let badValue: String?
  package let contextName: String?
  package let contextValue: String?
  package let byteOffset: Int
  package let message: String
  /// The refusal of the context that refused it, such as "policy.identifier_taken"; nil where it was this door.
  package let problem: String?
}

extension RefusedRecord {
  init(_ refusal: RecordRefusal, problem: Problem? = nil) {
    let finding = refusal.finding
    level = finding.element == nil ? .segment : .element
    code = finding.code
    segmentID = finding.segmentID
    segmentOrdinal = finding.segmentOrdinal
    loopID = finding.loopID
    element = finding.element
    component = finding.component
    elementReference = finding.elementReference
    badValue = finding.badValue
    contextName = finding.context?.name
    contextValue = finding.context?.value
    byteOffset = finding.byteOffset
    message = finding.message
    self.problem = problem?.code
  }

  var finding: X12Finding {
    var context: X12Finding.Context?
    if let contextName, let contextValue { context = X12Finding.Context(name: contextName, value: contextValue) }
    return X12Finding(
      level: level == .segment ? .segment : .element, gravity: .noted, code: code, segmentID: segmentID,
      segmentOrdinal: segmentOrdinal, loopID: loopID, element: element, component: component,
      elementReference: elementReference, badValue: badValue, context: context, byteOffset: byteOffset,
      message: message)
  }
}
