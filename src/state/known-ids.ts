/**
 * The ids of the latest recorded events, with their rows: what recognises a producer's retry (rule I3) and resolves `?after=`.
 * Two generations, of which the older is dropped when the younger is full: at least the last `idsMax` ids are known, at most
 * twice as many, and every operation takes the same time.
 */
export interface KnownIds {
  /** undefined when the event is not known. */
  find(eventId: string): KnownEvent | undefined
  /** Remembers an event that is on its way to the store. */
  add(eventId: string): KnownEvent
  /** Forgets an event that was not stored after all. */
  remove(eventId: string): void
  /** The newest row that is known of; looks at every id. */
  newestRow(): number
  /**
   * Knows these ids, oldest first, and no others of rows up to `upTo`; what is newer or on its way to the store stays known.
   */
  replace(stored: { ids: string[]; rows: number[]; upTo: number }): void
}

export interface KnownEvent {
  /** Where the event is stored; 0 while it is on its way. */
  row: number
}

export function createKnownIds(idsMax: number): KnownIds {
  let young = new Map<string, KnownEvent>()
  let old = new Map<string, KnownEvent>()
  return {
    find: (eventId) => young.get(eventId) ?? old.get(eventId),
    add(eventId) {
      if (young.size >= idsMax) {
        old = young
        young = new Map()
      }
      const event = { row: 0 }
      young.set(eventId, event)
      return event
    },
    remove(eventId) {
      young.delete(eventId)
      old.delete(eventId)
    },
    newestRow() {
      let newest = 0
      for (const events of [old, young]) for (const { row } of events.values()) newest = Math.max(newest, row)
      return newest
    },
    replace({ ids, rows, upTo }) {
      const newer = [...old, ...young].filter(([, { row }]) => row === 0 || row > upTo)
      old = new Map()
      young = new Map(ids.map((id, index) => [id, { row: rows[index] ?? 0 }]))
      // The same objects: who stores an event notes its row in them.
      for (const [id, event] of newer) young.set(id, event)
    },
  }
}
