/**
 * Messages of runners and UIs, from TCP or WebSocket: each is one call of `experiments/` and one answer. Decides nothing but who
 * may ask.
 */
import { decodeNode } from '../domain/dataflow.ts'
import { AppError } from '../domain/errors.ts'
import type { DevServices } from '../experiments/dev-services.ts'
import type { RunnerLink } from '../state/sessions.ts'
import { SLOTS } from '../state/ui-hub.ts'
import {
  type ClientMessage,
  DATABASE_MODE,
  encodeCacheResult,
  encodeCacheStored,
  encodeGraphUpdate,
  encodeSubrun,
  encodeUiWelcome,
  type MessageOf,
  type MessageType,
  type Role,
} from '../wire/runner-messages.ts'

/** A connected client, as far as messages need it. */
export interface MessageClient {
  role: Role
  /** The session that the client registered by its handshake; null for UIs and admins. */
  sessionId: string | null
  /** What sessions know the client by. */
  link: RunnerLink
  /** Sends an answer to this client alone. One that says what news of `slot` say, too, takes the place of those that wait. */
  answer(json: string, slot?: string): void
}

export interface MessageHandlersDeps {
  services: DevServices
  /** The path that UIs are told. */
  configPath: string
  /** A client asked the server to stop. */
  onShutdown(): void
}

/** Handles a message; rejects with an AppError when it is refused. */
export type MessageHandler = (client: MessageClient, message: ClientMessage) => Promise<void>

export function createMessageHandler(deps: MessageHandlersDeps): MessageHandler {
  const handlers = handlersOf(deps)
  return async (client, message) => {
    const handle = handlers[message.type] as (client: MessageClient, message: ClientMessage) => unknown
    await handle(client, message)
  }
}

// internal

type Handlers = { [T in MessageType]: (client: MessageClient, message: MessageOf<T>) => unknown }

function handlersOf(deps: MessageHandlersDeps): Handlers {
  const { experiments, edits, reruns } = deps.services
  return {
    ...runnerHandlers(deps),
    ...uiAnswers(deps),
    edit_input: (client, { session_id, node_id, value }) =>
      edits.edit({ sessionId: ownOr(client, session_id), nodeId: node_id, field: 'input', value }),
    edit_output: (client, { session_id, node_id, value }) =>
      edits.edit({ sessionId: ownOr(client, session_id), nodeId: node_id, field: 'output', value }),
    update_node: (client, { session_id, node_id, field, value_text }) =>
      experiments.setNodeField(ownOr(client, session_id), { nodeId: node_id, field, value: value_text }),
    update_run_name: (client, { session_id, run_name }) =>
      experiments.change(ownOr(client, session_id), { name: run_name }, null),
    update_result: (client, { session_id, result }) =>
      experiments.change(ownOr(client, session_id), { success: result }, null),
    update_notes: (client, { session_id, notes }) =>
      experiments.change(ownOr(client, session_id), { notes }, null),
    restart: (client, { session_id }) => reruns.restart(ownOr(client, session_id)),
    erase: (client, { session_id }) => reruns.erase(ownOr(client, session_id)),
    clear: () => experiments.clear(),
    shutdown: () => deps.onShutdown(),
  }
}

function runnerHandlers({ services }: MessageHandlersDeps) {
  const { experiments, cache, sessions } = services
  return {
    add_node: (client, { session_id, node_text, incoming_edges }) => {
      const node = decodeNode(node_text)
      if (!node.ok) throw new AppError('invalid', node.error)
      return experiments.addNode(ownOr(client, session_id), node.value, incoming_edges)
    },
    async add_subrun(client, { parent_session_id, ...program }) {
      if (client.role !== 'agent-runner') throw new AppError('forbidden', 'only a runner registers sessions')
      const parentId = parent_session_id ?? client.sessionId
      client.answer(encodeSubrun(await experiments.addSubrun(program, parentId, client.link)))
    },
    update_command: (client, { session_id, command }) => {
      const sessionId = ownOr(client, session_id)
      if (!sessions.isOwnedBy(sessionId, client.link))
        throw new AppError('forbidden', 'only the runner of a session says what command a rerun starts')
      return experiments.setCommand(sessionId, command)
    },
    log: (client, { session_id, success, entry }) =>
      experiments.log(ownOr(client, session_id), success, entry),
    async deregister(client, { session_id }) {
      const sessionId = ownOr(client, session_id)
      const runner = sessions.runnerOf(sessionId)
      // Another runner has taken the session over: it goes on.
      if (runner === undefined || runner === client.link) await experiments.deregister(sessionId)
    },
    async cache_lookup(client, { request_id, session_id, input_hash }) {
      const found = await cache.lookup(ownOr(client, session_id), input_hash)
      client.answer(encodeCacheResult(request_id, found))
    },
    async cache_store(client, { request_id, session_id, node_id, input, input_hash, output, api_type }) {
      const call = { nodeId: node_id, input, inputHash: input_hash, output, apiType: api_type }
      const nodeId = await cache.store({ ...call, sessionId: ownOr(client, session_id) })
      client.answer(encodeCacheStored(request_id, nodeId))
    },
  } satisfies Partial<Handlers>
}

function uiAnswers({ services, configPath }: MessageHandlersDeps) {
  return {
    async get_all_experiments(client) {
      const list = await services.lists.encoded()
      client.answer(encodeUiWelcome(configPath))
      client.answer(list, SLOTS.list)
    },
    async get_graph(client, { session_id }) {
      const { payload } = await services.queries.graph(session_id, null)
      client.answer(encodeGraphUpdate(session_id, payload), SLOTS.graph(session_id))
    },
    set_database_mode: (_, { mode }) => {
      if (mode !== DATABASE_MODE)
        throw new AppError(
          'invalid',
          `the database mode '${mode.slice(0, 64)}' does not exist; this server has 'local' only`,
        )
    },
  } satisfies Partial<Handlers>
}

function ownOr(client: MessageClient, sessionId: string | null): string {
  const known = sessionId ?? client.sessionId
  if (known === null)
    throw new AppError('invalid', 'the message names no session, and this client has none of its own')
  return known
}
