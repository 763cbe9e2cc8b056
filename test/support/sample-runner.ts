/**
 * A runner in a few dozen lines: makes three chained model calls through the server's cache and shows each as a node. It needs
 * the socket only. Run it as a program; a rerun starts it again with `AO_SESSION_ID`.
 */
import { once } from 'node:events'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { callInput, inputHash, shownInput } from '../../src/domain/llm-call.ts'

const { RUNNER_PORT, MODEL_URL, AO_SESSION_ID, RUNNER_STOP_AFTER, PATH } = process.env
const socket = connect(Number(RUNNER_PORT), '127.0.0.1')
await once(socket, 'connect')
const lines = createInterface({ input: socket })[Symbol.asyncIterator]()
const send = (message: object) => socket.write(`${JSON.stringify(message)}\n`)
const receive = async () => JSON.parse((await lines.next()).value ?? '{}')

send({
  ...{ type: 'hello', role: 'agent-runner', name: 'sample', cwd: process.cwd(), process_id: process.pid },
  environment: { RUNNER_PORT, MODEL_URL, PATH },
  command: `'${process.execPath}' '${import.meta.filename}'`,
  prev_session_id: AO_SESSION_ID ?? null,
})
const { session_id } = await receive()

async function ask(text: string, source: string | null): Promise<{ node: string; content: string }> {
  const shown = { to_show: { text }, raw: { text, temperature: 0 } }
  const input = callInput({ input: JSON.stringify(shown), attachments: [], model: 'fake' })
  const input_hash = await inputHash(input)
  send({ type: 'cache_lookup', request_id: 1, session_id, input_hash })
  const cached = await receive()
  const asked = shownInput(cached.input_overwrite ?? input) ?? ''
  let { output, node_id } = cached
  if (output == null) {
    const body = JSON.stringify({ text: JSON.parse(asked).to_show.text })
    const { content } = (await (await fetch(MODEL_URL ?? '', { method: 'POST', body })).json()) as {
      content: string
    }
    output = JSON.stringify({ raw: { content }, to_show: { content } })
    send({
      type: 'cache_store',
      request_id: 2,
      session_id,
      node_id,
      input,
      input_hash,
      output,
      api_type: 'fake',
    })
    node_id = (await receive()).node_id
  }
  const node = {
    id: node_id,
    input: asked,
    output,
    border_color: '#d4a825',
    label: 'fake',
    model: 'fake',
    attachments: [],
  }
  send({ type: 'add_node', session_id, node, incoming_edges: source === null ? [] : [source] })
  return { node: node_id, content: JSON.parse(output).to_show.content }
}

const first = await ask('one', null)
const second = await ask(`two after ${first.content}`, first.node)
if (RUNNER_STOP_AFTER === '2') await new Promise(() => setInterval(() => undefined, 1_000))
await ask(`three after ${second.content}`, second.node)
send({ type: 'deregister', session_id })
socket.end()
