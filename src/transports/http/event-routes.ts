/**
 * Publishing events by HTTP: one event, a JSON array, or newline-delimited JSON of any length. The answer comes after the
 * commit and says of every event that was refused why; those are kept, too.
 */
import { randomUUID } from 'node:crypto'
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import { AppError } from '../../domain/errors.ts'
import type { Batcher, BatchPart } from '../../ingest/batcher.ts'
import { type Decoded, decodeBytes, type InputLimits } from '../../ingest/incoming.ts'
import type { Reader } from '../../store/thread.ts'
import {
  type IngestAnswer,
  ingestAnswer,
  publishedEvent,
  rejectedList,
  rejectedQuery,
} from '../../wire/event-api.ts'
import type { ByteLine } from '../../wire/ndjson.ts'
import type { HttpEnv } from './http-env.ts'
import { type PublishedTextLimits, publishedTexts } from './published-texts.ts'
import { errorAnswer, jsonContent } from './responses.ts'

export interface EventRoutesDeps {
  batcher: Batcher
  reader: Reader
  limits: InputLimits &
    PublishedTextLimits & {
      rejectedListMax: number
      batchEventsMax: number
      batchBytesMax: number
    }
}

export function addEventRoutes(
  app: OpenAPIHono<HttpEnv>,
  { batcher, reader, limits }: EventRoutesDeps,
): void {
  // Documented, but not parsed as one value: bodies may have any length, and one bad event must not refuse the others.
  app.openAPIRegistry.registerPath(publish)
  app.post(publish.path, async (context) => {
    const publication = createPublication(batcher, limits)
    try {
      for await (const text of publishedTexts(context.req.raw, limits)) await publication.add(text)
      return context.json(await publication.finish(), 202)
    } catch (error) {
      throw publication.interrupted(error)
    }
  })
  app.openapi(rejected, async (context) => {
    const { before, limit } = context.req.valid('query')
    const page = await reader.call('readRejected', { before: before ?? Number.MAX_SAFE_INTEGER, limit })
    const next = page.rows.length === limit ? (page.rows.at(-1)?.id ?? null) : null
    return context.json({ rejected: page.rows, next, total: page.total }, 200)
  })
}

// internal

const publish = createRoute({
  method: 'post',
  path: '/api/events',
  summary:
    'Publish one event, an array of events, or NDJSON of any length, under whatever content type; gzip is understood',
  request: {
    body: {
      required: true,
      content: {
        'application/json': { schema: publishedEvent.or(publishedEvent.array()) },
        'application/x-ndjson': { schema: publishedEvent },
      },
    },
  },
  responses: {
    202: jsonContent(ingestAnswer, 'Recorded; `rejected` says which events were refused and why.'),
    400: jsonContent(errorAnswer, 'The body cannot be read.'),
    413: jsonContent(errorAnswer, 'A body that has to be read whole is too long.'),
    503: jsonContent(
      errorAnswer,
      'The database cannot take events now; send again what was not yet accepted.',
    ),
  },
})
const rejected = createRoute({
  method: 'get',
  path: '/api/rejected',
  summary: 'Refused input with its reason, newest first',
  request: { query: rejectedQuery },
  responses: { 200: jsonContent(rejectedList, 'One page.') },
})

/** One request's events on their way: handed on in parts, so that a body of any length takes bounded memory. */
function createPublication(batcher: Batcher, limits: EventRoutesDeps['limits']) {
  const answer: IngestAnswer = { accepted: 0, duplicates: 0, rejected: [] }
  const requestId = randomUUID()
  let part: BatchPart = { events: [], rejected: [] }
  let partBytes = 0
  let index = 0
  let rejections = 0

  async function send(): Promise<void> {
    const sent = part
    part = { events: [], rejected: [] }
    partBytes = 0
    const result = await batcher.add(sent).catch((cause: unknown) => {
      const recorded = answer.accepted + answer.duplicates
      const message = `the database cannot take events now; ${recorded} of this request are recorded, send the rest again`
      throw new AppError('unavailable', message, { cause })
    })
    answer.accepted += result.accepted
    answer.duplicates += result.duplicates.length
  }

  function take(decoded: Decoded): void {
    if (decoded.ok) {
      part.events.push(decoded.incoming)
    } else {
      part.rejected.push(decoded.rejected)
      if (answer.rejected.length < limits.rejectedListMax)
        answer.rejected.push({ index, error: decoded.rejected.reason })
      rejections += 1
    }
    index += 1
  }

  return {
    async add(line: ByteLine): Promise<void> {
      if (isBlank(line.bytes)) return
      const entry = `${requestId} ${index}`
      const origin = { source: () => 'http', entry: () => entry, timestamp: () => new Date().toISOString() }
      const decoded = decodeBytes(line.bytes, origin, limits)
      if (!decoded.ok) decoded.rejected.bytes = line.length
      take(decoded)
      partBytes += line.bytes.length
      const isFull =
        part.events.length + part.rejected.length >= limits.batchEventsMax ||
        partBytes >= limits.batchBytesMax
      if (isFull) await send()
    },
    /** The refusal of a request of which a part may be recorded: it says how much. */
    interrupted(error: unknown): unknown {
      if (!(error instanceof AppError)) return error
      const { accepted, duplicates } = answer
      return new AppError(error.code, error.message, { cause: error, details: { accepted, duplicates } })
    },
    async finish(): Promise<IngestAnswer> {
      if (part.events.length > 0 || part.rejected.length > 0) await send()
      return rejections > answer.rejected.length ? { ...answer, rejected_total: rejections } : answer
    },
  }
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x0d || byte === 0x09)
}
