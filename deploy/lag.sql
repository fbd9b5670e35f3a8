-- How many positions each context is behind what others have published: one row for each context, `premia_lag` to the
-- autoscalers of kubernetes/. It is what EventLog.GetLag answers as `behind`, summed, for all contexts at once. For any
-- exporter of SQL to Prometheus; its role needs USAGE of the schemas and SELECT on `outbox` and `cursors` of each.
WITH
  published (source, last) AS (
    SELECT 'party', max(position) FROM party.outbox
    UNION ALL SELECT 'products', max(position) FROM products.outbox
    UNION ALL SELECT 'policy', max(position) FROM policy.outbox
    UNION ALL SELECT 'billing', max(position) FROM billing.outbox
    UNION ALL SELECT 'payments', max(position) FROM payments.outbox
    UNION ALL SELECT 'claims', max(position) FROM claims.outbox
    UNION ALL SELECT 'ledger', max(position) FROM ledger.outbox
    UNION ALL SELECT 'notices', max(position) FROM notices.outbox
    UNION ALL SELECT 'commissions', max(position) FROM commissions.outbox
    UNION ALL SELECT 'exchange', max(position) FROM exchange.outbox
  ),
  cursors (context, name, place) AS (
    SELECT 'party', name, place FROM party.cursors
    UNION ALL SELECT 'products', name, place FROM products.cursors
    UNION ALL SELECT 'policy', name, place FROM policy.cursors
    UNION ALL SELECT 'billing', name, place FROM billing.cursors
    UNION ALL SELECT 'payments', name, place FROM payments.cursors
    UNION ALL SELECT 'claims', name, place FROM claims.cursors
    UNION ALL SELECT 'ledger', name, place FROM ledger.cursors
    UNION ALL SELECT 'notices', name, place FROM notices.cursors
    UNION ALL SELECT 'commissions', name, place FROM commissions.cursors
    UNION ALL SELECT 'exchange', name, place FROM exchange.cursors
  ),
  -- A context reads a whole log (feed/policy), or with a broker by partitions (feed/policy/3of16), the slowest of which
  -- counts; one that has no row yet is at the beginning.
  feeds AS (
    SELECT
      context, split_part(name, '/', 2) AS source, place,
      nullif(split_part(split_part(name, '/', 3), 'of', 2), '')::int AS partitions
    FROM cursors
    WHERE name LIKE 'feed/%'
  ),
  places AS (
    SELECT
      context, source,
      greatest(
        max(place) FILTER (WHERE partitions IS NULL),
        CASE WHEN count(partitions) = max(partitions) THEN min(place) FILTER (WHERE partitions IS NOT NULL) END,
        0
      ) AS place
    FROM feeds
    GROUP BY context, source
  )
SELECT context, sum(greatest(coalesce(last, 0) - place, 0))::bigint AS premia_lag
FROM places JOIN published USING (source)
GROUP BY context
ORDER BY context;
