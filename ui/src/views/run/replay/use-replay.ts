/** The replay of the open run: whether one runs, how far it is, and how it is begun and ended. */
import { notifications } from '@mantine/notifications'
import { useCallback, useEffect, useState } from 'react'
import type { ReplayAnswer } from '../../../../../src/wire/replay-api.ts'
import { sentenceOf } from '../../../api/http.ts'
import { startReplay, stopReplay, watchReplay } from '../../../api/replays.ts'
import { useNews } from '../../../live/live-context.tsx'
import type { News } from '../../../live/live-hub.ts'

export const REPLAY_SPEEDS = [1, 2, 5, 10, 50, 'max'] as const
export type ReplaySpeed = (typeof REPLAY_SPEEDS)[number]

export interface ReplayControl {
  /** What is known of the replay that runs or ran last; undefined when there was none. */
  status: ReplayAnswer | undefined
  begin(speed: ReplaySpeed): Promise<void>
  end(): Promise<void>
  dismiss(): void
}

export function useReplay(runId: string): ReplayControl {
  const [status, setStatus] = useState<ReplayAnswer>()
  const [watched, setWatched] = useState<string>()

  // A replay of this run that somebody else began is shown as well.
  const heard = useCallback(
    (news: News) => {
      if (news.kind !== 'control' || news.message.kind !== 'replay_started') return
      if (news.message.run_id === runId) setWatched(news.message.replay_id)
    },
    [runId],
  )
  useNews(heard)

  useEffect(() => {
    if (watched === undefined) return
    return watchReplay(watched, setStatus, () => setWatched(undefined))
  }, [watched])

  return {
    status,
    async begin(speed) {
      try {
        const begun = await startReplay({ run_id: runId, speed })
        setStatus(begun)
        setWatched(begun.id)
      } catch (error) {
        sayFailed('The replay could not begin', error)
      }
    },
    async end() {
      if (status === undefined) return
      try {
        setStatus(await stopReplay(status.id))
      } catch (error) {
        sayFailed('The replay could not be ended', error)
      }
    },
    dismiss() {
      setStatus(undefined)
      setWatched(undefined)
    },
  }
}

// internal

function sayFailed(title: string, error: unknown): void {
  notifications.show({ title, message: sentenceOf(error), color: 'red' })
}
