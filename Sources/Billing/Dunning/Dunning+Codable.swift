// How dunning is stored within the state of its account. Accounts that pay have none of it.

import Kernel
import Runtime

extension Dunning.State: CellCoded {
  func write(to cells: inout CellWriter) {
    cells.add(optional: overdueThrough)
    cells.add(retries)
    cells.add(optional: referAgainOn)
    cells.add(phase.stage.rawValue)
    switch phase {
    case .current, .ended: break
    case .inGrace(let grace): grace.write(to: &cells)
    case .lapsed(let lapse): lapse.write(to: &cells)
    }
  }

  init(from cells: inout CellReader) throws(CellReader.Fault) {
    overdueThrough = try cells.optionalDay()
    retries = try cells.list(of: Dunning.Retry.self)
    referAgainOn = try cells.optionalDay()
    switch try cells.word(Dunning.Stage.self) {
    case .current: phase = .current
    case .ended: phase = .ended
    case .inGrace: phase = .inGrace(try Dunning.Grace(from: &cells))
    case .lapsed: phase = .lapsed(try Dunning.Lapse(from: &cells))
    }
  }
}

extension Dunning.Grace {
  fileprivate func write(to cells: inout CellWriter) {
    for day in [month, start, end, terminateOn] { cells.add(day) }
    cells.add(optional: pendFrom)
    cells.add(cure.rawValue)
    cells.add(toleranceBasisPoints)
    cells.add(reinstatementDays)
    cells.add(rule)
    cells.add(notices)
  }

  fileprivate init(from cells: inout CellReader) throws(CellReader.Fault) {
    month = try cells.day()
    start = try cells.day()
    end = try cells.day()
    terminateOn = try cells.day()
    pendFrom = try cells.optionalDay()
    cure = try cells.word()
    toleranceBasisPoints = try cells.number()
    reinstatementDays = try cells.number()
    rule = try cells.text()
    notices = try cells.list(of: Dunning.PlannedNotice.self)
  }
}

extension Dunning.Lapse {
  fileprivate func write(to cells: inout CellWriter) {
    for day in [on, terminateOn] { cells.add(day) }
    for cents in [owedCents, subsidyCents, receivedCents] { cells.add(cents) }
    cells.add(optional: reinstatableThrough)
    cells.add(rule)
  }

  fileprivate init(from cells: inout CellReader) throws(CellReader.Fault) {
    on = try cells.day()
    terminateOn = try cells.day()
    owedCents = try cells.number()
    subsidyCents = try cells.number()
    receivedCents = try cells.number()
    reinstatableThrough = try cells.optionalDay()
    rule = try cells.text()
  }
}

extension Dunning.PlannedNotice: CellCoded {
  func write(to cells: inout CellWriter) {
    cells.add(notice.rawValue)
    cells.add(on)
  }

  init(from cells: inout CellReader) throws(CellReader.Fault) {
    notice = try cells.word()
    on = try cells.day()
  }
}

extension Dunning.Retry: CellCoded {
  func write(to cells: inout CellWriter) {
    invoice.write(to: &cells)
    cells.add(attempt)
    cells.add(declines)
    cells.add(optional: on)
    cells.add(rule)
  }

  init(from cells: inout CellReader) throws(CellReader.Fault) {
    invoice = try Account.InvoiceKey(from: &cells)
    attempt = try cells.number()
    declines = try cells.number()
    on = try cells.optionalDay()
    rule = try cells.text()
  }
}
