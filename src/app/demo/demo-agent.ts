/** The sample agent: publishes its run to a server over HTTP, event by event, in the rhythm in which it works. */
import { setTimeout as delay } from 'node:timers/promises'
import { sampleRun } from './sample-run.ts'

export interface DemoOptions {
  /** How many times faster than the agent would be; Infinity publishes without pauses. */
  speed: number
  /** Publishes one event, as JSON; rejects when it was not accepted. */
  publish(event: string): Promise<void>
  /** Called after each event that was published. */
  onPublished(step: { done: number; total: number; eventType: string }): void
  signal?: AbortSignal
  newId?: () => string
  now?: () => Date
}

/** Runs to the end of the story or until `signal` aborts, then rejects. Returns the id of the run. */
export async function runDemoAgent(options: DemoOptions): Promise<string> {
  const { newId = () => crypto.randomUUID(), now = () => new Date() } = options
  const runId = newId()
  const events = sampleRun({ newId, startedAt: now() })
  let due = performance.now()
  for (const [index, { waitMs, event_type, payload }] of events.entries()) {
    // Against a due time and not one after another: what publishing takes is not added to the pauses.
    due += waitMs / options.speed
    const rest = due - performance.now()
    if (rest > 0) await delay(rest, undefined, { signal: options.signal })
    options.signal?.throwIfAborted()
    const envelope = { event_id: newId(), timestamp: now().toISOString(), event_type, payload, run_id: runId }
    await options.publish(JSON.stringify(envelope))
    options.onPublished({ done: index + 1, total: events.length, eventType: event_type })
  }
  return runId
}
