import Contracts
import Foundation
import Hummingbird
import HummingbirdTesting
import SwiftProtobuf
import Testing

@testable import Web

@Suite struct `The book` {
  @Test func `shows every context's figures`() async throws {
    try await withPages(.sample) { visitor in
      let (status, headers, html) = try await visitor.get("/")
      #expect(status == 200)
      #expect(headers[.contentType] == "text/html; charset=utf-8")
      #expect(headers[.contentSecurityPolicy]?.contains("default-src 'none'") == true)
      for words in [
        "Business date", "Feb 14, 2027", "$12,211,202.50", "92.7%", "Balanced", "27 After coverage ended",
        "Payment.Posted",
        "Invoice to paid", "94.1%", "Past due", "Up to date",
        "6,529 claims filed",
      ] {
        #expect(html.contains(words), "\(words)")
      }
    }
  }

  @Test func `says what is away and shows the rest`() async throws {
    try await withPages(.none) { visitor in
      let (status, _, html) = try await visitor.get("/")
      #expect(status == 200)
      #expect(html.contains("Billing is not run here."))
      #expect(html.contains("Claims is not run here."))
      #expect(html.contains("Policies in force"))
    }
  }

  @Test func `says what to do where the book is empty`() async throws {
    try await withPages(.none, policies: 0) { visitor in
      let html = try await visitor.get("/").html
      #expect(html.contains("No policies yet."))
    }
  }
}

@Suite struct `The list of policies` {
  @Test func `is filtered and paged`() async throws {
    try await withPages(.none, policies: 30) { visitor in
      let first = try await visitor.get("/policies").html
      #expect(first.matches(of: /<a href="\/policies\/pol_/).count == 25)
      let next = try #require(first.firstMatch(of: /class="next" href="([^"]+)"/)).1
      let second = try await visitor.get(String(next).replacing("&amp;", with: "&")).html
      #expect(second.matches(of: /<a href="\/policies\/pol_/).count == 5)
      #expect(second.contains("First page"))
      let waiting = try await visitor.get("/policies?state=TX&status=pending_payment").html
      #expect(waiting.matches(of: /<a href="\/policies\/pol_/).count == 2)
      #expect(waiting.contains(#"<option value="TX" selected>"#))
      let nobody = try await visitor.get("/policies?state=TX&status=cancelled").html
      #expect(nobody.contains("No policy is like that."))
    }
  }

  @Test func `finds by identifier, here and outside`() async throws {
    try await withPages(.none) { visitor in
      let byID = try await visitor.get("/policies?q=\(visitor.policyID)")
      #expect(byID.status == 303)
      #expect(byID.headers[.location] == "/policies/\(visitor.policyID)")
      let outside = try await visitor.get("/policies?q=acme+policy+A-0")
      #expect(outside.headers[.location] == "/policies/\(visitor.policyID)")
      let page = try await visitor.get("/policies/\(visitor.policyID)").html
      let number = try #require(page.firstMatch(of: /<h1>Policy (\w+)/)).1
      let byNumber = try await visitor.get("/policies?q=\(number.lowercased())")
      #expect(byNumber.headers[.location] == "/policies/\(visitor.policyID)")
      let nobody = try await visitor.get("/policies?q=P000")
      #expect(nobody.status == 404)
      #expect(
        nobody.html.contains("There is no policy with the number P000, and no member") && nobody.html.contains(number))
      let nothing = try await visitor.get("/policies?q=acme+policy+A-9")
      #expect(nothing.status == 404)
      #expect(nothing.html.contains("There is no policy with the acme policy A-9"))
    }
  }
}

@Suite struct `A search for a member` {
  @Test(arguments: [
    "m1", "O%27Neill+%26+%3CSons%3E+1", "maya+o%27neill+%26+%3Csons%3E+1", "O%27NEILL+%26+%3CSONS%3E+1,+MAYA",
  ])
  func `finds the policy by card or name, however it is written`(search: String) async throws {
    try await withPages(.none, policies: 3) { visitor in
      let found = try await visitor.get("/policies?q=\(search)")
      #expect(found.status == 303)
      let location = try #require(found.headers[.location])
      let page = try await visitor.get(location).html
      #expect(page.contains("Sons&gt; 1"))
    }
  }

  @Test func `a given name alone finds nobody`() async throws {
    try await withPages(.none) { visitor in
      let nobody = try await visitor.get("/policies?q=Maya")
      #expect(nobody.status == 404)
    }
  }

  @Test func `a name is read as it may be meant`() {
    #expect(MemberName.readings(of: "Doe") == [MemberName(family: "Doe")])
    #expect(MemberName.readings(of: "Doe, Jane") == [MemberName(family: "Doe", given: "Jane")])
    #expect(
      MemberName.readings(of: "Ana De Souza") == [
        MemberName(family: "Souza", given: "Ana De"), MemberName(family: "De Souza", given: "Ana"),
        MemberName(family: "Ana De Souza"),
      ])
    #expect(MemberName.readings(of: " , ") == [MemberName(family: ",")])
  }
}

@Suite struct `One policy` {
  @Test func `what the member pays is the premium less the tax credit, and the add-ons`() {
    var segment = Premia_Policy_V1_PremiumSegment()
    (segment.gross.cents, segment.aptc.cents) = (412_00, 300_00)
    segment.addOns = [.with { $0.monthly.cents = 38_50 }, .with { $0.monthly.cents = 8_40 }]
    #expect(segment.net.cents == 158_90)
  }

