/** Events whose text a careless program changes: what is stored, sent and exported has to be these bytes. */

/** `count` events of one run with a `run_started` first; the texts differ in spelling, not only in content. */
export function unusualEvents(runId: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    if (index === 0) return eventText(runId, 0, 'run_started', '{"config":{"n":9007199254740993}}')
    return SPELLINGS[index % SPELLINGS.length]?.(runId, index) ?? ''
  })
}

// internal

/** The n-th event comes n milliseconds after midnight. */
function eventText(runId: string, index: number, type: string, payload: string): string {
  return `{"event_id":"${runId}-${index}","timestamp":"${timeOf(index)}","event_type":"${type}","payload":${payload},"run_id":"${runId}"}`
}

function timeOf(index: number): string {
  return new Date(Date.UTC(2026, 0, 1) + index).toISOString()
}

const SPELLINGS: ((runId: string, index: number) => string)[] = [
  (run, n) => eventText(run, n, 'step_started', `{"step":${n},"cost":1.50,"big":12345678901234567890}`),
  (run, n) => eventText(run, n, 'tool_returned', '{"text":"caf\\u00e9 \\/ \\ud83d\\ude00 é 😀"}'),
  (run, n) => eventText(run, n, 'custom_type', '[1, 2.0 ,  3e2]'),
  (run, n) => eventText(run, n, 'step_finished', 'null'),
  (run, n) => eventText(run, n, 'step_finished', '0.10'),
  (run, n) =>
    `{ "run_id" : "${run}", "event_type":"llm_call_completed","extra":{"a":1},  "payload":{ "b" : "x" },"timestamp":"${timeOf(n)}","event_id":"${run}-${n}" }`,
]
