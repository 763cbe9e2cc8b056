/**
 * Every table of both database files. The first group is the event server specification, sections 4.1–4.4, with the
 * table and views that existing servers keep beside it; the second is what runners read and write by themselves
 * (runner protocol, "The shared database"): names, types and constraints of both are contracts. The last group is ours.
 *
 * Foreign keys are declared as the contracts write them and never enforced: facts may arrive out of order.
 */
import { sql } from 'drizzle-orm'
import {
  check,
  customType,
  foreignKey,
  index,
  integer,
  primaryKey,
  sqliteTable,
  sqliteView,
  text,
  unique,
} from 'drizzle-orm/sqlite-core'

/** JSON text. SQLite gives the type name JSON numeric affinity: only objects and arrays keep their spelling. */
const json = customType<{ data: string; driverData: string }>({ dataType: () => 'JSON' })
const timestamp = customType<{ data: string; driverData: string }>({ dataType: () => 'TIMESTAMP' })
const now = sql`CURRENT_TIMESTAMP`
const datetimeNow = sql`(datetime('now'))`

// events and what is derived from them

export const events = sqliteTable(
  'events',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    event_id: text('event_id').notNull(),
    run_id: text('run_id').notNull(),
    event_type: text('event_type').notNull(),
    timestamp: text('timestamp').notNull(),
    payload: json('payload').notNull(),
    node_id: text('node_id'),
    created_at: timestamp('created_at').default(now),
  },
  (table) => [
    index('idx_events_run_id').on(table.run_id),
    index('idx_events_type').on(table.event_type),
    index('idx_events_timestamp').on(table.timestamp),
    index('idx_events_node_id').on(table.node_id),
  ],
)

export const runs = sqliteTable(
  'runs',
  {
    run_id: text('run_id').primaryKey(),
    start_time: text('start_time').notNull(),
    end_time: text('end_time'),
    status: text('status').notNull(),
    total_steps: integer('total_steps'),
    total_nodes: integer('total_nodes'),
    error_message: text('error_message'),
    root_node_id: text('root_node_id'),
    created_at: timestamp('created_at').default(now),
    updated_at: timestamp('updated_at').default(now),
  },
  (table) => [index('idx_runs_status').on(table.status), index('idx_runs_start_time').on(table.start_time)],
)

export const nodes = sqliteTable(
  'nodes',
  {
    node_id: text('node_id').primaryKey(),
    run_id: text('run_id')
      .notNull()
      .references(() => runs.run_id),
    node_nid: text('node_nid').notNull(),
    node_type: text('node_type').notNull(),
    task_type: text('task_type').notNull(),
    task_goal: text('task_goal').notNull(),
    status: text('status').notNull(),
    layer: integer('layer').notNull(),
    outer_node_id: text('outer_node_id'),
    root_node_id: text('root_node_id').notNull(),
    result: json('result'),
    metadata: json('metadata'),
    created_at: timestamp('created_at').default(now),
    updated_at: timestamp('updated_at').default(now),
  },
  (table) => [
    foreignKey({ columns: [table.outer_node_id], foreignColumns: [table.node_id] }),
    index('idx_nodes_run_id').on(table.run_id),
    index('idx_nodes_nid').on(table.node_nid),
    index('idx_nodes_outer').on(table.outer_node_id),
    index('idx_nodes_root').on(table.root_node_id),
    index('idx_nodes_status').on(table.status),
  ],
)

export const edges = sqliteTable(
  'edges',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    run_id: text('run_id')
      .notNull()
      .references(() => runs.run_id),
    parent_node_id: text('parent_node_id')
      .notNull()
      .references(() => nodes.node_id),
    child_node_id: text('child_node_id')
      .notNull()
      .references(() => nodes.node_id),
    parent_nid: text('parent_nid').notNull(),
    child_nid: text('child_nid').notNull(),
    metadata: json('metadata'),
    created_at: timestamp('created_at').default(now),
  },
  (table) => [
    index('idx_edges_run').on(table.run_id),
    index('idx_edges_parent').on(table.parent_node_id),
    index('idx_edges_child').on(table.child_node_id),
    index('idx_edges_nids').on(table.parent_nid, table.child_nid),
  ],
)

