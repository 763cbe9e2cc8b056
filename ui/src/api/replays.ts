/** Replays over HTTP. */
import type { ReplayAnswer, ReplayRequestBody } from '../../../src/wire/replay-api.ts'
import { request } from './http.ts'

export function startReplay(body: ReplayRequestBody): Promise<ReplayAnswer> {
  return request('/api/replays', { method: 'POST', body })
}

export function stopReplay(id: string): Promise<ReplayAnswer> {
  return request(`/api/replays/${encodeURIComponent(id)}`, { method: 'DELETE' })
}

export function fetchReplay(id: string): Promise<ReplayAnswer> {
  return request(`/api/replays/${encodeURIComponent(id)}`)
}

/** Tells of the progress until the replay ends; returns what stops the watching. */
export function watchReplay(id: string, told: (status: ReplayAnswer) => void, lost: () => void): () => void {
  const source = new EventSource(`/api/replays/${encodeURIComponent(id)}`)
  source.addEventListener('progress', (event) => {
    const status: ReplayAnswer = JSON.parse(event.data)
    told(status)
    // The server ends the stream here; without this the browser would ask for it again.
    if (status.state !== 'running') source.close()
  })
  source.onerror = () => {
    source.close()
    lost()
  }
  return () => source.close()
}
