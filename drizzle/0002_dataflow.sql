CREATE TABLE `dataflow_attempts` (
	`session_id` text NOT NULL,
	`attempt` integer NOT NULL,
	`reason` text NOT NULL,
	`started_at` text NOT NULL,
	`ended_at` text,
	`topology_hash` text,
	PRIMARY KEY(`session_id`, `attempt`)
);
--> statement-breakpoint
CREATE TABLE `dataflow_edges` (
	`session_id` text NOT NULL,
	`attempt` integer NOT NULL,
	`source` text NOT NULL,
	`target` text NOT NULL,
	PRIMARY KEY(`session_id`, `attempt`, `source`, `target`)
);
--> statement-breakpoint
CREATE TABLE `dataflow_nodes` (
	`session_id` text NOT NULL,
	`attempt` integer NOT NULL,
	`node_id` text NOT NULL,
	`node` text NOT NULL,
	`border_color` text,
	`input_edit` text,
	`output_edit` text,
	PRIMARY KEY(`session_id`, `attempt`, `node_id`)
);
--> statement-breakpoint
CREATE INDEX `idx_dataflow_nodes_node` ON `dataflow_nodes` (`node_id`);--> statement-breakpoint
CREATE TABLE `edit_history` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`session_id` text NOT NULL,
	`node_id` text NOT NULL,
	`field` text NOT NULL,
	`value` text,
	`attempt` integer NOT NULL,
	`timestamp` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `idx_edit_history_session` ON `edit_history` (`session_id`);--> statement-breakpoint
CREATE TABLE `llm_call_edits` (
	`session_id` text NOT NULL,
	`node_id` text NOT NULL,
	`input_edited` integer NOT NULL,
	`output_edited` integer NOT NULL,
	`original_output` text,
	`output_before_edit` text,
	PRIMARY KEY(`session_id`, `node_id`)
);
