// The identifiers of Claims and the names of its streams.

import Kernel
import Runtime

enum PolicyTag: IDTag { static let prefix = "pol" }
enum PartyTag: IDTag { static let prefix = "pty" }
enum ClaimTag: IDTag { static let prefix = "clm" }
enum PayoutTag: IDTag { static let prefix = "pout" }
enum CoverageTag: IDTag { static let prefix = "cov" }
enum AccumulatorsTag: IDTag { static let prefix = "acc" }

typealias PolicyID = ID<PolicyTag>
typealias PartyID = ID<PartyTag>
typealias ClaimID = ID<ClaimTag>
typealias PayoutID = ID<PayoutTag>

extension StreamID {
  /// The coverage under a policy: the policy's identifier under our own prefix.
  static func coverage(of policy: PolicyID) -> StreamID {
    StreamID(ID<CoverageTag>(hi: policy.hi, lo: policy.lo))
  }

  /// What the people of a policy used in one benefit year.
  static func accumulators(of policy: PolicyID, year: Int) -> StreamID {
    StreamID("\(ID<AccumulatorsTag>(hi: policy.hi, lo: policy.lo))/\(year)")
  }

  static func plan(_ planID: String) -> StreamID { StreamID("plan/\(planID)") }

  /// - Parameter name: with its edition, such as "premia-standard@1".
  static func feeSchedule(_ name: String) -> StreamID { StreamID("fees/\(name)") }
}
