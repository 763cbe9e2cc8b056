/** From stream entries to input for the pipeline (observed behaviour of producers, "Stream entries"). */
import {
  type Decoded,
  decodeBytes,
  decodeText,
  type InputLimits,
  type Origin,
  reject,
} from '../../ingest/incoming.ts'
import type { RawEntry } from './connection.ts'

/** The field that holds the event, and the name that another producer gives it. */
const EVENT_FIELDS = ['json_payload', '_watermill_payload']

export function decodeEntry(stream: string, entry: RawEntry, limits: InputLimits): Decoded {
  const origin: Origin = {
    source: () => `redis:${stream} ${entry.id}`,
    entry: () => `${stream} ${entry.id}`,
    timestamp: () => timeOf(entry.id),
  }
  const at = placeOfEvent(entry.fields)
  if (at === undefined) {
    return reject(entry.fields.join(' '), `no field ${EVENT_FIELDS.join(' or ')}`, origin, limits)
  }
  const bytes = entry.bytes?.[at]
  return bytes === undefined
    ? decodeText(entry.fields[at] as string, origin, limits)
    : decodeBytes(bytes, origin, limits)
}

// internal

/** Where in the fields the event stands. */
function placeOfEvent(fields: string[]): number | undefined {
  for (const name of EVENT_FIELDS) {
    for (let at = 0; at + 1 < fields.length; at += 2) if (fields[at] === name) return at + 1
  }
  return undefined
}

/** The time in an entry's id; Redis makes it from its clock, a producer may have chosen any number. */
function timeOf(id: string): string {
  const time = new Date(Number(id.split('-')[0]))
  return Number.isNaN(time.getTime()) ? new Date(0).toISOString() : time.toISOString()
}
