/** A WebSocket client that keeps what it gets. */

export interface EventClient {
  readonly texts: string[]
  /** Resolves when `enough` holds of all texts, checked at each message; rejects when the socket closes or after 5 s. */
  waitFor(enough: (texts: string[]) => boolean): Promise<void>
  close(): void
}

/** Connects to the event stream of the server at `url`; resolves when the connection stands. */
export async function collectEvents(url: string, query: string): Promise<EventClient> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/ws/events${query}`)
  const texts: string[] = []
  const checks = new Set<() => void>()
  const failures = new Set<(reason: Error) => void>()
  socket.addEventListener('message', ({ data }) => {
    texts.push(String(data))
    for (const check of checks) check()
  })
  socket.addEventListener('close', ({ code, reason }) => {
    for (const fail of failures) fail(new Error(`the socket was closed with ${code} ${reason}`))
  })
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve())
    socket.addEventListener('error', () => reject(new Error(`no WebSocket at ${socket.url}`)))
  })
  const waitFor = (enough: (all: string[]) => boolean) =>
    new Promise<void>((resolve, reject) => {
      const late = () => reject(new Error(`waited ${WAIT_MS_MAX} ms; ${texts.length} events came`))
      const timer = setTimeout(late, WAIT_MS_MAX)
      const check = () => {
        if (!enough(texts)) return
        clearTimeout(timer)
        checks.delete(check)
        resolve()
      }
      failures.add(reject)
      checks.add(check)
      check()
    })
  return { texts, waitFor, close: () => socket.close() }
}

// internal

const WAIT_MS_MAX = 5_000
