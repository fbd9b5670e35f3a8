// Every refusal of the preview, one row each: what is wrong, where it says so, and in what words.

import Kernel
import Testing

@testable import Billing

@Suite struct PreviewRefusalTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let document: String
    let code: String
    let detail: String

    init(_ name: String, document: String, _ code: String, _ detail: String) {
      (testDescription, self.document, self.code, self.detail) = (name, document, "billing.preview_\(code)", detail)
    }

    init(
      _ name: String, terms: [String] = [], _ timeline: String..., asOf: String = "2027-12-31", code: String,
      says detail: String
    ) {
      self.init(name, document: PreviewDocument.text(terms, timeline, asOf: asOf), code, detail)
    }
  }

  private static let start = "2027-01-01 start plan=silver"

  @Test("what is wrong is refused in words", arguments: texts + terms + entries + order + amounts)
  func isRefused(_ row: Row) throws {
    let problem = #expect(throws: Problem.self) { try BillingPreview(row.document) }
    #expect(problem?.code == row.code)
    #expect(problem?.detail == row.detail)
    #expect(problem?.kind == .invalid)
    #expect(problem?.remedy.isEmpty == false)
    #expect(problem?.fields.isEmpty == false)
  }

  static let texts: [Row] = [
    Row(
      "an empty text", document: "", "malformed", "line 1, column 1 is not JSON: the text ends too early."),
    Row(
      "a comma too many", document: "{\n  \"currency\": \"USD\",\n}", "malformed",
      "line 3, column 1 is not JSON: a name in double quotes is missing."),
    Row(
      "a text that does not end", document: "{\"currency\": \"USD", "malformed",
      "line 1, column 18 is not JSON: a text does not end."),
    Row(
      "a number with an exponent", document: "{\"a\": 1e5}", "malformed",
      "line 1, column 8 is not JSON: a number with an exponent."),
    Row(
      "a name twice", document: "{\"a\": 1, \"a\": 2}", "malformed",
      "line 1, column 13 is not JSON: 'a' is there twice."),
    Row(
      "more than one document", document: "{} {}", "malformed",
      "line 1, column 4 is not JSON: something follows the document."),
    Row(
      "brackets without end", document: String(repeating: "[", count: 40), "malformed",
      "line 1, column 33 is not JSON: more than 32 levels."),
    Row("a list", document: "[]", "wrong", "the document is a list."),
    Row("an unknown field", document: #"{"plan": {}}"#, "unknown_field", "plan is not known here."),
    Row("no currency", document: "{}", "missing", "currency is missing."),
  ]

  static let terms: [Row] = [
    Row(
      "a currency that is none", terms: [#""currency": "DOLLAR""#], start, code: "wrong",
      says: "currency is 'DOLLAR'."),
    Row("a zone that is none", terms: [#""timeZone": "EST5""#], start, code: "wrong", says: "timeZone is 'EST5'."),
    Row(
      "a billing day of 0", terms: [#""convention": {"billingDay": 0}"#], start, code: "wrong",
      says: "convention.billingDay is 0."),
    Row(
      "a billing day of 32", terms: [#""convention": {"billingDay": 32}"#], start, code: "wrong",
      says: "convention.billingDay is 32."),
    Row(
      "a day count that is none", terms: [#""convention": {"dayCount": "actual/365"}"#], start, code: "wrong",
      says: "convention.dayCount is 'actual/365'."),
    Row(
      "an unknown field of the convention", terms: [#""convention": {"day": 1}"#], start, code: "unknown_field",
      says: "convention.day is not known here."),
    Row(
      "a period that no plan has",
      terms: [#""plans": {"silver": {"period": "P2M", "phases": [{"price": "1"}]}}"#], start, code: "wrong",
      says: "plans.silver.period is 'P2M'."),
    Row(
      "a plan without a price", terms: [#""plans": {"silver": {"period": "P1M", "phases": []}}"#], start,
      code: "missing",
      says: "plans.silver.phases[0] is missing."),
    Row(
      "a phase behind one that goes on",
      terms: [#""plans": {"silver": {"period": "P1M", "phases": [{"price": "1"}, {"price": "2"}]}}"#], start,
      code: "missing", says: "plans.silver.phases[0].length is missing."),
    Row(
      "a length that is none",
      terms: [#""plans": {"silver": {"period": "P1M", "phases": [{"price": "1", "length": "P0M"}]}}"#], start,
      code: "wrong",
      says: "plans.silver.phases[0].length is 'P0M'."),
    Row(
      "a price with half a cent",
      terms: [#""plans": {"silver": {"period": "P1M", "phases": [{"price": "1.005"}]}}"#], start,
      code: "too_many_digits",
      says: "plans.silver.phases[0].price is 1.005, with more than 2 digits behind the point."),
    Row(
      "a price below zero", terms: [#""plans": {"silver": {"period": "P1M", "phases": [{"price": -1}]}}"#], start,
      code: "wrong", says: "plans.silver.phases[0].price is -1."),
    Row(
      "a price above all bounds",
      terms: [#""plans": {"silver": {"period": "P1M", "phases": [{"price": 1000000001}]}}"#], start, code: "wrong",
      says: "plans.silver.phases[0].price is 1000000001."),
    Row(
      "a price in another currency",
      terms: [#""plans": {"silver": {"period": "P1M", "phases": [{"price": "1", "currency": "EUR"}]}}"#], start,
      code: "other_currency", says: "plans.silver.phases[0].currency is EUR, but the account is in USD."),
    Row(
      "a discount of a plan that is none", terms: [#""discounts": [{"percent": 10, "plans": ["lead"]}]"#], start,
      code: "unknown_plan", says: "discounts[0].plans[0] is 'lead', which plans does not have."),
    Row(
      "a discount of more than all", terms: [#""discounts": [{"percent": 101}]"#], start, code: "wrong",
      says: "discounts[0].percent is above 100 and would make an amount negative."),
    Row(
      "a discount that makes an amount negative", terms: [#""discounts": [{"name": "big", "amount": "310.01"}]"#],
      start, code: "negative_amount",
      says: "discounts[0] would make an amount negative: 'big' takes 310.01 off silver, of which 310.00 is left."),
    Row(
      "a discount of two sizes", terms: [#""discounts": [{"percent": 1, "amount": "1"}]"#], start, code: "wrong",
      says: "discounts[0].amount stands beside percent."),
    Row(
      "two discounts of a name", terms: [#""discounts": [{"name": "a", "percent": 1}, {"name": "a", "percent": 2}]"#],
      start, code: "wrong", says: "discounts[1].name is 'a', which another has too."),
    Row(
      "a tax without a size", terms: [#""taxes": [{"name": "state"}]"#], start, code: "missing",
      says: "taxes[0].percent is missing."),
    Row(
      "a discount that ends before it begins",
      terms: [#""discounts": [{"percent": 1, "from": "2027-02-01", "to": "2027-01-01"}]"#], start,
      code: "end_before_start",
      says: "discounts[0].to ends on 2027-01-01 what starts on 2027-02-01."),
  ]

  static let entries: [Row] = [
    Row("a deed that is none", "2027-01-01 begin plan=silver", code: "wrong", says: "timeline[0].do is 'begin'."),
    Row(
      "an unknown field of an entry", "2027-01-01 start plan=silver colour=red", code: "unknown_field",
      says: "timeline[0].colour is not known here."),
    Row(
      "a plan that is none", "2027-01-01 start plan=lead", code: "unknown_plan",
      says: "timeline[0].plan is 'lead', which plans does not have."),
    Row("a day that is none", "2027-02-29 start plan=silver", code: "wrong", says: "timeline[0].on is '2027-02-29'."),
    Row(
      "an instant without an offset", "2027-02-28T10:00:00 start plan=silver", code: "wrong",
      says: "timeline[0].at is '2027-02-28T10:00:00'."),
    Row(
      "a change to a billing day of 32", start, "2027-01-02 setBillingDay billingDay=32", code: "wrong",
      says: "timeline[1].billingDay is 32."),
    Row(
      "a payment in another currency", start, "2027-01-02 payment amount=1 currency=EUR", code: "other_currency",
      says: "timeline[1].currency is EUR, but the account is in USD."),
    Row("a payment of nothing", start, "2027-01-02 payment amount=0", code: "wrong", says: "timeline[1].amount is 0."),
    Row(
      "a price that changes in silence", start, "2027-01-02 priceChange plan=silver price=1", code: "missing",
      says: "timeline[1].policy is missing."),
    Row(
      "a refund that adjusts no invoice", start, "2027-01-02 refund amount=1 adjust=true", code: "missing",
      says: "timeline[1].invoice is missing."),
  ]

  static let order: [Row] = [
    Row(
      "a payment before what stands above it", start, "2026-12-31 payment amount=1", code: "out_of_order",
      says: "timeline[1].on is 2026-12-31, before 2027-01-01, when the entry above it was made known."),
    Row(
      "a start while another runs", start, "2027-02-01 start plan=gold", code: "overlapping_start",
      says: "timeline[1] starts on 2027-02-01 what also starts on 2027-01-01 and has not ended."),
    Row(
      "a late start before one that was made", start, "2026-12-01 start plan=gold knownOn=2027-01-05",
      code: "overlapping_start",
      says: "timeline[1] starts on 2026-12-01 what also starts on 2027-01-01 and has not ended."),
    Row(
      "a cancellation before the start", start, "2026-12-01 cancel knownOn=2027-01-05", code: "end_before_start",
      says: "timeline[1] ends on 2026-12-01 what starts on 2027-01-01."),
    Row(
      "a cancellation twice", start, "2027-02-01 cancel", "2027-03-01 cancel", code: "not_in_force",
      says: "timeline[2] has no meaning on 2027-03-01: coverage ended on 2027-02-01."),
    Row(
      "a pause of what has not started", "2027-01-01 pause", code: "not_in_force",
      says: "timeline[0] has no meaning on 2027-01-01: nothing has started."),
    Row(
      "a pause twice", start, "2027-02-01 pause", "2027-03-01 pause", code: "not_in_force",
      says: "timeline[2] has no meaning on 2027-03-01: it is paused already."),
    Row(
      "a resumption of what is not paused", start, "2027-03-01 resume", code: "not_in_force",
      says: "timeline[1] has no meaning on 2027-03-01: it is not paused."),
    Row(
      "a subsidy of a plan by the week", "2027-01-01 subsidy amount=1", "2027-01-04 start plan=weekly",
      code: "subsidy_without_months",
      says: "timeline[0] grants a monthly subsidy to weekly, which is billed by the week."),
  ]

  static let amounts: [Row] = [
    Row(
      "a payment for no invoice", start, "2027-01-02 payment amount=1 invoice=2027-01-03", code: "unknown_invoice",
      says: "timeline[1].invoice is 2027-01-03, on which no invoice stands."),
    Row(
      "a credit above what was paid less what was adjusted", start, "2027-01-02 payment amount=310",
      "2027-01-03 adjust amount=300 invoice=2027-01-01", "2027-01-04 credit amount=20 invoice=2027-01-01",
      code: "above_limit",
      says: "timeline[3].amount is 20.00, but what was paid for the invoice less what was adjusted is 10.00."),
    Row(
      "an adjustment above what is billed", start, "2027-01-03 adjust amount=311 invoice=2027-01-01",
      code: "above_limit",
      says: "timeline[1].amount is 311.00, but what the invoice still bills is 310.00."),
    Row(
      "a refund of credit that nobody paid", start, "2027-01-02 credit amount=400", "2027-01-03 refund amount=1",
      code: "above_limit", says: "timeline[2].amount is 1.00, but the credit that was paid in is 0.00."),
    Row(
      "a refund twice", start, "2027-01-02 payment amount=310",
      "2027-01-03 refund amount=300 invoice=2027-01-01 adjust=true", "2027-01-04 refund amount=11 invoice=2027-01-01",
      code: "above_limit",
      says: "timeline[3].amount is 11.00, but what was paid for the invoice less what was refunded and adjusted is "
        + "10.00."),
    Row(
      "a write-off of what is paid", start, "2027-01-02 payment amount=310", "2027-01-03 writeOff invoice=2027-01-01",
      code: "nothing_open", says: "timeline[2] writes off the invoice of 2027-01-01, which has no balance."),
    Row(
      "a void of what is paid", start, "2027-01-02 payment amount=310", "2027-01-03 void invoice=2027-01-01",
      code: "cannot_void", says: "timeline[2] voids the invoice of 2027-01-01, which is paid."),
    Row(
      "a void of what was corrected", start, "2027-01-16 changePlan plan=gold", "2027-01-17 void invoice=2027-01-01",
      code: "cannot_void", says: "timeline[2] voids the invoice of 2027-01-01, which was corrected or corrects another."
    ),
    Row(
      "a statement of more weeks than anybody reads", "1990-01-01 start plan=weekly", asOf: "2199-12-31",
      code: "too_many",
      says: "the statement, in lines, has 5001 entries, more than 5000."),
  ]
}
