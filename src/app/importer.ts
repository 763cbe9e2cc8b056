/** The import's side of the composition: how a line is decoded and where its events go. */
import { namesItself } from '../domain/event-text.ts'
import { createAnonymousRuns } from '../ingest/anonymous-runs.ts'
import { decodeBytes } from '../ingest/incoming.ts'
import type { Pipeline } from '../ingest/pipeline.ts'
import { type ImportDeps, type ImportedLine, importLines } from '../runs/import.ts'
import type { RejectedRow } from '../store/event-writer.ts'
import type { Reader, Writer } from '../store/thread.ts'
import type { ImportAnswer } from '../wire/import-api.ts'
import type { Limits } from './limits.ts'

export interface ImporterParts {
  reader: Reader
  writer: Writer
  pipeline: Pipeline
  limits: Limits
}

/** A function that imports lines of NDJSON through the one write path. */
export function createImporter({ reader, writer, pipeline, limits }: ImporterParts) {
  return (lines: AsyncIterable<ImportedLine>): Promise<ImportAnswer> =>
    importLines<RejectedRow>(lines, {
      reader,
      decode: (line, number) => decode(line, number, limits),
      anonymousRuns: createAnonymousRuns(null),
      ingest: (batch) => pipeline.ingest({ ...batch, advance: null, compareStored: true }),
      whenReady: () => pipeline.whenReady(),
      end: () => writer.call('endComparison', null),
      limits,
    })
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
