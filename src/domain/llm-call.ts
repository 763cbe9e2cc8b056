/**
 * The LLM call: a cached input → output pair of an experiment, found by the hash of its input, and what an edit makes of
 * it (runner protocol, "The shared database"). Existing Python runners read these values from the same file, so every
 * text here is spelled as Python spells it.
 */
import { canonicalJson, canonicalText, type JsonValue, parseJson } from './canonical-json.ts'
import type { Result } from './errors.ts'

/** A cached call, in the names of its columns. */
export interface LlmCall {
  session_id: string
  node_id: string
  /** Canonical JSON of `{"attachments": …, "input": …, "model": …}`. */
  input: string | null
  input_hash: string | null
  /** `input` with an edited `input` member; null when the input was not edited. */
  input_overwrite: string | null
  /** null: the model has to be called. */
  output: string | null
  api_type: string | null
}

/** What we remember beside a call about its edits, so that each can be taken back. */
export interface CallEdits {
  input_edited: boolean
  output_edited: boolean
  /** The output recorded for the unedited input; kept while the input is edited. */
  original_output: string | null
  /** The output that an edit of the output replaced; kept while the output is edited. */
  output_before_edit: string | null
}

export const NO_EDITS: CallEdits = {
  input_edited: false,
  output_edited: false,
  original_output: null,
  output_before_edit: null,
}

export const EDIT_FIELDS = ['input', 'output'] as const
export type EditField = (typeof EDIT_FIELDS)[number]

/** What an edit does: `changed` false means that the value is what is there already. */
export interface EditOutcome {
  changed: boolean
  call: Pick<LlmCall, 'input_overwrite' | 'output'>
  edits: CallEdits
}

/** The stored `input` of a call: what runners hash and look up. `input` is usually itself JSON text. */
export function callInput(parts: { input: JsonValue; attachments: JsonValue; model: JsonValue }): string {
  return canonicalJson(
    new Map<string, JsonValue>([
      ['input', parts.input],
      ['attachments', parts.attachments],
      ['model', parts.model],
    ]),
  )
}

/** SHA-256 of the text's UTF-8 form, in lower-case hex. */
export async function inputHash(input: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(input))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/**
 * The `input` member of a stored input, as the text a person edits: the string itself, or the canonical form of another
 * value. undefined when the stored text is not such an object.
 */
export function shownInput(stored: string | null): string | undefined {
  const parsed = stored === null ? undefined : parseJson(stored)
  if (!parsed?.ok || !(parsed.value instanceof Map)) return undefined
  const input = parsed.value.get('input')
  if (input === undefined) return undefined
  return typeof input === 'string' ? input : canonicalJson(input)
}

/**
 * Edits the input: the call will be made again with it. The original value takes an earlier edit back and restores the
 * output that was recorded for it. The error says why the value cannot be used.
 */
export function editInput(call: LlmCall, edits: CallEdits, value: string): Result<EditOutcome> {
  const overwrite = overwriteOf(call.input, value)
  if (!overwrite.ok) return overwrite
  const unchanged = { changed: false, call: pick(call), edits }
  if (overwrite.value === call.input) {
    return { ok: true, value: call.input_overwrite === null ? unchanged : revertInput(edits) }
  }
  if (overwrite.value === call.input_overwrite) return { ok: true, value: unchanged }
  const recorded = edits.output_edited ? edits.output_before_edit : call.output
  return {
    ok: true,
    value: {
      changed: true,
      call: { input_overwrite: overwrite.value, output: null },
      edits: {
        ...NO_EDITS,
        input_edited: true,
        original_output: call.input_overwrite === null ? recorded : edits.original_output,
      },
    },
  }
}

/** Edits the output: the call is answered with it. The value that was recorded takes an earlier edit back. */
export function editOutput(call: LlmCall, edits: CallEdits, value: string): Result<EditOutcome> {
  const canonical = canonicalText(value)
  if (!canonical.ok) return { ok: false, error: `the edit is not valid JSON: ${canonical.error}` }
  if (sameJson(call.output, canonical.value)) {
    return { ok: true, value: { changed: false, call: pick(call), edits } }
  }
  if (edits.output_edited && sameJson(edits.output_before_edit, canonical.value)) {
    return { ok: true, value: revertOutput(call, edits) }
  }
  const before = edits.output_edited ? edits.output_before_edit : call.output
  return {
    ok: true,
    value: {
      changed: true,
      call: { input_overwrite: call.input_overwrite, output: canonical.value },
      edits: { ...edits, output_edited: true, output_before_edit: before },
    },
  }
}

/** Takes the edit of one field back; unchanged when there is none. An edit of the output made on an edited input goes with it. */
export function revertEdit(call: LlmCall, edits: CallEdits, field: EditField): EditOutcome {
  if (field === 'input' && call.input_overwrite !== null) return revertInput(edits)
  if (field === 'output' && edits.output_edited) return revertOutput(call, edits)
  return { changed: false, call: pick(call), edits }
}

// internal

function pick(call: LlmCall): EditOutcome['call'] {
  return { input_overwrite: call.input_overwrite, output: call.output }
}

function revertInput(edits: CallEdits): EditOutcome {
  return {
    changed: true,
    call: { input_overwrite: null, output: edits.original_output },
    edits: NO_EDITS,
  }
}

function revertOutput(call: LlmCall, edits: CallEdits): EditOutcome {
  return {
    changed: true,
    call: { input_overwrite: call.input_overwrite, output: edits.output_before_edit },
    edits: { ...edits, output_edited: false, output_before_edit: null },
  }
}

/** The stored input with its `input` member replaced: by the canonical text where it was text, else by the value. */
function overwriteOf(stored: string | null, value: string): Result<string> {
  const edit = parseJson(value)
  if (!edit.ok) return { ok: false, error: `the edit is not valid JSON: ${edit.error}` }
  const parsed = stored === null ? undefined : parseJson(stored)
  if (!parsed?.ok || !(parsed.value instanceof Map)) {
    return { ok: false, error: 'the recorded input of this call is not a JSON object and cannot be edited' }
  }
  const members = new Map(parsed.value)
  const original = members.get('input')
  if (typeof original !== 'string') members.set('input', edit.value)
  else if (!sameJson(original, canonicalJson(edit.value))) members.set('input', canonicalJson(edit.value))
  return { ok: true, value: sameMembers(members, parsed.value) ? (stored ?? '') : canonicalJson(members) }
}

function sameMembers(a: Map<string, JsonValue>, b: Map<string, JsonValue>): boolean {
  return canonicalJson(a) === canonicalJson(b)
}

/** Whether a stored text is the same JSON value as a canonical text, however it is spelled. */
function sameJson(stored: string | null, canonical: string): boolean {
  if (stored === null) return false
  const other = canonicalText(stored)
  return other.ok && other.value === canonical
}
