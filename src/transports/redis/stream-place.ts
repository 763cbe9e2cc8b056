/**
 * Where a reader stands in a stream, and what Redis' own counting says about it. Redis 7 counts every entry ever added; a
 * reader that counts along knows how many entries were trimmed before it could read them.
 */
import { compareIds, type StreamInfo } from './connection.ts'

export interface Place {
  /** The last entry read; `0-0` before the first. */
  entryId: string
  /** How many entries were ever added up to this one; null when the server does not count. */
  entriesRead: number | null
}

export const STREAM_BEGINNING: Place = { entryId: '0-0', entriesRead: 0 }

/** The place behind the newest entry; before the first one while there is no stream. */
export function placeAtEnd(info: StreamInfo | null): Place {
  return info === null ? STREAM_BEGINNING : { entryId: info.lastId, entriesRead: info.entriesAdded }
}

/** The place before the oldest entry that is still there. */
export function placeAtBeginning(info: StreamInfo | null): Place {
  const trimmed = info === null ? 0 : info.entriesAdded === null ? null : info.entriesAdded - info.length
  return { entryId: STREAM_BEGINNING.entryId, entriesRead: trimmed }
}

/** The place of a moment of Redis' clock: what was added since then is behind it. Never behind the newest entry. */
export function placeAtTime(info: StreamInfo | null, ms: number): Place {
  const entryId = `${Math.floor(ms)}-0`
  const end = placeAtEnd(info)
  return compareIds(entryId, end.entryId) < 0 ? { entryId, entriesRead: null } : end
}

/**
 * True when the stream was deleted and made again: the place is in a stream that is no more. Ids that are lower show it, or that
 * fewer entries were ever added than were read up to the place, where the ids say nothing.
 */
export function isRecreated(info: StreamInfo | null, { entryId, entriesRead }: Place): boolean {
  if (entryId === STREAM_BEGINNING.entryId) return false
  if (info === null || compareIds(info.lastId, entryId) < 0) return true
  return info.entriesAdded !== null && entriesRead !== null && info.entriesAdded < entriesRead
}

/** How many entries behind the place are known to be gone: trimmed, before the oldest one that is still there. */
export function lostBefore(info: StreamInfo, place: Place): number {
  if (info.entriesAdded === null || place.entriesRead === null) return 0
  return Math.max(0, info.entriesAdded - info.length - place.entriesRead)
}

/** At the end of the stream: how many entries Redis counted that never came here. */
export function lostAtEnd(info: StreamInfo, place: Place): number {
  if (info.lastId !== place.entryId || info.entriesAdded === null || place.entriesRead === null) return 0
  return Math.max(0, info.entriesAdded - place.entriesRead)
}

/** Entries that are still to be read; null when the server does not count. */
export function lagOf(info: StreamInfo, place: Place): number | null {
  // Entries that were deleted before they could be read are not to be read any more.
  if (info.newestId === null || compareIds(info.newestId, place.entryId) <= 0) return 0
  if (info.entriesAdded === null || place.entriesRead === null) return null
  return Math.min(info.length, Math.max(0, info.entriesAdded - place.entriesRead))
}
