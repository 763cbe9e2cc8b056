/** The real server with its page in this process, for one test. */
import assert from 'node:assert/strict'
import type { Limits } from '../../../src/app/limits.ts'
import { type InventRunOptions, inventRun } from '../../support/invented-run.ts'
import { testServer } from '../../support/test-server.ts'

export interface PageServer {
  url: string
  /** Where runners connect. */
  runnerPort: number
  /** The answer's JSON; fails on a status that is not 2xx. */
  get<T>(path: string): Promise<T>
  /** Publishes events, given as texts. */
  publish(events: readonly string[]): Promise<void>
  /** Publishes an invented run. */
  addRun(options?: InventRunOptions): Promise<void>
}

export async function pageServer(
  test: { after(fn: () => void | Promise<void>): void },
  env: Record<string, string> = {},
  limits: Partial<Limits> = {},
): Promise<PageServer> {
  const { url, tcpPort } = await testServer(test, { env, limits })
  const server: PageServer = {
    url,
    runnerPort: tcpPort,
    async get<T>(path: string): Promise<T> {
      const response = await fetch(url + path)
      assert.ok(response.ok, `${path}: ${response.status}`)
      return (await response.json()) as T
    },
    async publish(events) {
      const headers = { 'content-type': 'application/x-ndjson' }
      const response = await fetch(`${url}/api/events`, { method: 'POST', headers, body: events.join('\n') })
      assert.ok(response.ok, String(response.status))
    },
    async addRun(options) {
      const texts = inventRun(options).map((event) => JSON.stringify(event))
      for (let at = 0; at < texts.length; at += 5_000) await server.publish(texts.slice(at, at + 5_000))
    },
  }
  return server
}
