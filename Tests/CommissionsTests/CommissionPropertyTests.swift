import Foundation
import Kernel
import Testing

@testable import Commissions

/// Whatever happens to a policy, and in whatever order its contexts are heard.
@Suite struct CommissionPropertyTests {
  /// What one source tells, in its own order, which is kept.
  private enum Source: CaseIterable { case policy, billing, desk }

  private struct Plot {
    var policy: [Commission.Command] = []
    var billing: [Commission.Command] = []
    var desk: [Commission.Command] = []

    subscript(source: Source) -> [Commission.Command] {
      switch source {
      case .policy: policy
      case .billing: billing
      case .desk: desk
      }
    }
  }

  @Test(arguments: 1...200) func whatWasPostedIsWhatTheFactsSayInWhateverOrderTheyBecomeKnown(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let schedules = [
      try CommissionSchedule.perMember(),
      try .with(
        [
          .rule(.ofNetPremium(basisPoints: 700)),
          .rule(level: .gold, from: "2027-04-01", .perPolicyPerMonth(cents: 9_00)),
        ],
        edition: 2),
    ]
    let plot = plot(&random, schedules[0])
    var ends: [[String: Int64]] = []
    for _ in 0..<3 {
      var story = Story(schedules[0])
      try story.when(.learn(.policy(.policy(version: 1)), under: schedules[0]))
      var places = [Source.policy: 0, .billing: 0, .desk: 0]
      while let source = Source.allCases.filter({ places[$0, default: 0] < plot[$0].count }).randomElement(
        using: &random)
      {
        try story.when(plot[source][places[source, default: 0]])
        places[source, default: 0] += 1
      }
      try check(story, under: schedules[0])
      try story.when(.assess(under: schedules[1]))
      try check(story, under: schedules[1])
      ends.append(story.sums.filter { $0.value != 0 })
    }
    #expect(ends[0] == ends[1] && ends[1] == ends[2])
  }

  private func check(_ story: Story, under schedule: CommissionSchedule) throws {
    var due: [String: Int64] = [:]
    for line in Assessment.lines(of: story.state, under: schedule) {
      due["\(line.month.description.prefix(7)) \(name(line.producer))"] = line.cents
    }
    #expect(story.sums.filter { $0.value != 0 } == due)
    let stored = try JSONDecoder().decode(Commission.State.self, from: JSONEncoder().encode(story.state))
    #expect(stored == story.state)
  }

  private func plot(_ random: inout SplitMix64, _ schedule: CommissionSchedule) -> Plot {
    var plot = Plot()
    let months = (1...9).map { "2027-0\($0)" }
    func month(_ random: inout SplitMix64) -> String { months[Int.random(in: 0..<months.count, using: &random)] }
    for version in 2...Int64.random(in: 2...6, using: &random) {
      let isOver = Int.random(in: 0..<4, using: &random) == 0
      let members = (0...Int.random(in: 0..<3, using: &random)).map { _ in ("\(month(&random))-15", "") }
      let facts = Commission.Facts.policy(
        to: isOver ? "\(month(&random))-01" : "", members: members,
        levels: Bool.random(using: &random) ? [("\(month(&random))-10", .gold)] : [], version: version)
      plot.policy.append(.learn(.policy(facts), under: schedule))
    }
    for month in months {
      let gross = Int64.random(in: 1_00..<900_00, using: &random)
      let share = Commission.Share(
        month: day("\(month)-01"), grossCents: gross, netCents: Int64.random(in: 0...gross, using: &random))
      let id = invoice(month)
      var news: [Commission.News] = [.invoiceIssued(id, [share])]
      let turns: [Commission.News] = [
        .invoicePaid(id), .invoiceReopened(id), .invoicePaid(id),
        .invoiceAdjusted(id, by: [.init(month: share.month, grossCents: -50, netCents: -50)]), .invoicePaid(id),
        .invoiceVoided(id),
      ]
      news += turns.prefix(Int.random(in: 0...turns.count, using: &random))
      plot.billing += news.map { .learn($0, under: schedule) }
    }
    let appointment = Producer.Appointment(state: "IL", from: day("2014-01-01"), to: nil)
    for number in 0..<Int.random(in: 1...4, using: &random) {
      let producer = [ann, bob, nil][Int.random(in: 0..<3, using: &random)]
      // Of two assignments from one day the later holds: each has a day of its own, so that order is no matter.
      let from = day("\(month(&random))-01").adding(days: number)
      plot.desk.append(
        .assign(
          .init(from: from, producer: producer), reason: "sold", appointments: [appointment], on: day("2027-06-01"),
          under: schedule))
    }
    return plot
  }
}
