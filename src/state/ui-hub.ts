/**
 * The UIs that are connected, by TCP or WebSocket. A message is encoded once for all of them, and not at all when nobody takes
 * it: a watcher, such as the server's own page, hears that something has changed and asks for what it shows.
 */

/** A message on its way out. */
export interface UiMessage {
  readonly json: string
  /** A newer message of the same slot takes the place of one that still waits; null never gives way. */
  readonly slot: string | null
  /** What a client that is behind gets in place of this message: it is then as new as can be. */
  readonly latest: Latest | null
  /** The message as a line, made once. */
  line(): Uint8Array
}

/** Encodes a message anew; null when there is nothing to tell any more. Never rejects. */
export type Latest = () => Promise<string | null>

export interface UiClient {
  send(message: UiMessage): void
  /** The server stops. */
  end(): void
}

export interface UiWatcher {
  changed(): void
  /** The server stops. */
  end(): void
}

export interface UiHub {
  /** Returns how to leave. */
  join(client: UiClient): () => void
  /** Lets a client in that only hears that something has changed. Returns how to leave. */
  watch(watcher: UiWatcher): () => void
  /** Tells the watchers that something has changed; {@link broadcast} does so, too. */
  changed(): void
  broadcast(message: UiMessage): void
  /** Who takes messages, watchers left out. */
  count(): number
  /** Everybody who is connected. */
  connected(): number
  /** Ends every UI that is connected. */
  endAll(): void
}

export function createUiHub(): UiHub {
  const clients = new Set<UiClient>()
  const watchers = new Set<UiWatcher>()
  const changed = (): void => {
    for (const watcher of watchers) watcher.changed()
  }
  return {
    join(client) {
      clients.add(client)
      return () => clients.delete(client)
    },
    watch(watcher) {
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },
    changed,
    broadcast(message) {
      for (const client of clients) client.send(message)
      changed()
    },
    count: () => clients.size,
    connected: () => clients.size + watchers.size,
    endAll() {
      for (const client of [...clients, ...watchers]) client.end()
    },
  }
}

export function uiMessage(json: string, slot: string | null, latest: Latest | null = null): UiMessage {
  let bytes: Uint8Array | undefined
  return {
    json,
    slot,
    latest,
    line: () => {
      bytes ??= Buffer.from(`${json}\n`)
      return bytes
    },
  }
}

/** Where messages give way to newer ones. */
export const SLOTS = {
  list: 'list',
  graph: (sessionId: string) => `graph ${sessionId}`,
  colors: (sessionId: string) => `colors ${sessionId}`,
  news: 'news',
} as const
