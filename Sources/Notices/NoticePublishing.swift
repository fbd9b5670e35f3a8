// What others are told of a notice: that it was sent, not what it says.

import Contracts
package import Runtime

extension Notice {
  package static func publications(of recorded: Recorded<Event>, in state: State) -> [Publication] {
    switch recorded.event {
    case .noticeSent(let notice):
      var message = Premia_Notices_V1_NoticeSent()
      message.noticeID = recorded.stream.rawValue
      message.policyID = notice.letter.policyID
      message.template = notice.letter.template.name
      message.channel = notice.channel.rawValue
      return [Publication("Notice.Sent", about: notice.letter.policyID, message)]
    }
  }
}
