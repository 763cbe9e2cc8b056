/** The import's side of the composition: how a line is decoded and where its events go. */
import { namesItself } from '../domain/event-text.ts'
import { createAnonymousRuns } from '../ingest/anonymous-runs.ts'
import type { Comparisons } from '../ingest/comparisons.ts'
import { decodeBytes } from '../ingest/incoming.ts'
import type { Pipeline } from '../ingest/pipeline.ts'
import { type ImportDeps, type ImportedLine, importLines } from '../runs/import.ts'
import type { RejectedRow } from '../store/event-writer.ts'
import type { Reader } from '../store/thread.ts'
import type { ImportAnswer } from '../wire/import-api.ts'
import type { Limits } from './limits.ts'

export interface ImporterParts {
  reader: Reader
  pipeline: Pipeline
  comparisons: Comparisons
  limits: Limits
}

/** A function that imports lines of NDJSON through the one write path. */
export function createImporter({ reader, pipeline, comparisons, limits }: ImporterParts) {
  return (lines: AsyncIterable<ImportedLine>): Promise<ImportAnswer> => {
    const comparison = comparisons.begin()
    return importLines<RejectedRow>(lines, {
      reader,
      decode: (line, number) => decode(line, number, limits),
      anonymousRuns: createAnonymousRuns(null),
      ingest: (batch) => pipeline.ingest({ ...batch, advance: null, compareStored: true }),
      async whenReady(runIds) {
        await comparison.prepare(runIds)
        await pipeline.whenReady()
      },
      end: () => comparison.end(),
      limits,
    })
  }
}

// internal

function decode(
  line: ImportedLine,
  number: number,
  limits: Limits,
): ReturnType<ImportDeps<RejectedRow>['decode']> {
  const origin = {
    source: () => 'import',
    entry: () => `import ${number}`,
    timestamp: () => new Date().toISOString(),
  }
  const decoded = decodeBytes(line.bytes, origin, limits)
  if (!decoded.ok) {
    const rejected = { ...decoded.rejected, bytes: line.length }
    return { ok: false, rejected, reason: rejected.reason }
  }
  const { event, text } = decoded.incoming
  // Derived ids look like this; the others need no second look.
  const isUnnamed = /^[0-9a-f]{32}$/.test(event.event_id) && !namesItself(text)
  return { ok: true, incoming: decoded.incoming, isUnnamed }
}
