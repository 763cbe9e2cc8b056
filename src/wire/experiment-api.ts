/**
 * HTTP shapes of experiments. The recorded environment is in none of them: it holds keys. Inputs and outputs are the texts
 * that the runner stored, usually JSON of the form `{"raw": …, "to_show": …}`: `to_show` is what a person reads and edits,
 * and an edit travels as the whole object.
 */
import { z } from 'zod'
import { EXPERIMENT_RESULTS } from '../domain/dataflow.ts'
import { EDIT_FIELDS } from '../domain/llm-call.ts'

const sessionId = z.string().min(1).max(512)
const nodeId = z.string().min(1).max(512)
const editField = z.enum(EDIT_FIELDS)

export const experimentPath = z.object({ session_id: sessionId })
export const attachmentPath = z.object({ session_id: sessionId, file_id: z.string().min(1) })
export const llmCallPath = z.object({ session_id: sessionId, node_id: nodeId })

export const experimentSummary = z
  .object({
    session_id: z.string(),
    /** Its own id, unless the experiment is a subrun. */
    parent_session_id: z.string(),
    status: z.enum(['running', 'finished']),
    /** When it was started or last rerun: ISO 8601 in UTC. */
    timestamp: z.string(),
    name: z.string(),
    result: z.enum(EXPERIMENT_RESULTS),
    notes: z.string(),
    log: z.string(),
    /** Border colours of the last six nodes. */
    color_preview: z.array(z.string()),
    /** The version label of the program, such as `v1.2-3-gabc1234-dirty`; null outside Git. */
    code_hash: z.string().nullable(),
    command: z.string().nullable(),
    cwd: z.string().nullable(),
    /** 1 for the first execution; each rerun adds one. */
    attempt: z.int(),
    /** LLM calls of this attempt; null where only another server has recorded them. */
    calls: z.int().nullable(),
    /** What those calls took, as far as their runner said; null where it never did. */
    tokens_in: z.int().nullable(),
    tokens_out: z.int().nullable(),
    /** When this attempt ended; null while it runs, and when the server did not see its end. */
    ended_at: z.string().nullable(),
  })
  .meta({ id: 'Experiment' })
export type ExperimentSummary = z.infer<typeof experimentSummary>

export const experimentListQuery = z.object({
  cursor: z.string().max(700).optional().meta({ description: '`next` of the page before.' }),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  text: z
    .string()
    .max(200)
    .optional()
    .meta({ description: 'Part of the name, id, notes or log, in any case.' }),
})
export type ExperimentListQuery = z.infer<typeof experimentListQuery>

/** Newest first; `next` is the `cursor` of the next page, null at the end. */
export const experimentPage = z
  .object({ experiments: z.array(experimentSummary), next: z.string().nullable() })
  .meta({ id: 'ExperimentList' })
export type ExperimentPage = z.infer<typeof experimentPage>

/** `label` sets the label of one node, named by `node_id`. */
export const experimentPatch = z
  .strictObject({
    name: z.string().min(1).max(1_000).optional(),
    notes: z.string().max(1_000_000).optional(),
    result: z.enum(EXPERIMENT_RESULTS).optional(),
    node_id: nodeId.optional(),
    label: z.string().max(10_000).optional(),
  })
  .refine((patch) => (patch.label === undefined) === (patch.node_id === undefined), {
    message: 'label and node_id belong together',
  })
  .meta({ id: 'ExperimentPatch' })
export type ExperimentPatch = z.infer<typeof experimentPatch>

export const graphQuery = z.object({
  attempt: z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .meta({ description: 'An earlier attempt, as it was before its rerun; the current one when left out.' }),
})

/** Nodes as their runner sent them, with edits shown. Usual fields are named; others are kept whatever they are. */
export const dataflowGraph = z
  .object({
    attempt: z.int(),
    nodes: z.array(
      z.looseObject({
        id: z.string(),
        input: z.unknown().optional(),
        output: z.unknown().optional(),
        label: z.unknown().optional(),
        border_color: z.unknown().optional(),
        codeLocation: z.unknown().optional(),
        model: z.unknown().optional(),
        attachments: z.unknown().optional(),
      }),
    ),
    edges: z.array(z.object({ id: z.string(), source: z.string(), target: z.string() })),
  })
  .meta({ id: 'DataflowGraph' })
