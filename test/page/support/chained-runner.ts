/**
 * A small recorded program: three calls of a pretend model, each of which is asked about the answer before. It is a real
 * process that speaks the runner protocol, so that the page's rerun starts it again: `node chained-runner.ts <port>`.
 * With `tells` behind the port its nodes say whether they came from the cache, and their tokens. For pictures, SHOWN_FOLDER and SHOWN_COMMAND are recorded in place of its own.
 */
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { callInput, inputHash } from '../../../src/domain/llm-call.ts'

const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const TASKS = ['Name a number below ten', 'Double the number of', 'Write a line about'] as const
const COLORS = ['#d4a825', '#5aa6ff', '#4cc38a'] as const

type Message = Record<string, unknown>

const port = Number(process.argv[2])
const tells = process.argv[3] === 'tells'
const socket = connect({ port, host: '127.0.0.1' })
const lines = createInterface({ input: socket })[Symbol.asyncIterator]()

await main()

async function main(): Promise<void> {
  const previous = process.env.AO_SESSION_ID
  send({
    type: 'hello',
    role: 'agent-runner',
    name: 'Chain of three calls',
    cwd: process.env.SHOWN_FOLDER ?? process.cwd(),
    command:
      process.env.SHOWN_COMMAND ??
      `${process.execPath} ${import.meta.filename} ${process.argv.slice(2).join(' ')}`,
    environment: { PATH: process.env.PATH ?? '' },
    process_id: process.pid,
    prev_session_id: previous ?? null,
    module_to_file: {},
  })
  const { session_id } = await next()
  let before: { id: string; answer: string } | undefined
  for (const [index, task] of TASKS.entries()) before = await call(String(session_id), index, task, before)
  send({ type: 'deregister', session_id })
  socket.end()
}

async function call(
  session_id: string,
  index: number,
  task: string,
  before: { id: string; answer: string } | undefined,
): Promise<{ id: string; answer: string }> {
  const messages = [{ role: 'user', content: before === undefined ? task : `${task}: ${before.answer}` }]
  const asked = JSON.stringify({
    raw: { messages, model: 'pretend-1', temperature: 0 },
    to_show: { messages, model: 'pretend-1' },
  })
  const input = callInput({ input: asked, attachments: [], model: 'pretend-1' })
  const input_hash = await inputHash(input)
  send({ type: 'cache_lookup', request_id: index, session_id, input_hash })
  const found = await next()
  const shown =
    found.input_overwrite === null || found.input_overwrite === undefined
      ? asked
      : String(JSON.parse(String(found.input_overwrite)).input)
  const cached = found.hit === true && typeof found.output === 'string' ? found.output : undefined
  const output = cached ?? answerTo(shown)
  const key = {
    type: 'cache_store',
    request_id: index,
    session_id,
    node_id: found.node_id ?? null,
    input,
    input_hash,
  }
  if (cached === undefined) send({ ...key, output, api_type: 'pretend' })
  const { node_id } = cached === undefined ? await next() : found
  send({
    type: 'add_node',
    session_id,
    node: {
      id: node_id,
      input: shown,
      output,
      border_color: COLORS[index],
      label: `Step ${index + 1}`,
      codeLocation: `/home/me/agent/chain.py:${12 + index * 9}`,
      model: 'pretend-1',
      attachments: index === 0 ? [['dot.png', PIXEL]] : [],
      ...(tells ? { cached: cached !== undefined, tokens_in: 20, tokens_out: 5 } : {}),
    },
    incoming_edges: before === undefined ? [] : [before.id],
  })
  return { id: String(node_id), answer: String(JSON.parse(output).to_show.content) }
}

/** The pretend model: it repeats the last message, marked as its own. */
function answerTo(asked: string): string {
  const { messages } = JSON.parse(asked).to_show as { messages: { content: string }[] }
  const content = `[${messages.at(-1)?.content}]`
  return JSON.stringify({
    raw: { choices: [{ message: { role: 'assistant', content } }] },
    to_show: { content },
  })
}

function send(message: Message): void {
  socket.write(`${JSON.stringify(message)}\n`)
}

async function next(): Promise<Message> {
  const { value, done } = await lines.next()
  if (done === true) throw new Error('the server closed the connection')
  return JSON.parse(value)
}