  @Test func `shows its terms, what others hold and what happened`() async throws {
    try await withPages(.sample) { visitor in
      let (status, _, html) = try await visitor.get("/policies/\(visitor.policyID)")
      #expect(status == 200)
      for words in [
        "$412.00 a month", "$112.00 a month", "insufficient_funds".replacing("_", with: " "),
        "Issue invoice on Mar 17, 2027",
        "18 Exact duplicate", "1200 Premium receivable, members", "In force from Jan 1, 2027 for 1 member",
        "Payment of $112.00 failed: insufficient funds", "Notice.Burnt",
        "First invoice of $112.00 for Jan 2027, due Jan 1, 2027",
      ] {
        #expect(html.contains(words), "\(words)")
      }
      let order = html.matches(of: /<span class="context">(\w+)<\/span> (\w+\.\w+)/).map { String($0.2) }
      #expect(
        order == [
          "Policy.Bound", "Policy.Issued", "Invoice.Issued", "Notice.Sent", "Notice.Burnt", "Claim.Approved",
          "Payment.Failed",
          "Invoice.PastDue",
        ])
    }
  }

  @Test func `escapes what people typed`() async throws {
    try await withPages(.sample) { visitor in
      let html = try await visitor.get("/policies/\(visitor.policyID)").html
      #expect(html.contains("Silver 3000 &lt;HMO&gt;"))
      #expect(html.contains("&amp; &lt;Sons&gt; 0"))
      #expect(!html.contains("<HMO>") && !html.contains("<Sons>") && !html.contains("<Silver>"))
    }
  }

  @Test func `keeps what one act set off`() async throws {
    try await withPages(.sample) { visitor in
      let html = try await visitor.get("/policies/\(visitor.policyID)?correlation=\(visitor.correlation)").html
      #expect(html.matches(of: /<span class="context">/).count == 2)
      #expect(html.contains("2 of 8 events: what enrol-0 set off"))
      #expect(html.contains("Show everything"))
    }
  }

  @Test func `is shown without the contexts that are away`() async throws {
    try await withPages(.none) { visitor in
      let (status, _, html) = try await visitor.get("/policies/\(visitor.policyID)")
      #expect(status == 200)
      #expect(html.contains("Billing is not run here."))
      #expect(html.contains("In force from Jan 1, 2027"))
    }
  }

  @Test(arguments: [
    ("/policies/pol_01j9zzzzzzzzzzzzzzzzzzzzzz", 404, "There is no policy"), ("/policies/x", 400, "not an identifier"),
    ("/notices/ntc_9", 404, "There is no notice ntc_9"), ("/nowhere", 404, "There is no page at /nowhere"),
  ]) func `that is not there is a page too`(_ path: String, _ status: Int, _ words: String) async throws {
    try await withPages(.sample) { visitor in
      let answer = try await visitor.get(path)
      #expect(answer.status == status)
      #expect(answer.html.contains(words))
    }
  }
}

@Suite struct `A page` {
  @Test(arguments: ["/", "/policies", "/assets/premia.css"])
  func `is there to be read`(_ path: String) async throws {
    try await withPages(.none) { visitor in
      let head = try await visitor.client.execute(uri: path, method: .head) { $0 }
      #expect(head.status == .ok && head.body.readableBytes == 0)
      let posted = try await visitor.client.execute(uri: path, method: .post) { $0 }
      #expect(posted.status == .methodNotAllowed)
      #expect(posted.headers[.allow] == "GET, HEAD")
    }
  }
}

@Suite struct `A letter` {
  @Test func `is shown in a frame in which nothing runs`() async throws {
    try await withPages(.sample) { visitor in
      let (status, _, html) = try await visitor.get("/notices/ntc_1")
      #expect(status == 200)
      #expect(html.contains("sandbox srcdoc=\"&lt;h1&gt;Welcome"))
      #expect(!html.contains("<script"))
    }
  }
}

@Suite struct `The look` {
  @Test func `is one file`() async throws {
    try await withPages(.none, policies: 0) { visitor in
      let (status, headers, css) = try await visitor.get("/assets/premia.css")
      #expect(status == 200)
      #expect(headers[.contentType] == "text/css; charset=utf-8")
      #expect(css.contains("prefers-color-scheme: dark"))
    }
  }

  /// Writes the pages to a folder, to be opened in a browser: `PREMIA_PAGES=folder swift test --filter 'to look at'`.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["PREMIA_PAGES"] != nil))
  func `to look at`() async throws {
    let folder = URL(filePath: try #require(ProcessInfo.processInfo.environment["PREMIA_PAGES"]))
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try await withPages(.sample, policies: 40) { visitor in
      try await write(
        visitor, to: folder,
        [
          "book": "/", "policies": "/policies", "policy": "/policies/\(visitor.policyID)", "notice": "/notices/ntc_1",
          "lost": "/nowhere",
        ])
    }
    try await withPages(.none, policies: 0) { visitor in
      try await write(visitor, to: folder, ["empty-book": "/", "empty-policies": "/policies"])
    }
  }

  private func write(_ visitor: Visitor, to folder: URL, _ pages: [String: String]) async throws {
    let css = try await visitor.get("/assets/premia.css").html
    for (name, path) in pages {
      let html = try await visitor.get(path).html
        .replacing(#"<link rel="stylesheet" href="/assets/premia.css">"#, with: "<style>\(css)</style>")
      try html.write(to: folder.appending(path: "\(name).html"), atomically: true, encoding: .utf8)
    }
  }
}
