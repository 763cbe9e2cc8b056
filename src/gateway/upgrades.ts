/** WebSocket connections, as realtime APIs use them: passed on byte for byte, shown when they have ended, not cached. */
import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ProgramRequest } from './call-recording.ts'
import { headerLines, upgradeHeaders } from './headers.ts'
import { failToPassOn, type PassedOn, passAnswerOn, showPassedOn } from './pass-through.ts'
import { refuse } from './refusals.ts'
import { abandonSignal } from './relay.ts'
import type { RequestDeps } from './requests.ts'
import type { GatewaySession } from './session.ts'
import { routed, targetOf } from './targets.ts'
import type { Connection } from './upstream.ts'

/** Whether a request asks to go on as a WebSocket. Others that ask for another protocol are served without it, as HTTP allows. */
export function asksForWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket'
}

/** Serves one connection to its end. Faults are thrown. */
export async function handleUpgrade(
  deps: RequestDeps,
  incoming: IncomingMessage,
  program: Connection,
): Promise<void> {
  // What it means for the connection is seen at its end.
  program.socket.on('error', () => {})
  const response = responseOn(incoming, program.socket)
  const target = asksForWebSocket(incoming) ? routed(targetOf(deps.sessions, incoming)) : NO_WEB_SOCKET
  if ('status' in target) return refuse(response, target.status, `ao-server: ${target.message}`)
  const call = { ...target, incoming, response }
  const started = deps.now()
  const passed = await passOn(deps, call, program)
  showPassedOn(deps, call, { started, body: null, passed })
  response.end()
}

// internal

/** For answers that are no connection: the server has handed the socket over, and takes none for it. */
function responseOn(incoming: IncomingMessage, socket: Duplex): ServerResponse {
  const response = new ServerResponse(incoming)
  response.shouldKeepAlive = false
  response.assignSocket(socket as Socket)
  response.once('finish', () => (socket as Socket).destroySoon())
  return response
}

/** Node before 24.9 asks nobody whether a request may change its protocol. */
const NO_WEB_SOCKET = { status: 501, message: 'the gateway knows no other protocol than WebSocket' }

async function passOn(deps: RequestDeps, call: ProgramRequest, program: Connection): Promise<PassedOn> {
  const { incoming, response, session, url } = call
  const headers = upgradeHeaders(incoming.rawHeaders, { host: url.host, protocol: 'websocket' })
  const signal = abandonSignal(program.socket, { session, isDone: () => false })
  const request = { url, method: 'GET', headers, body: null, proxy: session.proxy, signal }
  try {
    const { answer, connection } = await deps.upstream.upgrade(request)
    if (connection === undefined) return await passAnswerOn(deps, answer, response)
    response.detachSocket(program.socket as Socket)
    program.socket.write(headOf(answer), 'latin1')
    const to_show = await carry(program, connection, session)
    return { status: answer.statusCode ?? null, contentType: '', to_show }
  } catch (error) {
    return failToPassOn(call, error)
  }
}

function headOf({ statusCode, statusMessage, rawHeaders }: IncomingMessage): string {
  return `HTTP/1.1 ${statusCode} ${statusMessage}\r\n${headerLines(rawHeaders)}\r\n`
}

interface Carried {
  bytes_sent: number
  bytes_received: number
}

/** Carries what each side says to the other, until both have ended or the session has. */
async function carry(
  program: Connection,
  provider: Connection,
  session: Pick<GatewaySession, 'whenClosed'>,
): Promise<Carried> {
  const sockets = [program.socket, provider.socket]
  const stay = session.whenClosed(() => {
    for (const socket of sockets) socket.destroy()
  })
  const [bytes_sent, bytes_received] = await Promise.all([
    carryOneWay(program, provider.socket),
    carryOneWay(provider, program.socket),
  ])
  stay()
  return { bytes_sent, bytes_received }
}

/** Resolves with the number of bytes when `from` is closed. */
function carryOneWay({ socket: from, head }: Connection, to: Duplex): Promise<number> {
  let bytes = head.length
  to.write(head)
  from.on('data', (chunk: Buffer) => {
    bytes += chunk.length
  })
  from.pipe(to)
  // Its end says what the error would.
  from.on('error', () => {})
  return new Promise((resolve) => {
    const finish = () => {
      // What it said last still goes out; what is said to it has no receiver any more.
      to.end(() => to.destroy())
      to.resume()
      resolve(bytes)
    }
    if (from.closed) finish()
    else from.once('close', finish)
  })
}
