// Everything published, at one moment: what a file is checked against and what rates are compiled from.

import Kernel

package struct Catalogue: Sendable {
  package var limits: [String: Editions<CostSharingLimits>] = [:]
  package var curves: [String: Editions<AgeCurve>] = [:]
  package var states: [String: Editions<StateRules>] = [:]
  package var feeSchedules: [String: Editions<FeeSchedule>] = [:]
  package var plans: [String: Editions<Plan>] = [:]

  package init() {}

  /// The limit that medical plans of a year must keep.
  func outOfPocketLimit(of year: Int) -> Limit? {
    for editions in limits.values {
      for edition in editions.all.reversed() {
        for known in edition.item.years where known.year == year { return known.outOfPocket }
      }
    }
    return nil
  }
}
