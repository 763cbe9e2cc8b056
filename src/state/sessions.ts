/**
 * The live side of experiments: which run, and through which connection. Nothing of it is stored: after a start every
 * experiment is finished until its runner comes.
 *
 * A session belongs to the connection that registered it last. When a runner comes again for a session that another
 * connection still holds, the new one takes it over, and the end of the old one changes nothing.
 */

/** A runner's connection, as far as sessions need it. */
export interface RunnerLink {
  /** Sends an encoded message. */
  send(json: string): void
}

export type SessionStatus = 'running' | 'finished'

export interface Sessions {
  /** The session runs, through this connection. */
  attach(sessionId: string, parentId: string, link: RunnerLink): void
  /** The session runs although nobody is connected yet: its program is being started. */
  expect(sessionId: string, parentId: string): void
  /** The session has ended; its runner may still be connected. False when it was not running. */
  finish(sessionId: string): boolean
  /**
   * The connection has ended: its sessions are finished, with their subruns and their parents, whichever connection those have
   * (runner protocol). Returns those that were running. A parent that a runner came for after the subrun runs anew and stays.
   */
  detach(link: RunnerLink): string[]
  /** Calls `listener` with each session that runs no more, whatever ended it. */
  whenEnded(listener: (sessionId: string) => void): void
  statusOf(sessionId: string): SessionStatus
  /** The connection of a running session; undefined when there is none. */
  runnerOf(sessionId: string): RunnerLink | undefined
  /** Whether the session was registered last by this connection, running or not. */
  isOwnedBy(sessionId: string, link: RunnerLink): boolean
  /** Every session of this connection, running or not. */
  ownedBy(link: RunnerLink): string[]
  running(): string[]
  /** Forgets sessions that were deleted. */
  forget(sessionIds: Iterable<string>): void
}

/** `since` orders sessions by when their runners came. */
type Session = { parentId: string; since: number } & (
  | { state: 'expected' }
  | { state: 'running'; link: RunnerLink }
  /** Ended by its runner, which is still connected. */
  | { state: 'ended'; link: RunnerLink }
)

export function createSessions(): Sessions {
  const sessions = new Map<string, Session>()
  const byLink = new Map<RunnerLink, Set<string>>()
  const listeners: ((sessionId: string) => void)[] = []
  let came = 0

  const linkOf = (session: Session | undefined): RunnerLink | undefined =>
    session === undefined || session.state === 'expected' ? undefined : session.link

  function set(sessionId: string, session: Session | undefined): void {
    const wasRunning = isRunning(sessionId)
    const before = linkOf(sessions.get(sessionId))
    if (before !== undefined) byLink.get(before)?.delete(sessionId)
    if (session === undefined) sessions.delete(sessionId)
    else sessions.set(sessionId, session)
    const link = linkOf(session)
    if (link !== undefined) byLink.set(link, (byLink.get(link) ?? new Set()).add(sessionId))
    if (wasRunning && !isRunning(sessionId)) for (const listener of listeners) listener(sessionId)
  }

  /** The subruns and parents of sessions that end. A subrun that waits for its program ends with its parent's. */
  function relativesOf(ended: ReadonlySet<string>): string[] {
    const parents = new Map<string, number>()
    for (const id of ended) {
      const { parentId, since } = sessions.get(id) as Session
      parents.set(parentId, Math.max(since, parents.get(parentId) ?? 0))
    }
    return [...sessions]
      .filter(
        ([id, session]) =>
          !ended.has(id) && (ended.has(session.parentId) || session.since < (parents.get(id) ?? 0)),
      )
      .map(([id]) => id)
  }

  const isRunning = (sessionId: string): boolean => {
    const state = sessions.get(sessionId)?.state
    return state === 'running' || state === 'expected'
  }

  function finish(sessionId: string): boolean {
    const session = sessions.get(sessionId)
    if (session === undefined || session.state === 'ended') return false
    set(sessionId, session.state === 'running' ? { ...session, state: 'ended' } : undefined)
    return true
  }

  return {
    attach: (sessionId, parentId, link) =>
      set(sessionId, { parentId, since: ++came, state: 'running', link }),
    expect: (sessionId, parentId) => set(sessionId, { parentId, since: ++came, state: 'expected' }),
    finish,
    detach(link) {
      const owned = byLink.get(link) ?? new Set()
      const relatives = relativesOf(owned)
      const ended = [...owned].filter(isRunning)
      for (const sessionId of [...owned]) set(sessionId, undefined)
      byLink.delete(link)
      return [...ended, ...relatives.filter(finish)]
    },
    whenEnded: (listener) => void listeners.push(listener),
    statusOf: (sessionId) => (isRunning(sessionId) ? 'running' : 'finished'),
    runnerOf(sessionId) {
      const session = sessions.get(sessionId)
      return session?.state === 'running' ? session.link : undefined
    },
    isOwnedBy: (sessionId, link) => byLink.get(link)?.has(sessionId) ?? false,
    ownedBy: (link) => [...(byLink.get(link) ?? [])],
    running: () => [...sessions.keys()].filter(isRunning),
    forget(sessionIds) {
      for (const sessionId of sessionIds) set(sessionId, undefined)
    },
  }
}
