// How policies are stored: as fields, since bulk work reads and writes every one of them. What people wrote, or others
// named, may have any characters and stands behind its length.

import Kernel
package import Runtime

extension Policy {
  package static let stateForm = StoredForm<State>.cells
}

/// The first field says which case it is.
extension Policy.State: CellCoded {
  private enum Case: Int { case none, applied, pendingPayment, active, paused, terminated, cancelled, voided }

  package func write(to cells: inout CellWriter) {
    func begin(_ name: Case) { cells.add(name.rawValue) }
    switch self {
    case .none: begin(.none)
    case .applied(let terms):
      begin(.applied)
      terms.write(to: &cells)
    case .pendingPayment(let terms, let boundOn):
      begin(.pendingPayment)
      terms.write(to: &cells)
      cells.add(boundOn)
    case .active(let held):
      begin(.active)
      held.write(to: &cells)
    case .paused(let held):
      begin(.paused)
      held.write(to: &cells)
    case .terminated(let held):
      begin(.terminated)
      held.write(to: &cells)
    case .cancelled(let terms, let end):
      begin(.cancelled)
      terms.write(to: &cells)
      end.write(to: &cells)
    case .voided(let held):
      begin(.voided)
      held.write(to: &cells)
    }
  }

  package init(from cells: inout CellReader) throws(CellReader.Fault) {
    switch try cells.value(Case.self) {
    case .none: self = .none
    case .applied: self = .applied(try Policy.Terms(from: &cells))
    case .pendingPayment: self = .pendingPayment(try Policy.Terms(from: &cells), boundOn: try cells.day())
    case .active: self = .active(try Policy.InForce(from: &cells))
    case .paused: self = .paused(try Policy.InForce(from: &cells))
    case .terminated: self = .terminated(try Policy.InForce(from: &cells))
    case .cancelled: self = .cancelled(try Policy.Terms(from: &cells), try Policy.End(from: &cells))
    case .voided: self = .voided(try Policy.InForce(from: &cells))
    }
  }
}

extension Policy.InForce: CellCoded {
  package func write(to cells: inout CellWriter) {
    terms.write(to: &cells)
    cells.add(issuedOn)
    cells.add(optional: ending)
    cells.add(optional: notice)
    cells.add(asOf)
  }

  package init(from cells: inout CellReader) throws(CellReader.Fault) {
    terms = try Policy.Terms(from: &cells)
    issuedOn = try cells.day()
    ending = try cells.optional(Policy.End.self)
    notice = try cells.optional(Policy.RescissionNotice.self)
    asOf = try cells.day()
  }
}

extension Policy.End: CellCoded {
  package func write(to cells: inout CellWriter) {
    cells.add(on)
    cells.add(reason.rawValue)
    cells.add(text: note)
  }

  package init(from cells: inout CellReader) throws(CellReader.Fault) {
    on = try cells.day()
    reason = try cells.word()
    note = try cells.longText()
  }
}

extension Policy.RescissionNotice: CellCoded {
  package func write(to cells: inout CellWriter) {
    cells.add(on)
    cells.add(reason.rawValue)
    cells.add(earliest)
    cells.add(text: rule)
  }

  package init(from cells: inout CellReader) throws(CellReader.Fault) {
    on = try cells.day()
    reason = try cells.word()
    earliest = try cells.day()
    rule = try cells.longText()
  }
}