export const graph_plans = sqliteTable(
  'graph_plans',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    run_id: text('run_id').notNull(),
    node_id: text('node_id').notNull(),
    raw_plan: json('raw_plan').notNull(),
    created_at: timestamp('created_at').default(now),
  },
  (table) => [index('idx_graph_plans_run').on(table.run_id)],
)

/** SQLite reads JSON up to a depth of 1,000 and refuses a whole query for one deeper value: such an event has no statuses here. */
export const node_status_history = sqliteView('node_status_history', {
  node_id: text('node_id'),
  run_id: text('run_id'),
  timestamp: text('timestamp'),
  old_status: text('old_status'),
  new_status: text('new_status'),
}).as(sql`
  SELECT node_id, run_id, timestamp,
    CASE WHEN json_valid(payload) THEN json_extract(payload, '$.old_status') END AS old_status,
    CASE WHEN json_valid(payload) THEN json_extract(payload, '$.new_status') END AS new_status
  FROM events WHERE event_type = 'node_status_changed' ORDER BY id`)

export const node_execution_timeline = sqliteView('node_execution_timeline', {
  node_id: text('node_id'),
  run_id: text('run_id'),
  node_nid: text('node_nid'),
  task_type: text('task_type'),
  task_goal: text('task_goal'),
  created_time: text('created_time'),
  execution_start: text('execution_start'),
  completion_time: text('completion_time'),
}).as(sql`
  SELECT n.node_id, n.run_id, n.node_nid, n.task_type, n.task_goal,
    (SELECT MIN(e.timestamp) FROM events e
      WHERE e.node_id = n.node_id AND e.run_id = n.run_id AND e.event_type = 'node_created') AS created_time,
    (SELECT MIN(e.timestamp) FROM events e
      WHERE e.node_id = n.node_id AND e.run_id = n.run_id AND e.event_type = 'step_started') AS execution_start,
    (SELECT MAX(e.timestamp) FROM events e
      WHERE e.node_id = n.node_id AND e.run_id = n.run_id AND e.event_type = 'node_result_available') AS completion_time
  FROM nodes n`)

// experiments, shared with runner processes

export const experiments = sqliteTable(
  'experiments',
  {
    session_id: text('session_id').primaryKey(),
    parent_session_id: text('parent_session_id'),
    graph_topology: text('graph_topology'),
    color_preview: text('color_preview'),
    timestamp: timestamp('timestamp').default(datetimeNow),
    cwd: text('cwd'),
    command: text('command'),
    environment: text('environment'),
    code_hash: text('code_hash'),
    name: text('name'),
    success: text('success'),
    notes: text('notes'),
    log: text('log'),
    version_date: text('version_date'),
  },
  (table) => [
    check('experiments_success', sql`${table.success} IN ('', 'Satisfactory', 'Failed')`),
    foreignKey({ columns: [table.parent_session_id], foreignColumns: [table.session_id] }),
    unique('experiments_parent_name').on(table.parent_session_id, table.name),
    index('experiments_timestamp_idx').on(sql`${table.timestamp} DESC`),
  ],
)

export const llm_calls = sqliteTable(
  'llm_calls',
  {
    session_id: text('session_id').references(() => experiments.session_id),
    node_id: text('node_id'),
    input: text('input'),
    input_hash: text('input_hash'),
    input_overwrite: text('input_overwrite'),
    output: text('output'),
    color: text('color'),
    label: text('label'),
    api_type: text('api_type'),
    timestamp: timestamp('timestamp').default(datetimeNow),
    stack_trace: text('stack_trace'),
  },
  (table) => [
    primaryKey({ columns: [table.session_id, table.node_id] }),
    index('original_input_lookup').on(table.session_id, table.input_hash),
  ],
)

