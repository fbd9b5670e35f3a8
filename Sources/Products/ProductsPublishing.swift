// Private editions become contract events here, and nowhere else.

import Contracts
import Courier
import Kernel
package import Runtime

extension Plan: CatalogueItem {
  package static var kind: ItemKind { .plan }

  package static func publication(of edition: Edition<Plan>) -> Publication {
    var message = Premia_Products_V1_ProductPublished()
    message.plan = Premia_Products_V1_Plan(edition, to: edition.to)
    return Publication("Product.Published", about: "", message)
  }
}

extension FeeSchedule: CatalogueItem {
  package static var kind: ItemKind { .feeSchedule }
  package var id: String { name }

  package static func publication(of edition: Edition<FeeSchedule>) -> Publication {
    var schedule = Premia_Products_V1_FeeSchedule()
    schedule.name = edition.reference
    schedule.defaultAllowedBasisPoints = Int32(edition.item.defaultAllowedBasisPoints)
    schedule.lines = edition.item.lines.map { line in
      var message = Premia_Products_V1_FeeScheduleLine()
      message.procedure = line.procedure
      message.category = line.category.rawValue
      message.allowed = Premia_Common_V1_Money(line.allowed)
      return message
    }
    var message = Premia_Products_V1_ProductPublished()
    message.feeSchedule = schedule
    return Publication("Product.Published", about: "", message)
  }
}

extension StateRules: CatalogueItem {
  package static var kind: ItemKind { .state }
  package var id: String { state }

  package static func publication(of edition: Edition<StateRules>) -> Publication {
    rulesChanged(edition, state: edition.item.state)
  }
}

extension AgeCurve: CatalogueItem {
  package static var kind: ItemKind { .ageCurve }
  package var id: String { name }

  package static func publication(of edition: Edition<AgeCurve>) -> Publication { rulesChanged(edition) }
}

extension CostSharingLimits: CatalogueItem {
  package static var kind: ItemKind { .limits }
  package var id: String { name }

  package static func publication(of edition: Edition<CostSharingLimits>) -> Publication { rulesChanged(edition) }
}

private func rulesChanged<Item>(_ edition: Edition<Item>, state: String = "") -> Publication {
  var message = Premia_Products_V1_RulesChanged()
  message.state = state
  message.effectiveFrom = edition.from.description
  message.edition = Int32(edition.number)
  message.kind = Item.kind.rawValue
  message.name = edition.item.id
  return Publication("Rules.Changed", about: "", message)
}

extension Premia_Products_V1_Plan {
  /// - Parameter to: the day after the last on which the edition is in force.
  init(_ edition: Edition<Plan>, to: CalendarDate?) {
    self.init()
    let plan = edition.item
    planID = plan.id
    name = plan.name
    state = plan.state
    level = Premia_Products_V1_Level(plan.level)
    network = plan.network
    effectiveFrom = edition.from.description
    effectiveTo = to?.description ?? ""
    self.edition = Int32(edition.number)
    feeSchedule = plan.feeSchedule
    source = edition.source
    rateChange = plan.rateChange.map(Premia_Products_V1_RateChange.init) ?? .unspecified
    continues = plan.continues
    kind = Premia_Products_V1_PlanKind(plan.level.kind)
    switch plan.beside {
    case .any: besideAny = true
    case .plans(let plans): beside = plans
    case nil: break
    }
    costSharing.deductiblePerson = Premia_Common_V1_Money(plan.costSharing.deductible.person)
    costSharing.deductibleFamily = Premia_Common_V1_Money(plan.costSharing.deductible.family)
    costSharing.outOfPocketPerson = Premia_Common_V1_Money(plan.costSharing.outOfPocket.person)
    costSharing.outOfPocketFamily = Premia_Common_V1_Money(plan.costSharing.outOfPocket.family)
    costSharing.benefits = plan.costSharing.benefits.map { benefit in
      var message = Premia_Products_V1_Benefit()
      message.category = benefit.category.rawValue
      message.covered = benefit.isCovered
      message.deductibleApplies = benefit.deductibleApplies
      message.copay = Premia_Common_V1_Money(benefit.copay)
      message.coinsuranceBasisPoints = Int32(benefit.coinsuranceBasisPoints)
      return message
    }
  }
}

extension Premia_Products_V1_Level {
  init(_ level: Level) {
    self =
      switch level {
      case .catastrophic: .catastrophic
      case .bronze: .bronze
      case .silver: .silver
      case .gold: .gold
      case .platinum: .platinum
      case .dental: .dental
      case .vision: .vision
      }
  }
}

extension Premia_Products_V1_PlanKind {
  init(_ kind: PlanKind) {
    self =
      switch kind {
      case .medical: .medical
      case .dental: .dental
      case .vision: .vision
      }
  }
}

extension Premia_Products_V1_RateChange {
  fileprivate init(_ change: RateChange) {
    self =
      switch change {
      case .nextTerm: .nextTerm
      case .nextPeriod: .nextPeriod
      case .immediate: .immediate
      }
  }
}
