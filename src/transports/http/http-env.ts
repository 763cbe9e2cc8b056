/** What a route handler finds in its context. */
import type { HttpBindings } from '@hono/node-server'

export interface HttpEnv {
  Bindings: HttpBindings
}
