// The time zone of an account: where an instant becomes a date. Behind this door there are only dates, so that a change
// to or from daylight saving time never makes a day longer, or a stub.

import Foundation
import Kernel

struct AccountZone {
  private let zone: TimeZone

  /// Nil unless it is a name of the IANA database, such as `America/New_York`, or `UTC`.
  init?(_ name: String) {
    guard name == "UTC" || name.contains("/"), let zone = TimeZone(identifier: name) else { return nil }
    self.zone = zone
  }

  /// The day that people there call it at an instant.
  func date(of instant: Instant) -> CalendarDate {
    let moment = Date(timeIntervalSince1970: TimeInterval(instant.microseconds / 1_000_000))
    return instant.adding(seconds: Int64(zone.secondsFromGMT(for: moment))).date
  }
}