export const attachments = sqliteTable(
  'attachments',
  {
    file_id: text('file_id').primaryKey(),
    session_id: text('session_id').references(() => experiments.session_id),
    line_no: integer('line_no'),
    content_hash: text('content_hash'),
    file_path: text('file_path'),
    taint: text('taint'),
  },
  (table) => [index('attachments_content_hash_idx').on(table.content_hash)],
)

// ours: the recorder's own records

/** The published text of the few events whose text the columns of `events` do not give back to the letter. */
export const event_texts = sqliteTable('event_texts', {
  event_row: integer('event_row').primaryKey(),
  text: text('text').notNull(),
})

/** What a list of runs shows beyond the columns of `runs`, kept up to date in the transaction of each batch. */
export const run_totals = sqliteTable(
  'run_totals',
  {
    /** Order of first appearance, the order of every list of runs. */
    run_no: integer('run_no').primaryKey({ autoIncrement: true }),
    run_id: text('run_id').notNull(),
    /** `events.id` of the latest `run_started`; null before there was one. */
    started_row: integer('started_row'),
    goal: text('goal'),
    /** What the root node came to, cut. */
    result: text('result'),
    events: integer('events').notNull().default(0),
    steps: integer('steps').notNull().default(0),
    nodes: integer('nodes').notNull().default(0),
    llm_calls: integer('llm_calls').notNull().default(0),
    tool_calls: integer('tool_calls').notNull().default(0),
    tokens_in: integer('tokens_in').notNull().default(0),
    tokens_out: integer('tokens_out').notNull().default(0),
    errors: integer('errors').notNull().default(0),
    last_event_row: integer('last_event_row'),
    last_event_time: text('last_event_time'),
  },
  (table) => [
    unique('run_totals_run_id').on(table.run_id),
    index('run_totals_started_row').on(table.started_row),
    index('run_totals_last_event_row').on(table.last_event_row),
  ],
)

/** The ids of a run's edges: `edges` has no key of its own that would recognise a second `edge_added`. */
export const edge_ids = sqliteTable(
  'edge_ids',
  { run_id: text('run_id').notNull(), edge_id: text('edge_id').notNull() },
  (table) => [primaryKey({ columns: [table.run_id, table.edge_id] })],
)

/** Nodes whose row a later run has taken, because it has a node of the same id: the graph of the earlier run is then folded. */
export const lost_nodes = sqliteTable(
  'lost_nodes',
  { run_id: text('run_id').notNull(), node_id: text('node_id').notNull() },
  (table) => [primaryKey({ columns: [table.run_id, table.node_id] })],
)

/**
 * Runs whose deletion has begun: they are in no list any more, and their rows go in steps, also after a restart. The cuts say
 * which rows were the run's at that moment, so that what is published for it afterwards stays.
 */
export const run_deletions = sqliteTable('run_deletions', {
  run_id: text('run_id').primaryKey(),
  events_cut: integer('events_cut').notNull(),
  nodes_cut: integer('nodes_cut').notNull(),
  edges_cut: integer('edges_cut').notNull(),
  edge_ids_cut: integer('edge_ids_cut').notNull(),
  plans_cut: integer('plans_cut').notNull(),
})

/** How far each Redis stream has been recorded, written in the transaction of the rows it covers (rule I2). */
export const stream_positions = sqliteTable('stream_positions', {
  stream: text('stream').primaryKey(),
  entry_id: text('entry_id').notNull(),
  /** How many entries were ever added up to this one, as Redis counts them; null when it does not say. */
  entries_read: integer('entries_read'),
  /** 1 while the stream is read from its beginning and compared with what is stored. */
  comparing: integer('comparing').notNull().default(0),
  updated_at: timestamp('updated_at').notNull().default(now),
})

