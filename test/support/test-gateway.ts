/** A gateway with a store in memory, a fake model server behind it, and what a recorded program does. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LIMITS } from '../../src/app/limits.ts'
import type { Log } from '../../src/domain/log.ts'
import { createGateway, type Gateway } from '../../src/gateway/gateway.ts'
import type { OpenedSession } from '../../src/gateway/sessions.ts'
import { type FakeModelServer, startFakeModelServer } from './fake-model-server.ts'
import { createMemoryGatewayStore, type MemoryGatewayStore, type ShownNode } from './memory-gateway-store.ts'
import { temporaryFolder } from './temporary-folder.ts'

export interface TestGateway {
  gateway: Gateway
  store: MemoryGatewayStore
  fake: FakeModelServer
  url: string
  logged: string[]
  /** Opens session `s1` for a run of a program; its nodes are those of this run. */
  run(options?: { cache?: boolean; environment?: Record<string, string> }): Promise<OpenedSession>
  /** When all that was answered is shown. */
  nodes(): Promise<ShownNode[]>
  /** Writes the file of the user's own providers. */
  providers(text: string): void
}

export async function startTestGateway(test: { after(fn: () => unknown): void }): Promise<TestGateway> {
  const fake = await startFakeModelServer(test)
  const store = createMemoryGatewayStore()
  const logged: string[] = []
  const providersFile = join(temporaryFolder(test), 'providers.json')
  const limits = LIMITS.gateway
  const gateway = createGateway({
    store,
    limits,
    log: listLog(logged),
    providersFile,
    now: () => performance.now(),
  })
  const url = await gateway.start(0)
  test.after(() => gateway.stop())
  let runs = 0
  return {
    gateway,
    store,
    fake,
    url,
    logged,
    async run(options = {}) {
      const environment = { ...fakeEnvironment(fake.url), ...options.environment }
      const cache = options.cache ?? true
      const session = await gateway.open({ sessionId: 's1', environment, cache, rerun: runs++ > 0 })
      store.nodes.delete('s1')
      return session
    },
    async nodes() {
      await gateway.settled()
      return store.nodesOf('s1')
    },
    providers: (text) => writeFileSync(providersFile, text),
  }
}

/** What a program's environment holds when its providers are the fake one. */
export function fakeEnvironment(url: string): Record<string, string> {
  return {
    OPENAI_BASE_URL: `${url}/v1`,
    OPENAI_API_BASE: `${url}/v1`,
    ANTHROPIC_BASE_URL: url,
    GOOGLE_GEMINI_BASE_URL: url,
  }
}

export async function chat(session: OpenedSession, prompt: string, fields: object = {}): Promise<Response> {
  return fetch(`${session.environment.OPENAI_BASE_URL}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer sk-test-SECRET' },
    body: JSON.stringify({ model: 'fake-1', messages: [{ role: 'user', content: prompt }], ...fields }),
  })
}

/** The text of a chat completion's answer. */
export async function chatText(session: OpenedSession, prompt: string, fields: object = {}): Promise<string> {
  const answer = (await (await chat(session, prompt, fields)).json()) as {
    choices: { message: { content: string } }[]
  }
  return answer.choices[0]?.message.content ?? ''
}

/** A log whose lines can be looked at. */
export function listLog(lines: string[]): Log {
  const add = (message: string, cause?: unknown) => void lines.push(cause ? `${message}: ${cause}` : message)
  const log: Log = { debug: add, info: add, warn: add, error: add, part: () => log }
  return log
}
