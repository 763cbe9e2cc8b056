-- Completes a file that another event server made; on a new file every statement finds nothing to do.
INSERT OR IGNORE INTO runs (run_id, start_time, status)
  SELECT run_id, MIN(timestamp), 'running' FROM events GROUP BY run_id ORDER BY MIN(id);
--> statement-breakpoint
INSERT OR IGNORE INTO event_texts (event_row, text)
  SELECT id, json_object('event_id', event_id, 'timestamp', timestamp, 'event_type', event_type,
    'payload', CAST(payload AS TEXT), 'run_id', run_id)
  FROM events WHERE NOT json_valid(payload);
--> statement-breakpoint
INSERT OR IGNORE INTO edge_ids (run_id, edge_id)
  SELECT run_id, parent_node_id || '-' || child_node_id FROM edges;
--> statement-breakpoint
INSERT OR IGNORE INTO run_totals (run_id, started_row, goal, events, steps, nodes, llm_calls, tool_calls,
    tokens_in, tokens_out, errors, last_event_row)
  SELECT r.run_id,
    MAX(CASE WHEN e.event_type = 'run_started' THEN e.id END),
    (SELECT task_goal FROM nodes WHERE node_id = r.root_node_id),
    COUNT(e.id),
    COUNT(CASE WHEN e.event_type = 'step_started' THEN 1 END),
    (SELECT COUNT(*) FROM nodes n WHERE n.run_id = r.run_id),
    COUNT(CASE WHEN e.event_type = 'llm_call_started' THEN 1 END),
    COUNT(CASE WHEN e.event_type = 'tool_invoked' THEN 1 END),
    COALESCE(SUM(CASE WHEN e.event_type = 'llm_call_completed' AND json_valid(e.payload)
      THEN CAST(json_extract(e.payload, '$.token_usage.prompt_tokens') AS INTEGER) END), 0),
    COALESCE(SUM(CASE WHEN e.event_type = 'llm_call_completed' AND json_valid(e.payload)
      THEN CAST(json_extract(e.payload, '$.token_usage.completion_tokens') AS INTEGER) END), 0),
    COUNT(CASE WHEN e.event_type = 'run_error' OR e.event_type IN ('llm_call_completed', 'tool_returned')
      AND json_valid(e.payload) AND COALESCE(json_extract(e.payload, '$.error'), '') NOT IN ('', 0) THEN 1 END),
    MAX(e.id)
  FROM runs r LEFT JOIN events e ON e.run_id = r.run_id
  GROUP BY r.run_id
  ORDER BY MIN(r.created_at), MIN(e.id);
--> statement-breakpoint
UPDATE run_totals SET last_event_time = (SELECT timestamp FROM events WHERE id = last_event_row)
  WHERE last_event_time IS NULL;
