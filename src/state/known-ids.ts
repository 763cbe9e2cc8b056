/**
 * The ids of the latest recorded events, with their rows: what recognises a producer's retry (rule I3) and resolves `?after=`.
 * Two generations, of which the older is dropped when the younger is full: at least the last `idsMax` ids are known, at most
 * twice as many, and every operation takes the same time.
 */
export interface KnownIds {
  /** undefined when the event is not known. */
  find(eventId: string): KnownEvent | undefined
  /** Remembers an event that is on its way to the store. */
  add(eventId: string, runId: string): KnownEvent
  /** Forgets an event that was not stored after all. */
  remove(eventId: string): void
  /** Forgets the events of a run up to a row, also those of which it is not yet known here where they were stored. */
  forgetRun(runId: string, lastRow: number): void
}

export interface KnownEvent {
  /** Where the event is stored; 0 while it is on its way. */
  row: number
}

export function createKnownIds(idsMax: number): KnownIds {
  let young = createGeneration()
  let old = createGeneration()

  function runOf(runId: string): KnownRun {
    const run = young.runs.get(runId) ?? old.runs.get(runId) ?? { forgottenUpTo: 0 }
    young.runs.set(runId, run)
    return run
  }

  return {
    find(eventId) {
      const event = young.events.get(eventId) ?? old.events.get(eventId)
      return event === undefined || isForgotten(event) ? undefined : event
    },
    add(eventId, runId) {
      if (young.events.size >= idsMax) {
        old = young
        young = createGeneration()
      }
      const event = { row: 0, run: runOf(runId) }
      young.events.set(eventId, event)
      return event
    },
    remove(eventId) {
      young.events.delete(eventId)
      old.events.delete(eventId)
    },
    forgetRun(runId, lastRow) {
      const run = young.runs.get(runId) ?? old.runs.get(runId)
      if (run !== undefined) run.forgottenUpTo = lastRow
    },
  }
}

// internal

/** Shared by the known events of a run, so that all of them are forgotten in one step. */
interface KnownRun {
  /** Its events up to this row are forgotten. */
  forgottenUpTo: number
}

interface EventOfRun extends KnownEvent {
  readonly run: KnownRun
}

interface Generation {
  events: Map<string, EventOfRun>
  /** The runs of these events. */
  runs: Map<string, KnownRun>
}

function createGeneration(): Generation {
  return { events: new Map(), runs: new Map() }
}

function isForgotten({ row, run }: EventOfRun): boolean {
  return row > 0 && row <= run.forgottenUpTo
}
