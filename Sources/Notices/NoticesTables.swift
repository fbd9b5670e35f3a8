// The message boxes: what was sent, without what it says.

import Kernel
package import Runtime

package enum NoticesTables {
  package static let notices = Table(
    "notices",
    columns: [
      .text("notice_id"), .text("policy_id"), .text("policy_number", nullable: true), .text("template"),
      .integer("template_version"), .text("subject"), .text("channel"), .text("sent_on"), .text("event_id"),
    ],
    key: ["notice_id"], indexes: [.on("policy_id"), .unique("event_id")],
    checks: [
      .oneOf("template", Template.allCases.map(\.name)), .oneOf("channel", Notice.Channel.allCases.map(\.rawValue)),
    ])
}

extension Notice {
  package static func rows(for recorded: Recorded<Event>, in state: State) -> [RowChange] {
    switch recorded.event {
    case .noticeSent(let notice):
      let letter = notice.letter
      return [
        .put(
          NoticesTables.notices,
          [
            .text(recorded.stream.rawValue), .text(letter.policyID), Value(letter.policyNumber),
            .text(letter.template.name), .integer(Int64(notice.templateVersion)), .text(letter.subject),
            .text(notice.channel.rawValue), .text(notice.on.description), .text(notice.eventID.description),
          ])
      ]
    }
  }
}
