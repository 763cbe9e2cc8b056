import type { DemoAnswer } from '../../../src/wire/demo-api.ts'
import { request } from './http.ts'

/** Has the server play an invented run, as `ao-server demo` does. */
export function playDemo(): Promise<DemoAnswer> {
  return request('/api/demo', { method: 'POST' })
}
