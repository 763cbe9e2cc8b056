/**
 * A recorded conversation of a real runner and real UIs with an existing server, held with ours: every message of the clients is
 * sent again in its order, and what each client gets must be what it got then.
 *
 * Left out is what the protocol decides differently: the old server closed a UI after a message that was no object, let in first
 * lines without a known role, and showed the nodes of a session that went on after its result in their first colours again.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import Database from 'better-sqlite3'
import { jsonValueOf } from '../../src/domain/canonical-json.ts'
import { callInput } from '../../src/domain/llm-call.ts'
import { conversation, lineOf } from '../support/conversation.ts'
import { type LineClient, lineClient, type Message } from '../support/line-client.ts'
import { testServer } from '../support/test-server.ts'
import { waitFor } from '../support/wait-for.ts'

/** Connections whose first line has no known role, or that the old server closed for a message that was no object. */
const DIFFERENT = new Set([17, 20, 21, 23, 24])
/** The subrun that had a result and then got the same nodes again, without having been emptied. */
const RESUMED_SESSION = '931f8dc0-af3e-4cc8-b3a9-23d2b58e6fba'
const FIRST_SESSION = '17488cca-a242-441b-b3df-c1620962a461'

test('a recorded conversation comes out the same', { timeout: 60_000 }, async (t) => {
  const server = await testServer(t)
  // Programs that a rerun starts have nothing to do here: the recorded runners play their part.
  writeFileSync(join(server.folder, 'idle.sh'), 'while [ -e idle.sh ]; do sleep 0.05; done\n')
  const runner = cachingRunner(t, server.database)
  const clients = new Map<number, LineClient>()
  /** Recorded session → ours. */
  const sessions = new Map<string, string>()
  const expected = new Map<number, Message[]>()
  const ours = (text: string) => {
    const known = [...sessions].reduce((line, [theirs, own]) => line.replaceAll(theirs, own), text)
    return known
      .replaceAll('"/home/me/agent"', JSON.stringify(server.folder))
      .replace(/("command":)"[^"]*"/, '$1"sh idle.sh"')
  }

  async function receive(connection: number, message: Message): Promise<void> {
    const list = expected.get(connection) ?? []
    expected.set(connection, [...list, message])
    const client = clients.get(connection)
    assert.ok(client)
    if (message.type === 'session_id' && typeof message.session_id === 'string') {
      const answer = await client.next('session_id')
      sessions.set(message.session_id, String(answer.session_id))
    }
    if (message.type === 'experiment_list')
      await count(client, expected.get(connection) ?? [], 'experiment_list')
  }

  async function send(connection: number, message: Message): Promise<void> {
    const client = clients.get(connection)
    assert.ok(client)
    const sent = ours(lineOf(message))
    if (message?.type === 'add_node') runner.store(JSON.parse(sent))
    const before = client.messages.length
    client.sendText(sent)
    if (!/^(edit_|update_node)/.test(message?.type ?? '')) return
    const field =
      message.type === 'edit_input' ? 'input' : message.type === 'edit_output' ? 'output' : 'label'
    await client.wait('the edited graph', (one) => shows(one, message, field), before)
  }

  for (const { connection, event, by, from, message } of conversation().steps) {
    if (DIFFERENT.has(connection)) continue
    if (event === 'open') clients.set(connection, await lineClient(t, server.tcpPort))
    else if (event === 'close' && by === 'client') clients.get(connection)?.socket.end()
    else if (from === 'server') await receive(connection, message as Message)
    else if (from === 'client') await send(connection, message as Message)
  }
  // The old server's thread for this UI died of a result outside the list; ours skips the message and answers the next.
  expected.get(2)?.push(...(expected.get(5) ?? []).slice(0, 1), lastListOf(expected.get(2)))

  for (const [connection, messages] of expected) {
    const resumed = sessions.get(RESUMED_SESSION) ?? ''
    const theirs = collapse(
      messages.map((message) => JSON.parse(ours(JSON.stringify(message)))),
      resumed,
    )
    const got = () => collapse(clients.get(connection)?.messages ?? [], resumed)
    await waitFor('the last message', () => got().length >= theirs.length).catch(() => undefined)
    assert.deepEqual(got(), theirs, `connection ${connection}`)
  }
  assert.ok(sessions.has(FIRST_SESSION) && sessions.size === 4)
})

/** Writes calls into the shared file as a Python runner does before it sends their nodes. */
function cachingRunner(t: TestContext, file: string) {
  const db = new Database(file)
  t.after(() => db.close())
  const insert = db.prepare(
    'INSERT OR IGNORE INTO llm_calls (session_id, node_id, input, input_hash, output) VALUES (?, ?, ?, ?, ?)',
  )
  return {
    store({ session_id, node }: { session_id: string; node: Record<string, string> }): void {
      const value = jsonValueOf(node.input)
      const input = callInput({ input: value, attachments: [], model: jsonValueOf(node.model) })
      insert.run(session_id, node.id, input, createHash('sha256').update(input).digest('hex'), node.output)
    },
  }
}

function shows(update: Message, edit: Message, field: string): boolean {
  const payload = update.payload as { nodes: Record<string, unknown>[] } | undefined
  return payload?.nodes.some((node) => node.id === edit.node_id && node[field] === edit.value) ?? false
}

function lastListOf(messages: Message[] = []): Message {
  const last = messages.findLast((message) => message.type === 'experiment_list')
  assert.ok(last)
  return last
}

async function count(client: LineClient, expected: Message[], type: string): Promise<void> {
  const of = (messages: Message[]) => messages.filter((message) => message.type === type).length
  await waitFor(`${of(expected)} × ${type}`, () => of(client.messages) >= of(expected))
}

/** Of updates of one graph that follow each other the last, and nothing that differs from run to run. */
function collapse(messages: Message[], resumed: string): unknown[] {
  const kept: Message[] = []
  for (const message of messages) {
    const same = (one: Message | undefined) =>
      one?.type === message.type && one.session_id === message.session_id
    if (message.type.endsWith('_update')) {
      for (const at of [kept.length - 2, kept.length - 1]) {
        if (same(kept[at]) && isUpdateTail(kept, at)) kept.splice(at, 1)
      }
    }
    kept.push(message)
  }
  return kept.map((message) => (message.session_id === resumed ? withoutColors(message) : plain(message)))
}

function withoutColors(message: Message): unknown {
  return JSON.parse(JSON.stringify(message).replace(/#[0-9a-f]{6}/g, '#'))
}

function isUpdateTail(kept: Message[], at: number): boolean {
  return kept.slice(at).every((message) => message.type.endsWith('_update'))
}

function plain(message: Message): unknown {
  const experiments = message.experiments as Record<string, unknown>[] | undefined
  if (experiments === undefined) return 'config_path' in message ? { ...message, config_path: '' } : message
  return {
    ...message,
    experiments: experiments.map((one) => {
      assert.match(String(one.timestamp), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/)
      return { ...one, timestamp: '', code_hash: '' }
    }),
  }
}
