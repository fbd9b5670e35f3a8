// The changes of a policy as the timeline tells them.

import Contracts
import Foundation
import SwiftProtobuf
import Testing

@testable import Web

@Suite struct `The timeline tells of a policy` {
  private static func policy(_ status: Premia_Policy_V1_Status = .active) -> Premia_Policy_V1_Policy {
    .with {
      $0.status = status
      $0.endDate = "2027-01-01"
      $0.premium = [
        .with {
          $0.from = "2027-01-01"
          $0.gross.cents = 60_000
          $0.aptc.cents = 20_000
        }
      ]
    }
  }

  private static let rows: [(type: String, message: any Message, words: String)] = [
    (
      "Policy.Endorsed",
      Premia_Policy_V1_PolicyEndorsed.with {
        $0.policy = policy()
        $0.change = "member_added"
        $0.effectiveDate = "2027-02-15"
        $0.reason = "birth"
      }, "Member added from Feb 15, 2027: birth; $600.00 a month less $200.00 of tax credit"
    ),
    (
      "Policy.Endorsed",
      Premia_Policy_V1_PolicyEndorsed.with {
        $0.policy = policy()
        $0.policy.premium[0].addOns = [.with { ($0.planName, $0.monthly.cents) = ("Dental 1500", 38_50) }]
        $0.change = "add_on_added"
        $0.effectiveDate = "2027-02-01"
        $0.reason = "marriage"
      },
      "Add on added from Feb 1, 2027: marriage; $600.00 a month less $200.00 of tax credit, $38.50 for Dental 1500"
    ),
    (
      "Policy.Paused",
      Premia_Policy_V1_PolicyPaused.with {
        $0.pause.from = "2027-03-01"
        $0.pause.until = "2027-04-01"
        $0.pause.reason = "military_service"
      }, "Paused for Mar 2027: military service"
    ),
    (
      "Policy.Resumed",
      Premia_Policy_V1_PolicyResumed.with {
        $0.effectiveDate = "2027-04-01"
        $0.reason = "planned"
      }, "Covered again from Apr 1, 2027: planned"
    ),
    (
      "Policy.Renewed", Premia_Policy_V1_PolicyRenewed.with { $0.termStart = "2028-01-01" },
      "Renewed from Jan 1, 2028"
    ),
    (
      "Policy.Renewed",
      Premia_Policy_V1_PolicyRenewed.with {
        $0.termStart = "2028-01-01"
        $0.addOns = [
          .with { ($0.planID, $0.planName) = ("vision", "Vision 150") },
          .with {
            ($0.planID, $0.planName, $0.nextPlanID, $0.nextPlanName) = ("d", "Dental 1000", "e", "Dental 1500")
          },
        ]
      }, "Renewed from Jan 1, 2028; Vision 150 ends; Dental 1000 ends, Dental 1500 takes its place"
    ),
    (
      "Policy.RescissionNoticed",
      Premia_Policy_V1_PolicyRescissionNoticed.with {
        $0.reason = "fraud"
        $0.earliestDate = "2027-05-20"
      }, "Notice of rescission, not before May 20, 2027: fraud"
    ),
    (
      "Policy.Rescinded", Premia_Policy_V1_PolicyRescinded.with { $0.reason = "fraud" },
      "Rescinded, void from its beginning: fraud"
    ),
    (
      "Policy.Reinstated", Premia_Policy_V1_PolicyReinstated.with { $0.reason = "paid" },
      "Reinstated without a gap: paid"
    ),
    (
      "Policy.Terminated",
      Premia_Policy_V1_PolicyTerminated.with {
        $0.policy = policy(.voided)
        $0.reason = "free_look"
      }, "Void from its beginning: free look"
    ),
    (
      "Schedule.Changed",
      Premia_Billing_V1_ScheduleChanged.with {
        $0.from = "2027-04-01"
        $0.schedule.timeline = "quarterly"
        $0.schedule.mode = "advance"
        $0.schedule.billingDay = 15
        $0.reason = "asked by telephone"
      }, "Billed quarterly in advance, due on day 15 of the month from Apr 1, 2027: asked by telephone"
    ),
    (
      "Account.Referred", Premia_Billing_V1_AccountReferred.with { $0.owed.cents = 31_000 },
      "$310.00 past due to collect or write off by hand"
    ),
    (
      "Account.Referred", Premia_Billing_V1_AccountReferred.with { $0.credit.cents = 31_000 },
      "Credit of $310.00 to refund by hand"
    ),
    (
      "Producer.Assigned",
      Premia_Commissions_V1_ProducerAssigned.with {
        $0.tenure.producerID = "pty_01"
        $0.tenure.from = "2027-02-01"
        $0.reason = "sold"
      }, "Producer of record from Feb 1, 2027: sold"
    ),
    (
      "Commission.Posted",
      Premia_Commissions_V1_CommissionPosted.with {
        $0.lines = [.with { $0.month = "2027-02-01" }, .with { $0.month = "2027-03-01" }]
        $0.amount.cents = -4_000
      }, "$40.00 of commission clawed back for 2 months"
    ),
  ]

  @Test func `in plain words`() throws {
    for row in Self.rows {
      let event = Premia_Common_V1_Envelope.with {
        $0.type = row.type
        $0.data = (try? row.message.serializedData()) ?? Data()
      }
      #expect(EventWords(event).text == row.words)
    }
  }
}
