/** The node that is being worked on after the event `ordinal`: the one of the latest step that has not ended. Pure. */
import { begunBy, endedBy } from '../../../fold/node-story.ts'
import type { Span } from '../../../fold/span-pairing.ts'

/** How far back an open step is looked for; older ones were most likely abandoned. */
const SPANS_MAX = 2_000

export function activeNodeAt(spans: readonly Span[], ordinal: number): string | undefined {
  let looked = 0
  for (let index = spans.length - 1; index >= 0 && looked < SPANS_MAX; index -= 1) {
    const span = spans[index]
    if (span === undefined || !begunBy(span, ordinal)) continue
    looked += 1
    if (!endedBy(span, ordinal) && span.node !== undefined) return span.node
  }
  return undefined
}
