/** The latest events, as the existing web page shows them (specification, section 6.1): published texts, any run's. */

export interface ListedEvent {
  runId: string
  text: string
}

export interface EventState {
  /** `run_started` empties the list first: it is then the only event. */
  add(eventType: string, event: ListedEvent): void
  /** Takes out the events of runs that were deleted; null takes out all. */
  forget(runIds: ReadonlySet<string> | null): void
  /** Newest first; all of them without a limit. */
  texts(limit?: number): string[]
}

/** At most `eventsMax` events with `bytesMax` of text, in UTF-16 units; the newest one is there however long it is. */
export function createEventState({
  eventsMax,
  bytesMax,
}: {
  eventsMax: number
  bytesMax: number
}): EventState {
  // A ring: the oldest event is at `first`, and `count` of them follow from there.
  let ring: (ListedEvent | undefined)[] = []
  let first = 0
  let count = 0
  let bytes = 0
  const oldestFirst = (): ListedEvent[] =>
    Array.from({ length: count }, (_, index) => ring[(first + index) % eventsMax] as ListedEvent)
  function dropOldest(): void {
    bytes -= ring[first]?.text.length ?? 0
    ring[first] = undefined
    first = (first + 1) % eventsMax
    count -= 1
  }
  function append(event: ListedEvent): void {
    const length = event.text.length
    while (count > 0 && (count === eventsMax || bytes + length > bytesMax)) dropOldest()
    ring[(first + count) % eventsMax] = event
    count += 1
    bytes += length
  }
  function replace(events: ListedEvent[]): void {
    ring = []
    first = 0
    count = 0
    bytes = 0
    for (const event of events) append(event)
  }
  return {
    add(eventType, event) {
      if (eventType === 'run_started') replace([])
      append(event)
    },
    forget(runIds) {
      replace(runIds === null ? [] : oldestFirst().filter(({ runId }) => !runIds.has(runId)))
    },
    texts(limit = count) {
      return oldestFirst()
        .toReversed()
        .slice(0, limit)
        .map(({ text }) => text)
    },
  }
}
