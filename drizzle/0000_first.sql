CREATE TABLE IF NOT EXISTS `attachments` (
	`file_id` text PRIMARY KEY NOT NULL,
	`session_id` text,
	`line_no` integer,
	`content_hash` text,
	`file_path` text,
	`taint` text,
	FOREIGN KEY (`session_id`) REFERENCES `experiments`(`session_id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS `attachments_content_hash_idx` ON `attachments` (`content_hash`);--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `edge_ids` (
	`run_id` text NOT NULL,
	`edge_id` text NOT NULL,
	PRIMARY KEY(`run_id`, `edge_id`)
);
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `edges` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`run_id` text NOT NULL,
	`parent_node_id` text NOT NULL,
	`child_node_id` text NOT NULL,
	`parent_nid` text NOT NULL,
	`child_nid` text NOT NULL,
	`metadata` JSON,
	`created_at` TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
	FOREIGN KEY (`run_id`) REFERENCES `runs`(`run_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`parent_node_id`) REFERENCES `nodes`(`node_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`child_node_id`) REFERENCES `nodes`(`node_id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS `idx_edges_run` ON `edges` (`run_id`);--> statement-breakpoint
CREATE INDEX IF NOT EXISTS `idx_edges_parent` ON `edges` (`parent_node_id`);--> statement-breakpoint
CREATE INDEX IF NOT EXISTS `idx_edges_child` ON `edges` (`child_node_id`);--> statement-breakpoint
CREATE INDEX IF NOT EXISTS `idx_edges_nids` ON `edges` (`parent_nid`,`child_nid`);--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `event_texts` (
	`event_row` integer PRIMARY KEY NOT NULL,
	`text` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `events` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`event_id` text NOT NULL,
	`run_id` text NOT NULL,
	`event_type` text NOT NULL,
	`timestamp` text NOT NULL,
	`payload` JSON NOT NULL,
	`node_id` text,
	`created_at` TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS `idx_events_run_id` ON `events` (`run_id`);--> statement-breakpoint
CREATE INDEX IF NOT EXISTS `idx_events_type` ON `events` (`event_type`);--> statement-breakpoint
CREATE INDEX IF NOT EXISTS `idx_events_timestamp` ON `events` (`timestamp`);--> statement-breakpoint
CREATE INDEX IF NOT EXISTS `idx_events_node_id` ON `events` (`node_id`);--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `experiments` (
	`session_id` text PRIMARY KEY NOT NULL,
	`parent_session_id` text,
	`graph_topology` text,
	`color_preview` text,
	`timestamp` TIMESTAMP DEFAULT (datetime('now')),
	`cwd` text,
	`command` text,
	`environment` text,
	`code_hash` text,
	`name` text,
	`success` text,
	`notes` text,
	`log` text,
	`version_date` text,
	FOREIGN KEY (`parent_session_id`) REFERENCES `experiments`(`session_id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "experiments_success" CHECK("experiments"."success" IN ('', 'Satisfactory', 'Failed'))
);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS `experiments_timestamp_idx` ON `experiments` ("timestamp" DESC);--> statement-breakpoint
CREATE UNIQUE INDEX IF NOT EXISTS `experiments_parent_name` ON `experiments` (`parent_session_id`,`name`);--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `graph_plans` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`run_id` text NOT NULL,
	`node_id` text NOT NULL,
	`raw_plan` JSON NOT NULL,
	`created_at` TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS `idx_graph_plans_run` ON `graph_plans` (`run_id`);--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `llm_calls` (
	`session_id` text,
	`node_id` text,
	`input` text,
	`input_hash` text,
	`input_overwrite` text,
	`output` text,
	`color` text,
	`label` text,
	`api_type` text,
	`timestamp` TIMESTAMP DEFAULT (datetime('now')),
	`stack_trace` text,
	PRIMARY KEY(`session_id`, `node_id`),
	FOREIGN KEY (`session_id`) REFERENCES `experiments`(`session_id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS `original_input_lookup` ON `llm_calls` (`session_id`,`input_hash`);--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `nodes` (
	`node_id` text PRIMARY KEY NOT NULL,
	`run_id` text NOT NULL,
	`node_nid` text NOT NULL,
	`node_type` text NOT NULL,
	`task_type` text NOT NULL,
	`task_goal` text NOT NULL,
	`status` text NOT NULL,
	`layer` integer NOT NULL,
	`outer_node_id` text,
	`root_node_id` text NOT NULL,
	`result` JSON,
	`metadata` JSON,
	`created_at` TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
	`updated_at` TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
	FOREIGN KEY (`run_id`) REFERENCES `runs`(`run_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`outer_node_id`) REFERENCES `nodes`(`node_id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS `idx_nodes_run_id` ON `nodes` (`run_id`);--> statement-breakpoint
CREATE INDEX IF NOT EXISTS `idx_nodes_nid` ON `nodes` (`node_nid`);--> statement-breakpoint
CREATE INDEX IF NOT EXISTS `idx_nodes_outer` ON `nodes` (`outer_node_id`);--> statement-breakpoint
CREATE INDEX IF NOT EXISTS `idx_nodes_root` ON `nodes` (`root_node_id`);--> statement-breakpoint
CREATE INDEX IF NOT EXISTS `idx_nodes_status` ON `nodes` (`status`);--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `recorder_state` (
	`key` text PRIMARY KEY NOT NULL,
	`value` text
);
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `rejected_input` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`source` text NOT NULL,
	`reason` text NOT NULL,
	`text` text NOT NULL,
	`bytes` integer NOT NULL,
	`received_at` TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
);
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `run_deletions` (
	`run_id` text PRIMARY KEY NOT NULL,
	`events_cut` integer NOT NULL,
	`nodes_cut` integer NOT NULL,
	`edges_cut` integer NOT NULL,
	`edge_ids_cut` integer NOT NULL,
	`plans_cut` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `run_totals` (
	`run_no` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`run_id` text NOT NULL,
	`started_row` integer,
	`goal` text,
	`events` integer DEFAULT 0 NOT NULL,
	`steps` integer DEFAULT 0 NOT NULL,
	`nodes` integer DEFAULT 0 NOT NULL,
	`llm_calls` integer DEFAULT 0 NOT NULL,
	`tool_calls` integer DEFAULT 0 NOT NULL,
	`tokens_in` integer DEFAULT 0 NOT NULL,
	`tokens_out` integer DEFAULT 0 NOT NULL,
	`errors` integer DEFAULT 0 NOT NULL,
	`last_event_row` integer,
	`last_event_time` text,
	`nodes_shared` integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS `run_totals_started_row` ON `run_totals` (`started_row`);--> statement-breakpoint
CREATE INDEX IF NOT EXISTS `run_totals_last_event_row` ON `run_totals` (`last_event_row`);--> statement-breakpoint
CREATE UNIQUE INDEX IF NOT EXISTS `run_totals_run_id` ON `run_totals` (`run_id`);--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `runs` (
	`run_id` text PRIMARY KEY NOT NULL,
	`start_time` text NOT NULL,
	`end_time` text,
	`status` text NOT NULL,
	`total_steps` integer,
	`total_nodes` integer,
	`error_message` text,
	`root_node_id` text,
	`created_at` TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
	`updated_at` TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS `idx_runs_status` ON `runs` (`status`);--> statement-breakpoint
CREATE INDEX IF NOT EXISTS `idx_runs_start_time` ON `runs` (`start_time`);--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `stream_positions` (
	`stream` text PRIMARY KEY NOT NULL,
	`entry_id` text NOT NULL,
	`entries_read` integer,
	`comparing` integer DEFAULT 0 NOT NULL,
	`updated_at` TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
);
--> statement-breakpoint
CREATE VIEW IF NOT EXISTS `node_execution_timeline` AS 
  SELECT n.node_id, n.run_id, n.node_nid, n.task_type, n.task_goal,
    (SELECT MIN(e.timestamp) FROM events e
      WHERE e.node_id = n.node_id AND e.run_id = n.run_id AND e.event_type = 'node_created') AS created_time,
    (SELECT MIN(e.timestamp) FROM events e
      WHERE e.node_id = n.node_id AND e.run_id = n.run_id AND e.event_type = 'step_started') AS execution_start,
    (SELECT MAX(e.timestamp) FROM events e
      WHERE e.node_id = n.node_id AND e.run_id = n.run_id AND e.event_type = 'node_result_available') AS completion_time
  FROM nodes n;--> statement-breakpoint
CREATE VIEW IF NOT EXISTS `node_status_history` AS 
  SELECT node_id, run_id, timestamp,
    json_extract(payload, '$.old_status') AS old_status,
    json_extract(payload, '$.new_status') AS new_status
  FROM events WHERE event_type = 'node_status_changed' ORDER BY id;