export type DataflowGraphAnswer = z.infer<typeof dataflowGraph>

export const llmCall = z
  .object({
    session_id: z.string(),
    node_id: z.string(),
    api_type: z.string().nullable(),
    input_hash: z.string().nullable(),
    timestamp: z.string().nullable(),
    /** What was recorded, before any edit. The output is null when the call has none yet. */
    original: z.object({ input: z.string().nullable(), output: z.string().nullable() }),
    /** What a person changed; null where nothing was. */
    edit: z.object({ input: z.string().nullable(), output: z.string().nullable() }),
    /** What the call is answered with on a rerun; null: the model is called. */
    output: z.string().nullable(),
  })
  .meta({ id: 'LlmCall' })
export type LlmCallRecord = z.infer<typeof llmCall>

/** A null `value` takes the edit of that field back. */
export const editRequest = z
  .strictObject({ node_id: nodeId, field: editField, value: z.string().nullable() })
  .meta({ id: 'Edit' })
export type EditRequest = z.infer<typeof editRequest>

/** `changed` is false when the value is what is there already; nothing was done then. */
export const editAnswer = z.object({ changed: z.boolean(), llm_call: llmCall }).meta({ id: 'EditAnswer' })
export type EditAnswer = z.infer<typeof editAnswer>

export const editRecord = z
  .object({
    id: z.int(),
    node_id: z.string(),
    field: editField,
    /** As it was sent; null when the edit was taken back. */
    value: z.string().nullable(),
    /** The attempt that was shown when the edit was made: the next one runs with it. */
    attempt: z.int(),
    timestamp: z.string(),
  })
  .meta({ id: 'EditRecord' })
export type EditRecord = z.infer<typeof editRecord>

export const editList = z.object({ edits: z.array(editRecord) }).meta({ id: 'EditList' })

export const attempt = z
  .object({
    attempt: z.int(),
    reason: z.enum(['first', 'rerun', 'erase']),
    started_at: z.string(),
    /** null while it runs, and when the server did not see its end. */
    ended_at: z.string().nullable(),
    nodes: z.int(),
    /** Edits that were made while this attempt was shown, oldest first. */
    edits: z.array(editRecord),
  })
  .meta({ id: 'Attempt' })

/** Newest first. The graph of each with its outputs: `/graph?attempt=`. */
export const attemptList = z.object({ attempts: z.array(attempt) }).meta({ id: 'AttemptList' })
export type AttemptList = z.infer<typeof attemptList>

export const fieldDifference = z.object({
  /** Where in the input, such as `input.raw.messages[1].content`. */
  path: z.string(),
  /** The value of the cached call, as text, shortened; null when it has no such field. */
  cached: z.string().nullable(),
  /** The value of the call that missed; null when it has no such field. */
  called: z.string().nullable(),
})

export const cacheMiss = z
  .object({
    node_id: z.string(),
    /** The cached call of this session whose input is the most similar; null when there is no other. */
    nearest: z
      .object({
        node_id: z.string(),
        /** The latest attempt whose graph shows it; null when none does. */
        attempt: z.int().nullable(),
        /** Fields that are equal, divided by all fields. */
        similarity: z.number().min(0).max(1),
        differences: z.array(fieldDifference),
        /** True when there were more differences than are listed. */
        more: z.boolean(),
      })
      .nullable(),
  })
  .meta({ id: 'CacheMiss' })
export type CacheMiss = z.infer<typeof cacheMiss>

/** `how`: the recorded command was started, or the runner that is connected was asked to run again. */
export const rerunAnswer = z
  .object({ session_id: z.string(), how: z.enum(['started', 'asked']), attempt: z.int() })
  .meta({ id: 'RerunAnswer' })
export type RerunAnswer = z.infer<typeof rerunAnswer>

export const deletedExperiment = z
  .object({ session_id: z.string(), llm_calls: z.int() })
  .meta({ id: 'DeletedExperiment' })

export const attachmentList = z
  .object({
    attachments: z.array(
      z.object({
        file_id: z.string(),
        line_no: z.int().nullable(),
        content_hash: z.string().nullable(),
        file_path: z.string().nullable(),
        taint: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'AttachmentList' })
export type AttachmentList = z.infer<typeof attachmentList>
