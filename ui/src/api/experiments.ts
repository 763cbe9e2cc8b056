/** Recorded experiments over HTTP. */
import type {
  AttachmentList,
  AttemptList,
  CacheMiss,
  DataflowGraphAnswer,
  EditAnswer,
  EditRequest,
  ExperimentPage,
  ExperimentPatch,
  ExperimentSummary,
  LlmCallRecord,
  RerunAnswer,
} from '../../../src/wire/experiment-api.ts'
import { request, withQuery } from './http.ts'

export function fetchExperiments(
  query: { cursor?: string | undefined; limit?: number; text?: string | undefined },
  signal?: AbortSignal,
): Promise<ExperimentPage> {
  return request(
    withQuery('/api/experiments', { limit: 50, ...query }),
    signal === undefined ? {} : { signal },
  )
}

export const fetchExperiment = (id: string): Promise<ExperimentSummary> => request(pathOf(id))

export const fetchDataflow = (id: string, attempt?: number): Promise<DataflowGraphAnswer> =>
  request(withQuery(`${pathOf(id)}/graph`, { attempt }))

export const fetchAttempts = (id: string): Promise<AttemptList> => request(`${pathOf(id)}/attempts`)

export const fetchAttachments = (id: string): Promise<AttachmentList> => request(`${pathOf(id)}/attachments`)

export const attachmentUrl = (id: string, fileId: string): string =>
  `${pathOf(id)}/attachments/${encodeURIComponent(fileId)}`

export const fetchCall = (id: string, call: string): Promise<LlmCallRecord> => request(callPath(id, call))

export const fetchMiss = (id: string, call: string): Promise<CacheMiss> =>
  request(`${callPath(id, call)}/miss`)

export const changeExperiment = (id: string, body: ExperimentPatch): Promise<ExperimentSummary> =>
  request(pathOf(id), { method: 'PATCH', body })

export const editCall = (id: string, body: EditRequest): Promise<EditAnswer> =>
  request(`${pathOf(id)}/edits`, { method: 'POST', body })

export const rerunExperiment = (id: string): Promise<RerunAnswer> =>
  request(`${pathOf(id)}/rerun`, { method: 'POST' })

export const eraseExperiment = (id: string): Promise<RerunAnswer> =>
  request(`${pathOf(id)}/erase`, { method: 'POST' })

export const deleteExperiment = (id: string): Promise<unknown> => request(pathOf(id), { method: 'DELETE' })

// internal

function pathOf(id: string): string {
  return `/api/experiments/${encodeURIComponent(id)}`
}

function callPath(id: string, call: string): string {
  return `${pathOf(id)}/llm-calls/${encodeURIComponent(call)}`
}
