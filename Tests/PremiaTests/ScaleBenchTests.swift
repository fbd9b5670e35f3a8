// What the bench of scale works out by itself: percentiles, the search for a load, and what pgbench is told and says.

import Testing

@testable import premia

@Suite("Bench of scale: what is worked out")
struct ScaleBenchTests {
  @Test(
    "a percentile is a measurement, by nearest rank",
    arguments: [(1, 1.0), (50, 50.0), (95, 95.0), (99, 99.0), (100, 100.0)])
  func percentile(percent: Int, expected: Double) {
    let spread = Spread((1...100).reversed().map(Double.init))
    #expect(spread.percentile(percent) == expected)
  }

  @Test("of few measurements the 99th percentile is the worst, and of none there is none")
  func few() {
    #expect(Spread([3, 1, 2]).percentile(99) == 3)
    #expect(Spread([3, 1, 2]).percentile(50) == 2)
    #expect(Spread([]).percentile(50) == nil)
  }

  @Test(
    "a load is doubled until it is lost, then the gap is halved twice; where not even the first is kept less is tried",
    arguments: [
      (27, [4, 8, 16, 32, 24, 28], 24), (30, [4, 8, 16, 32, 24, 28], 28), (2.5, [4, 2, 3], 2), (0.5, [4, 2, 1], nil),
    ] as [(Double, [Double], Double?)])
  func search(most: Double, tried: [Double], kept: Double?) {
    var search = LoadSearch(from: 4)
    var loads: [Double] = []
    while let load = search.next {
      loads.append(load)
      search.tell(load, isKept: load <= most)
    }
    #expect(loads == tried)
    #expect(search.kept == kept)
  }

  private static let log = """
    2026-11-22 01:30:00.000 UTC [7] LOG:  statement: SET application_name = 'premia scale_floor'
    2026-11-22 01:30:00.001 UTC [7] LOG:  execute premia_0: SELECT version FROM streams WHERE stream = $1
    2026-11-22 01:30:00.001 UTC [7] DETAIL:  parameters: $1 = '16'
    2026-11-22 01:30:00.002 UTC [7] LOG:  execute premia_1: BEGIN
    2026-11-22 01:30:00.002 UTC [7] LOG:  execute premia_2: UPDATE streams
    \tSET version = $3, due = $4, state = $5 WHERE stream = $1 AND version = $2
    2026-11-22 01:30:00.002 UTC [7] DETAIL:  parameters: $1 = '16', $2 = '1', $3 = '2', $4 = NULL, $5 = '\\x32'
    2026-11-22 01:30:00.002 UTC [7] LOG:  execute premia_3: INSERT INTO events SELECT * FROM unnest($1::text[], $2, $3)
    2026-11-22 01:30:00.002 UTC [7] DETAIL:  parameters: $1 = '{16}', $2 = '{2}', $3 = '{"it''s"}'
    2026-11-22 01:30:00.003 UTC [7] LOG:  execute premia_4: COMMIT
    2026-11-22 01:30:00.004 UTC [8] LOG:  checkpoint starting: time

    """

  @Test("the last transaction is read off the server's log, with its parameters")
  func transaction() {
    #expect(
      LoggedStatement.lastTransaction(in: Self.log) == [
        LoggedStatement(sql: "BEGIN"),
        LoggedStatement(
          sql: "UPDATE streams\nSET version = $3, due = $4, state = $5 WHERE stream = $1 AND version = $2",
          parameters: ["16", "1", "2", nil, "\\x32"]),
        LoggedStatement(
          sql: "INSERT INTO events SELECT * FROM unnest($1::text[], $2, $3)",
          parameters: ["{16}", "{2}", "{\"it's\"}"]),
        LoggedStatement(sql: "COMMIT"),
      ])
    #expect(LoggedStatement.lastTransaction(in: "nothing of the kind") == [])
  }

  @Test("pgbench sends the same statements, each client for its own stream and version after version")
  func script() {
    let script = PgbenchScript(LoggedStatement.lastTransaction(in: Self.log), stream: "16", version: 1)
    #expect(
      script.text == """
        \\set stream :client_id
        \\set next :version + 1
        \\startpipeline
        BEGIN;
        UPDATE streams
        SET version = :next, due = NULL, state = :s1_5 WHERE stream = :stream AND version = :version;
        INSERT INTO events SELECT * FROM unnest(ARRAY[:stream]::text[]::text[], ARRAY[:next]::bigint[], :s2_3);
        COMMIT;
        \\endpipeline
        \\set version :next

        """)
    #expect(script.constants == ["s1_5": "\\x32", "s2_3": "{\"it's\"}"])
  }

  @Test("pgbench says how many transactions a second, and how many failed")
  func report() throws {
    let said = """
      transaction type: pgbench.sql
      number of transactions actually processed: 4711
      number of failed transactions: 3 (0.064%)
      latency average = 3.4 ms
      tps = 4713.301500 (without initial connection time)
      """
    let report = try #require(PgbenchReport(said))
    #expect(report.transactionsPerSecond == 4_713.3015)
    #expect(report.failed == 3)
    #expect(PgbenchReport("pgbench: error: client 0 aborted") == nil)
  }
}
