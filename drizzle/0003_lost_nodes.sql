CREATE TABLE `lost_nodes` (
	`run_id` text NOT NULL,
	`node_id` text NOT NULL,
	PRIMARY KEY(`run_id`, `node_id`)
);
--> statement-breakpoint
ALTER TABLE `run_totals` DROP COLUMN `nodes_shared`;