/** Input that was refused, newest last; bounded by the writer (rule I8). */
export const rejected_input = sqliteTable('rejected_input', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  source: text('source').notNull(),
  reason: text('reason').notNull(),
  /** The refused text, cut to a limit; invalid UTF-8 shows as replacement characters. */
  text: text('text').notNull(),
  bytes: integer('bytes').notNull(),
  received_at: timestamp('received_at').notNull().default(now),
})

/** Single values that must survive a restart, for example the id of the open run without an id. */
export const recorder_state = sqliteTable('recorder_state', {
  key: text('key').primaryKey(),
  value: text('value'),
})

// ours: dataflow graphs and edits of experiments; `experiments.graph_topology` is written behind from these

/** One execution of an experiment's program. The highest attempt of a session is the one that is shown. */
export const dataflow_attempts = sqliteTable(
  'dataflow_attempts',
  {
    session_id: text('session_id').notNull(),
    attempt: integer('attempt').notNull(),
    /** `first`, `rerun` or `erase`. */
    reason: text('reason').notNull(),
    started_at: text('started_at').notNull(),
    ended_at: text('ended_at'),
    /** SHA-256 of the graph that we last saw in `experiments.graph_topology`; another one there is not ours. */
    topology_hash: text('topology_hash'),
    /** 1 while `experiments.graph_topology` lacks something that the rows have. */
    topology_behind: integer('topology_behind').notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.session_id, table.attempt] }),
    index('idx_dataflow_attempts_behind').on(table.session_id).where(sql`${table.topology_behind} = 1`),
  ],
)

export const dataflow_nodes = sqliteTable(
  'dataflow_nodes',
  {
    session_id: text('session_id').notNull(),
    attempt: integer('attempt').notNull(),
    node_id: text('node_id').notNull(),
    /** The node as its runner sent it, with fields that were set later. */
    node: text('node').notNull(),
    /** The colour that a result gave it; null shows the node's own. */
    border_color: text('border_color'),
    /** What a person's edit shows in place of the recorded text. */
    input_edit: text('input_edit'),
    output_edit: text('output_edit'),
    /** What the call took; null where its runner did not say. */
    tokens_in: integer('tokens_in'),
    tokens_out: integer('tokens_out'),
  },
  (table) => [
    primaryKey({ columns: [table.session_id, table.attempt, table.node_id] }),
    index('idx_dataflow_nodes_node').on(table.node_id),
    // Lists of experiments add tokens up without reading nodes.
    index('idx_dataflow_nodes_tokens').on(table.session_id, table.attempt, table.tokens_in, table.tokens_out),
  ],
)

export const dataflow_edges = sqliteTable(
  'dataflow_edges',
  {
    session_id: text('session_id').notNull(),
    attempt: integer('attempt').notNull(),
    source: text('source').notNull(),
    target: text('target').notNull(),
  },
  (table) => [primaryKey({ columns: [table.session_id, table.attempt, table.source, table.target] })],
)

/** What the edits of a cached call replaced, so that each can be taken back. */
export const llm_call_edits = sqliteTable(
  'llm_call_edits',
  {
    session_id: text('session_id').notNull(),
    node_id: text('node_id').notNull(),
    input_edited: integer('input_edited').notNull(),
    output_edited: integer('output_edited').notNull(),
    original_output: text('original_output'),
    output_before_edit: text('output_before_edit'),
  },
  (table) => [primaryKey({ columns: [table.session_id, table.node_id] })],
)

/** Every edit that changed something, in order. A null value took the edit back. */
export const edit_history = sqliteTable(
  'edit_history',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    session_id: text('session_id').notNull(),
    node_id: text('node_id').notNull(),
    field: text('field').notNull(),
    value: text('value'),
    /** The attempt that was shown when the edit was made. */
    attempt: integer('attempt').notNull(),
    timestamp: text('timestamp').notNull(),
  },
  (table) => [index('idx_edit_history_session').on(table.session_id)],
)
