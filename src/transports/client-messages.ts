/**
 * What becomes of a client's texts, whatever they came on: parsed, handled one after the other, refused with a log line, and with
 * an `error` message where the client asked for it. No text ends the connection.
 */
import { AppError } from '../domain/errors.ts'
import type { Log } from '../domain/log.ts'
import { encodeError, parseMessage, type RequestId } from '../wire/runner-messages.ts'
import type { MessageClient, MessageHandler } from './message-handlers.ts'

export interface ClientMessages {
  /** Handles one text; never rejects. */
  handle(text: string): Promise<void>
  /** Notes something that was no text at all. */
  skip(reason: string): void
}

export interface ClientMessagesDeps {
  client: MessageClient
  handler: MessageHandler
  /** Ours: the client wants to hear of refusals. */
  wantsErrors: boolean
  log: Log
  /** Names of unknown message types that were logged already, by any client. */
  unknownTypes: Set<string>
}

/** Lines of log about one client; a broken one must not fill the log. */
const FAULTS_LOGGED_MAX = 20
const UNKNOWN_TYPES_MAX = 200

export function createClientMessages(deps: ClientMessagesDeps): ClientMessages {
  const { client, log, unknownTypes } = deps
  let faults = 0

  function report(line: string): void {
    faults++
    if (faults <= FAULTS_LOGGED_MAX) log.warn(`${client.role}: ${line}`)
    if (faults === FAULTS_LOGGED_MAX) log.warn(`${client.role}: further faults of this client are not logged`)
  }

  function refuse(code: string, message: string, requestId: RequestId): void {
    report(`message skipped: ${message}`)
    if (deps.wantsErrors) client.answer(encodeError({ code, message, request_id: requestId }))
  }

  function refuseUnknown(type: string, requestId: RequestId): void {
    if (!unknownTypes.has(type) && unknownTypes.size < UNKNOWN_TYPES_MAX) {
      unknownTypes.add(type)
      log.info(`messages of type '${type}' are not known here and are skipped`)
    }
    const message = `messages of type '${type}' are not known here`
    if (deps.wantsErrors) client.answer(encodeError({ code: 'invalid', message, request_id: requestId }))
  }

  return {
    async handle(text) {
      const parsed = parseMessage(text)
      if (!parsed.ok) {
        const { kind, message, request_id } = parsed.error
        if (kind === 'unknown_type') refuseUnknown(message, request_id)
        else refuse('invalid', message, request_id)
        return
      }
      const requestId = 'request_id' in parsed.value ? parsed.value.request_id : undefined
      try {
        await deps.handler(client, parsed.value)
      } catch (error) {
        if (error instanceof AppError)
          return refuse(error.code, `${parsed.value.type}: ${error.message}`, requestId)
        log.error(`${parsed.value.type} failed`, error)
        const message = `${parsed.value.type}: the server could not do this now; its log says why`
        if (deps.wantsErrors)
          client.answer(encodeError({ code: 'unavailable', message, request_id: requestId }))
      }
    },
    skip: (reason) => refuse('invalid', reason, undefined),
  }
}
