import styles from './event-type.module.css'
import type { Tone } from './tone.ts'

const TONES: Record<string, Tone | undefined> = {
  run_error: 'fail',
  llm_call_started: 'plan',
  llm_call_completed: 'plan',
  tool_invoked: 'tool',
  tool_returned: 'tool',
  node_created: 'run',
  node_added: 'run',
  edge_added: 'run',
  inner_graph_built: 'run',
  node_status_changed: 'run',
  plan_received: 'need',
  node_result_available: 'done',
  run_finished: 'done',
}

export function typeTone(type: string): Tone {
  return TONES[type] ?? 'wait'
}

export function EventType({ type }: { type: string }) {
  return (
    <span className={styles.type} title={type}>
      <i style={{ background: `var(--ao-${typeTone(type)})` }} />
      <span className="cut">{type}</span>
    </span>
  )
}
