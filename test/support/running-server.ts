/** A server in the background of a temporary program, and the requests that tests make to it. */
import assert from 'node:assert/strict'
import type { TemporaryProgram } from './temporary-program.ts'

export interface RunningServer {
  pid: number
  url: string
  events_url: string
  database: string
  experiments_database: string
  runners: string | null
  log: string
  /** The answer's JSON; fails on a status that is not 2xx. */
  get<T>(path: string): Promise<T>
  /** Publishes events, given as texts, as NDJSON. */
  publish(events: string[]): Promise<{ accepted: number; duplicates: number }>
}

/** Runs `ao-server start` with these words. The program stops the server when the test ends. */
export async function startServer(
  program: TemporaryProgram,
  words: string[] = [],
  env: Record<string, string> = {},
): Promise<RunningServer> {
  const { code, stdout, stderr } = await program.run(['start', '--json', ...words], { env })
  assert.equal(code, 0, stderr)
  const facts = JSON.parse(stdout)
  const request = async <T>(path: string, init?: RequestInit): Promise<T> => {
    const response = await fetch(facts.url + path, init)
    assert.ok(response.ok, `${path}: ${response.status}`)
    return (await response.json()) as T
  }
  return {
    ...facts,
    get: (path) => request(path),
    publish: (events) =>
      request('/api/events', {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson' },
        body: events.join('\n'),
      }),
  }
}
