ALTER TABLE `dataflow_nodes` ADD `tokens_in` integer;--> statement-breakpoint
ALTER TABLE `dataflow_nodes` ADD `tokens_out` integer;--> statement-breakpoint
CREATE INDEX `idx_dataflow_nodes_tokens` ON `dataflow_nodes` (`session_id`,`attempt`,`tokens_in`,`tokens_out`);--> statement-breakpoint
ALTER TABLE `run_totals` ADD `result` text;--> statement-breakpoint
UPDATE run_totals SET result = (
  SELECT substr(CASE WHEN json_valid(n.result) THEN json_extract(n.result, '$') END, 1, 2000)
  FROM runs r JOIN nodes n ON n.node_id = r.root_node_id AND n.run_id = r.run_id WHERE r.run_id = run_totals.run_id
);
