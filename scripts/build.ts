/** `npm run build`: everything that running from the checkout needs, in `dist/`. */
import { join } from 'node:path'
import { buildAll } from './build/all.ts'

await buildAll(join(import.meta.dirname, '..'))
