/** What people ask about experiments: the reads behind REST and `get_graph`. */
import { encodeGraph } from '../domain/dataflow.ts'
import { AppError } from '../domain/errors.ts'
import { shownInput } from '../domain/llm-call.ts'
import type { CountedExperiment, ExperimentCursor } from '../store/experiment-store.ts'
import type { StoredCall } from '../store/llm-call-store.ts'
import type {
  AttachmentList,
  AttemptList,
  CacheMiss,
  EditRecord,
  ExperimentListQuery,
  ExperimentPage,
  ExperimentSummary,
  LlmCallRecord,
} from '../wire/experiment-api.ts'
import { readAttachedFile } from './attached-files.ts'
import { unknownExperiment } from './experiments.ts'
import type { ExperimentParts } from './parts.ts'
import { utcTime } from './timestamps.ts'

/** Every one rejects with an AppError `not_found` for an experiment that is not there. */
export interface ExperimentQueries {
  page(query: ExperimentListQuery): Promise<ExperimentPage>
  one(sessionId: string): Promise<ExperimentSummary>
  /** The encoded graph; that of an earlier attempt when one is named. */
  graph(sessionId: string, attempt: number | null): Promise<{ attempt: number; payload: string }>
  call(sessionId: string, nodeId: string): Promise<LlmCallRecord>
  miss(sessionId: string, nodeId: string): Promise<CacheMiss>
  attempts(sessionId: string): Promise<AttemptList>
  edits(sessionId: string): Promise<{ edits: EditRecord[] }>
  attachments(sessionId: string): Promise<AttachmentList>
  /** What is in an attached file now. AppErrors `not_found` also for a file that cannot be read, and `too_large`. */
  attachedFile(sessionId: string, fileId: string): Promise<{ path: string; content: Uint8Array<ArrayBuffer> }>
}

export interface ExperimentQueriesDeps extends ExperimentParts {
  limits: {
    missCandidatesMax: number
    missCharactersMax: number
    missDifferencesMax: number
    attachedFileBytesMax: number
  }
}

export function createExperimentQueries(deps: ExperimentQueriesDeps): ExperimentQueries {
  const { reader, sessions, keeper, limits } = deps

  const summary = ({ success, ...rest }: CountedExperiment): ExperimentSummary => ({
    ...rest,
    parent_session_id: rest.parent_session_id ?? rest.session_id,
    status: sessions.statusOf(rest.session_id),
    timestamp: utcTime(rest.timestamp),
    result: success,
  })

  async function one(sessionId: string): Promise<ExperimentSummary> {
    const stored = await reader.call('getExperiment', { sessionId })
    if (stored === null) throw unknownExperiment(sessionId)
    return summary(stored)
  }

  async function storedCall(sessionId: string, nodeId: string): Promise<StoredCall> {
    await keeper.settled()
    const call = await reader.call('getCall', { sessionId, nodeId })
    if (call === null) throw new AppError('not_found', `the experiment has no cached LLM call '${nodeId}'`)
    return call
  }

  return {
    one,
    async page({ cursor, limit, text }) {
      const before = cursor === undefined ? null : decodeCursor(cursor)
      const page = await reader.call('pageExperiments', { before, limit, text })
      return {
        experiments: page.experiments.map(summary),
        next: page.next === null ? null : encodeCursor(page.next),
      }
    },
    async graph(sessionId, attempt) {
      const shown = await keeper.live.open(sessionId)
      if (shown === undefined) throw unknownExperiment(sessionId)
      if (attempt === null || attempt === shown.attempt)
        return { attempt: shown.attempt, payload: encodeGraph(shown.graph) }
      const earlier = await reader.call('loadDataflow', { sessionId, attempt })
      if (earlier === null) throw new AppError('not_found', `${sessionId} has no attempt ${attempt} any more`)
      return { attempt, payload: earlier.graph }
    },
    call: async (sessionId, nodeId) => callRecord(await storedCall(sessionId, nodeId)),
    async miss(sessionId, nodeId) {
      await storedCall(sessionId, nodeId)
      const nearest = await reader.call('nearestCall', {
        sessionId,
        nodeId,
        limit: limits.missCandidatesMax,
        charactersMax: limits.missCharactersMax,
        differencesMax: limits.missDifferencesMax,
      })
      return { node_id: nodeId, nearest }
    },
    async attempts(sessionId) {
      await one(sessionId)
      await keeper.settled()
      const attempts = await reader.call('listAttempts', { sessionId })
      const edits = await reader.call('listEdits', { sessionId })
      const editsOf = (attempt: number) => edits.filter((edit) => edit.attempt === attempt)
      return {
        attempts: attempts.map(({ started_at, ...rest }) => ({
          ...rest,
          // The first one begins with its experiment, whose time is stored as existing servers write it.
          started_at: utcTime(started_at),
          edits: editsOf(rest.attempt),
        })),
      }
    },
    async edits(sessionId) {
      await one(sessionId)
      return { edits: await reader.call('listEdits', { sessionId }) }
    },
    async attachments(sessionId) {
      await one(sessionId)
      return { attachments: await reader.call('listAttachments', { sessionId }) }
    },
    async attachedFile(sessionId, fileId) {
      const attachments = await reader.call('listAttachments', { sessionId })
      const noted = attachments.find((one) => one.file_id === fileId)
      if (noted === undefined) throw new AppError('not_found', `the experiment has no attachment '${fileId}'`)
      const content = await readAttachedFile(noted.file_path, limits.attachedFileBytesMax)
      return { path: noted.file_path ?? '', content }
    },
  }
}

/** A stored call as people see it. */
export function callRecord(call: StoredCall): LlmCallRecord {
  const { edits } = call
  const original = edits.input_edited
    ? edits.original_output
    : edits.output_edited
      ? edits.output_before_edit
      : call.output
  return {
    session_id: call.session_id,
    node_id: call.node_id,
    api_type: call.api_type,
    input_hash: call.input_hash,
    timestamp: call.timestamp === null ? null : utcTime(call.timestamp),
    original: { input: shownInput(call.input) ?? call.input, output: original },
    edit: {
      input:
        call.input_overwrite === null ? null : (shownInput(call.input_overwrite) ?? call.input_overwrite),
      output: edits.output_edited ? call.output : null,
    },
    output: call.output,
  }
}

// internal

function encodeCursor({ timestamp, row }: ExperimentCursor): string {
  return Buffer.from(JSON.stringify([timestamp, row])).toString('base64url')
}

function decodeCursor(cursor: string): ExperimentCursor {
  try {
    const [timestamp, row] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[]
    if (typeof timestamp === 'string' && Number.isInteger(row)) return { timestamp, row: row as number }
  } catch {
    // Refused below, as any other text that is no cursor.
  }
  throw new AppError('invalid', 'cursor: give the `next` of the page before')
}
