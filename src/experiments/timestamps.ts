/**
 * Times as the shared file has them: `YYYY-MM-DD HH:MM:SS.ffffff` in the zone of this machine, as Python's
 * `datetime.now()` gives them. They order experiments, so no two are equal.
 */

export interface Clock {
  /** For the shared tables. */
  stored(): string
  /** For tables and answers of ours: ISO 8601 in UTC. */
  iso(): string
}

/** `now` gives milliseconds since the epoch. */
export function createClock(now: () => number = Date.now): Clock {
  let lastMicros = 0
  return {
    stored() {
      lastMicros = Math.max(lastMicros + 1, now() * 1_000)
      return storedTime(lastMicros)
    },
    iso: () => new Date(now()).toISOString(),
  }
}

/** A stored time as ISO 8601 without an offset, the form of the experiment list. */
export function listedTime(stored: string): string {
  return stored.replace(' ', 'T')
}

/** A stored time in UTC; a text that is no time stays as it is. */
export function utcTime(stored: string): string {
  const time = new Date(listedTime(stored))
  return Number.isNaN(time.getTime()) ? stored : time.toISOString()
}

// internal

function storedTime(micros: number): string {
  const time = new Date(Math.floor(micros / 1_000))
  const two = (value: number): string => String(value).padStart(2, '0')
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`
  const fraction = (micros % 1_000_000).toString().padStart(6, '0')
  return `${date} ${clock}.${fraction}`
}
