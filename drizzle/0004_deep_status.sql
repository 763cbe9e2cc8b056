DROP VIEW `node_status_history`;--> statement-breakpoint
CREATE VIEW `node_status_history` AS 
  SELECT node_id, run_id, timestamp,
    CASE WHEN json_valid(payload) THEN json_extract(payload, '$.old_status') END AS old_status,
    CASE WHEN json_valid(payload) THEN json_extract(payload, '$.new_status') END AS new_status
  FROM events WHERE event_type = 'node_status_changed' ORDER BY id;