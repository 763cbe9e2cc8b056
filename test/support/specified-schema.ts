/** The SQL of the event server specification, sections 4.1–4.4, and what existing servers keep beside it. */
export const SPECIFIED_SQL = `
CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL,
    run_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    timestamp TEXT NOT NULL,
    payload JSON NOT NULL,
    node_id TEXT,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_events_run_id ON events(run_id);
CREATE INDEX idx_events_type ON events(event_type);
CREATE INDEX idx_events_timestamp ON events(timestamp);
CREATE INDEX idx_events_node_id ON events(node_id);
CREATE TABLE runs (
    run_id TEXT PRIMARY KEY,
    start_time TEXT NOT NULL,
    end_time TEXT,
    status TEXT NOT NULL,
    total_steps INTEGER,
    total_nodes INTEGER,
    error_message TEXT,
    root_node_id TEXT,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_runs_status ON runs(status);
CREATE INDEX idx_runs_start_time ON runs(start_time);
CREATE TABLE nodes (
    node_id TEXT PRIMARY KEY,
    run_id TEXT NOT NULL,
    node_nid TEXT NOT NULL,
    node_type TEXT NOT NULL,
    task_type TEXT NOT NULL,
    task_goal TEXT NOT NULL,
    status TEXT NOT NULL,
    layer INTEGER NOT NULL,
    outer_node_id TEXT,
    root_node_id TEXT NOT NULL,
    result JSON,
    metadata JSON,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    FOREIGN KEY (run_id) REFERENCES runs(run_id),
    FOREIGN KEY (outer_node_id) REFERENCES nodes(node_id)
);
CREATE INDEX idx_nodes_run_id ON nodes(run_id);
CREATE INDEX idx_nodes_nid ON nodes(node_nid);
CREATE INDEX idx_nodes_outer ON nodes(outer_node_id);
CREATE INDEX idx_nodes_root ON nodes(root_node_id);
CREATE INDEX idx_nodes_status ON nodes(status);
CREATE TABLE edges (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id TEXT NOT NULL,
    parent_node_id TEXT NOT NULL,
    child_node_id TEXT NOT NULL,
    parent_nid TEXT NOT NULL,
    child_nid TEXT NOT NULL,
    metadata JSON,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    FOREIGN KEY (run_id) REFERENCES runs(run_id),
    FOREIGN KEY (parent_node_id) REFERENCES nodes(node_id),
    FOREIGN KEY (child_node_id) REFERENCES nodes(node_id)
);
CREATE INDEX idx_edges_run ON edges(run_id);
CREATE INDEX idx_edges_parent ON edges(parent_node_id);
CREATE INDEX idx_edges_child ON edges(child_node_id);
CREATE INDEX idx_edges_nids ON edges(parent_nid, child_nid);
`

/** What existing servers have beside the four tables. */
export const OBSERVED_SQL = `
CREATE TABLE graph_plans (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id TEXT NOT NULL,
    node_id TEXT NOT NULL,
    raw_plan JSON NOT NULL,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);
CREATE VIEW node_status_history AS
    SELECT node_id, run_id, timestamp, json_extract(payload, '$.old_status') AS old_status,
        json_extract(payload, '$.new_status') AS new_status
    FROM events WHERE event_type = 'node_status_changed' ORDER BY timestamp;
`
