/** What the recording gateway needs of experiments, in terms of what runners and people can ask of them. */
import { nodeOf } from '../domain/dataflow.ts'
import { AppError } from '../domain/errors.ts'
import { callInput } from '../domain/llm-call.ts'
import type { Log } from '../domain/log.ts'
import type { DevServices } from '../experiments/dev-services.ts'
import type { GatewayStore } from '../gateway/gateway-store.ts'
import type { Reader } from '../store/thread.ts'

export function createGatewayStore(deps: { services: DevServices; reader: Reader; log: Log }): GatewayStore {
  const { reader, log } = deps
  const { sessions, cache, experiments, reruns } = deps.services
  return {
    findCall: (sessionId, inputHash) => cache.lookup(sessionId, inputHash),
    async outputBeforeEdit(sessionId, nodeId) {
      const call = await reader.call('getCall', { sessionId, nodeId })
      return call?.edits.output_before_edit ?? null
    },
    storeCall({ sessionId, nodeId, inputHash, input, output, model, api }) {
      const stored = callInput({ input, attachments: [], model })
      cache.storeSoon({ sessionId, nodeId, inputHash, input: stored, output, apiType: api })
    },
    addNode(sessionId, node, sources) {
      experiments
        .addOwnNode(sessionId, nodeOf(node), sources)
        .catch((error) => log.error('a call could not be shown', error))
    },
    async addSubrun(parentSessionId, name) {
      const link = sessions.runnerOf(parentSessionId)
      if (link === undefined) throw new AppError('conflict', NOT_RUNNING)
      const known =
        name === null ? null : await reader.call('findSubrun', { parentId: parentSessionId, name })
      const program = { name, cwd: null, command: null, environment: {}, prev_session_id: known }
      // A subrun that is open already is used again.
      const isOpen = known !== null && sessions.isOwnedBy(known, link)
      if (known !== null && !isOpen) await reruns.openAgain(known)
      const sessionId = isOpen ? known : await experiments.addSubrun(program, parentSessionId, link)
      if (sessions.statusOf(sessionId) !== 'running') throw new AppError('conflict', NOT_RUNNING)
      return { sessionId, known: known !== null }
    },
    log: (sessionId, { text, success }) => experiments.log(sessionId, success, text),
  }
}

// internal

const NOT_RUNNING = 'the session is not running any more'
