/** The recorded conversation of a real runner and real UIs with an existing server, read from its fixture. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const FILE = join(import.meta.dirname, '..', 'fixtures', 'runner-conversation.jsonl')

/** One thing that happened, in the order in which it did. */
export interface ConversationStep {
  connection: number
  event?: 'open' | 'close' | 'error'
  by?: 'client' | 'server'
  from?: 'client' | 'server'
  message?: unknown
}

export interface RecordedConnection {
  connection: number
  /** The lines that the client sent, as text. */
  sent: string[]
}

export function conversation(): { steps: ConversationStep[]; connections: RecordedConnection[] } {
  const steps = readFileSync(FILE, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as ConversationStep)
  const connections = new Map<number, RecordedConnection>()
  for (const step of steps) {
    const connection = connections.get(step.connection) ?? { connection: step.connection, sent: [] }
    connections.set(step.connection, connection)
    if (step.from === 'client') connection.sent.push(lineOf(step.message))
  }
  return { steps, connections: [...connections.values()] }
}

/** What was no JSON stands in the recording as `{"not_json": "<the line>"}`. */
export function lineOf(message: unknown): string {
  if (typeof message === 'object' && message !== null && 'not_json' in message)
    return String(message.not_json)
  return JSON.stringify(message)
}
