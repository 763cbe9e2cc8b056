/** Passes bodies on as they come, and keeps what has to be looked at afterwards. */
import type { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { returnedHeaders } from './headers.ts'
import type { GatewaySession } from './session.ts'

export interface RelayedAnswer {
  /** `whole`: all of it was passed on, and the caller ends the answer. Else the program's connection has ended. */
  end: 'whole' | 'provider_broke_off' | 'program_left'
  /** What came, as it was on the wire; undefined when it was more than `keptBytesMax`. */
  body: Buffer | undefined
}

/**
 * Passes the provider's answer on to the program, byte for byte and no faster than the program reads. When the provider
 * breaks off, so does the answer to the program, which can then see what it would have seen without a gateway.
 */
export function relayAnswer(
  answer: IncomingMessage,
  to: ServerResponse,
  keptBytesMax: number,
): Promise<RelayedAnswer> {
  to.writeHead(answer.statusCode ?? 502, answer.statusMessage, returnedHeaders(answer.rawHeaders))
  // With the first part of the body where that is here already, and without it where the provider takes its time.
  const flushing = setImmediate(() => to.flushHeaders())
  const kept = createKeep(keptBytesMax)
  return new Promise((resolve) => {
    const finish = (end: RelayedAnswer['end']) => {
      clearImmediate(flushing)
      if (end === 'provider_broke_off') {
        to.flushHeaders()
        to.destroy()
      }
      if (end === 'program_left') answer.destroy()
      resolve({ end, body: kept.bytes() })
    }
    answer.on('data', (chunk: Buffer) => {
      kept.add(chunk)
      if (!to.write(chunk)) answer.pause()
    })
    to.on('drain', () => answer.resume())
    to.once('close', () => finish('program_left'))
    answer.once('end', () => finish('whole'))
    answer.once('error', () => finish('provider_broke_off'))
    answer.once('aborted', () => finish('provider_broke_off'))
  })
}

export interface ReadBody {
  parts: Buffer[]
  /** False when there is more than was read. */
  whole: boolean
}

/** Reads a request's body up to a limit; what is beyond it stays in the stream, paused. */
export function readBody(request: IncomingMessage, bytesMax: number): Promise<ReadBody> {
  const parts: Buffer[] = []
  let bytes = 0
  return new Promise((resolve, reject) => {
    const done = (whole: boolean) => {
      request.off('data', onData).off('end', onEnd).off('close', onClose)
      if (!whole) request.pause()
      resolve({ parts, whole })
    }
    const onData = (chunk: Buffer) => {
      parts.push(chunk)
      bytes += chunk.length
      if (bytes > bytesMax) done(false)
    }
    const onEnd = () => done(true)
    const onClose = () =>
      reject(new Error('the program closed its connection before the request was complete'))
    request.on('data', onData).once('end', onEnd).once('close', onClose)
  })
}

/** Watches a body that somebody else reads, and keeps its beginning. */
export function keepBody(body: IncomingMessage, bytesMax: number): { bytes(): Buffer | undefined } {
  const kept = createKeep(bytesMax)
  body.on('data', (chunk: Buffer) => kept.add(chunk))
  return kept
}

/** Aborted when a program's connection closes before `isDone`, and when its session does. */
export function abandonSignal(
  connection: EventEmitter,
  { session, isDone }: { session: Pick<GatewaySession, 'whenClosed'>; isDone: () => boolean },
): AbortSignal {
  const controller = new AbortController()
  const stay = session.whenClosed(() => controller.abort())
  connection.once('close', () => {
    stay()
    if (!isDone()) controller.abort()
  })
  return controller.signal
}

// internal

function createKeep(bytesMax: number) {
  let parts: Buffer[] = []
  let bytes = 0
  return {
    add(chunk: Buffer): void {
      bytes += chunk.length
      if (bytes <= bytesMax) parts.push(chunk)
      else parts = []
    },
    /** undefined when there was more than the limit. */
    bytes: (): Buffer | undefined => (bytes > bytesMax ? undefined : Buffer.concat(parts)),
  }
}
