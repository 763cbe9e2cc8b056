/**
 * Large answers about runs, made into JSON in the reader thread: the main thread hands the text on and never walks through
 * thousands of rows. Events stand in them to the letter (rule I10).
 */
import { jsonMembers, objectText } from '../domain/json-members.ts'
import type { SqliteDatabase } from './database.ts'
import { createEventReader, type EventPageArgs, type StoredEvent } from './event-store.ts'
import { createRunReader } from './run-store.ts'

/** The UTF-16 units of event text after which a page ends early. */
const PAGE_TEXT_MAX = 16 * 1024 * 1024

export function createRunAnswers(db: SqliteDatabase) {
  const events = createEventReader(db)
  const runs = createRunReader(db)
  return {
    /** The text of a `RunEvents` answer, see `wire/run-api.ts`. */
    runEventsAnswer(args: Omit<EventPageArgs, 'textMax'> & { payloadBytesMax: number | null }): string {
      const page = events.readEvents({ ...args, limit: args.limit + 1, textMax: PAGE_TEXT_MAX })
      const isWhole = page.length <= args.limit && page.length > 0 && !isCut(page, args.limit)
      const shown = page.slice(0, args.limit)
      const texts = shown.map((event) => shownText(event, args.payloadBytesMax))
      const last = shown.at(-1)
      const next = isWhole || last === undefined ? null : last.row
      return `{"events":[${texts.join(',')}],"rows":[${shown.map(({ row }) => row).join(',')}],"next":${next}}`
    },
    /** The text of a `RunGraph` answer. */
    runGraphAnswer({ runId }: { runId: string }): string {
      const { nodes, edges } = runs.readGraph({ runId })
      return JSON.stringify({ nodes, edges })
    },
  }
}

// internal

/** The page ended because of its size, so more may follow although it is not full. */
function isCut(page: StoredEvent[], limit: number): boolean {
  return page.length <= limit && page.reduce((sum, { text }) => sum + text.length, 0) > PAGE_TEXT_MAX / 2
}

function shownText(event: StoredEvent, payloadBytesMax: number | null): string {
  const { event_id, timestamp, event_type, run_id, text } = event
  if (payloadBytesMax === null || text.length <= payloadBytesMax) return text
  const bytes = Buffer.byteLength(text)
  const envelope = { event_id, timestamp, event_type, payload: null, run_id, payload_bytes: bytes }
  return `${JSON.stringify(envelope).slice(0, -1)},"payload_head":${headOf(text)}}`
}

/** A field of a large payload that is no longer than this comes along all the same, in UTF-16 units of its JSON. */
const HEAD_FIELD_LENGTH_MAX = 512

/**
 * The short fields of a payload that is an object, as JSON: ids, names and numbers, but neither prompts nor answers. Never through
 * JSON.stringify, which cannot nest as deep as JSON can.
 */
function headOf(text: string): string {
  const fields = jsonMembers(jsonMembers(text)?.get('payload') ?? '') ?? []
  return objectText(new Map([...fields].filter(([, value]) => value.length <= HEAD_FIELD_LENGTH_MAX)))
}
