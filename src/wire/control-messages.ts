/**
 * The server's own messages on `/ws/events?control=1`, and the codes with which it closes that socket. Clients that do
 * not ask never see the messages; the codes are in the range that RFC 6455, section 7.4.2, leaves to applications.
 */

export type ControlMessage =
  /** Runs or everything were deleted; `run_ids` null means all. */
  | { type: 'ao_control'; kind: 'cleared'; run_ids: string[] | null }
  | { type: 'ao_control'; kind: 'replay_started'; replay_id: string; run_id: string }
  | {
      type: 'ao_control'
      kind: 'replay_ended'
      replay_id: string
      run_id: string
      outcome: 'finished' | 'stopped' | 'failed'
    }
  /** Sent once, after the history and before the first live event. `last_event_id` is null when nothing is stored. */
  | { type: 'ao_control'; kind: 'live'; last_event_id: string | null }

/** A control message without its constant `type`. */
export type ControlNotice = ControlMessage extends infer M
  ? M extends ControlMessage
    ? Omit<M, 'type'>
    : never
  : never

export function encodeControl(notice: ControlNotice): string {
  return JSON.stringify({ type: 'ao_control', ...notice })
}

export const CLOSE_CODES = {
  /** The server stops; connect again later. */
  goingAway: { code: 1001, reason: 'server is stopping' },
  /** The client does not read as fast as events come; connect again with ?after=<last event_id seen>. */
  tooSlow: { code: 4001, reason: 'too slow: resume with ?after=<event_id>' },
  /** The event named by ?after= is not among those remembered; load the state anew. */
  reload: { code: 4002, reason: 'reload: event is not known any more' },
  /** A limit on connections was reached. */
  tooMany: { code: 4003, reason: 'too many clients' },
} as const
export type CloseCode = keyof typeof CLOSE_CODES
